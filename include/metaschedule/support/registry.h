// SPDX-License-Identifier: Apache-2.0
// Names to functions of values: how a custom schedule rule, a builder hook or a clean-up function
// is found by its name in the process that calls it.
#pragma once

#include <any>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule {

/// A value of any type; what a function takes and returns is part of its documentation.
using Value = std::any;
using NamedFunction = std::function<Value(const std::vector<Value>&)>;

/// Makes `function` known under `name`. Raises ValueError when the name is taken and `override` is
/// not set. Safe from several threads, as are the others.
void register_function(std::string_view name, NamedFunction function, bool override = false);
/// An empty function when there is none of this name.
NamedFunction find_function(std::string_view name);
/// Forgets a name; true when there was one.
bool remove_function(std::string_view name);
/// All names, sorted.
std::vector<std::string> function_names();

/// Calls the function of this name and reads its result as an `R`. Raises ValueError when there is
/// none and TypeError when it returns something else.
template <class R, class... Args>
R call_function(std::string_view name, Args&&... args) {
  const NamedFunction function = find_function(name);
  check<ValueError>(static_cast<bool>(function), "no function is registered as `{}`", name);
  Value result = function({Value(std::forward<Args>(args))...});
  if constexpr (!std::is_void_v<R>) {
    R* value = std::any_cast<R>(&result);
    check<TypeError>(value != nullptr, "`{}` returned a value of type {}, expected {}", name,
                     result.type().name(), typeid(R).name());
    return std::move(*value);
  }
}

}  // namespace metaschedule
