// SPDX-License-Identifier: Apache-2.0
// Bodies of registry.h.
#pragma once

#include <map>
#include <mutex>

#include "metaschedule/support/config.h"
#include "metaschedule/support/registry.h"

namespace metaschedule {
namespace detail {

struct FunctionTable {
  std::mutex mutex;
  std::map<std::string, NamedFunction, std::less<>> functions;
};
/// Never destroyed: functions of an embedding interpreter may outlive it at exit.
inline FunctionTable& function_table() {
  static FunctionTable* table = new FunctionTable;
  return *table;
}

}  // namespace detail

METASCHEDULE_INLINE void register_function(std::string_view name, NamedFunction function,
                                           bool override) {
  check<ValueError>(static_cast<bool>(function), "`{}`: an empty function cannot be registered",
                    name);
  detail::FunctionTable& table = detail::function_table();
  std::lock_guard lock(table.mutex);
  auto [it, added] = table.functions.try_emplace(std::string(name), function);
  if (!added) {
    check<ValueError>(override, "a function is already registered as `{}`", name);
    it->second = std::move(function);
  }
}

METASCHEDULE_INLINE NamedFunction find_function(std::string_view name) {
  detail::FunctionTable& table = detail::function_table();
  std::lock_guard lock(table.mutex);
  const auto it = table.functions.find(name);
  return it == table.functions.end() ? NamedFunction() : it->second;
}

METASCHEDULE_INLINE bool remove_function(std::string_view name) {
  detail::FunctionTable& table = detail::function_table();
  std::lock_guard lock(table.mutex);
  const auto it = table.functions.find(name);
  if (it == table.functions.end()) return false;
  table.functions.erase(it);
  return true;
}

METASCHEDULE_INLINE std::vector<std::string> function_names() {
  detail::FunctionTable& table = detail::function_table();
  std::lock_guard lock(table.mutex);
  std::vector<std::string> names;
  for (const auto& [name, function] : table.functions) names.push_back(name);
  return names;
}

}  // namespace metaschedule
