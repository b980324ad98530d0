// SPDX-License-Identifier: Apache-2.0
// The registry of tensor intrinsics.
#pragma once

#include <map>
#include <mutex>

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {

namespace detail {

inline TensorIntrinRef parse_intrin(const std::string& name, const IntrinScript& script) {
  ParseOptions options;
  options.file = name;
  return make_tensor_intrin(parse_func("@T.prim_func\n" + script.desc, options),
                            parse_func("@T.prim_func\n" + script.impl, options));
}

struct IntrinTable {
  struct Entry {
    TensorIntrinRef intrin;                // null: not read yet
    std::function<IntrinScript()> script;  // of those that ship
  };
  std::mutex mutex;
  std::map<std::string, Entry, std::less<>> entries;

  IntrinTable() {
    add_intrin_families([this](std::string name, std::function<IntrinScript()> script) {
      entries[std::move(name)] = {nullptr, std::move(script)};
    });
  }
  // Never destroyed: threads may outlive static objects.
  static IntrinTable& get() {
    static auto* table = new IntrinTable();
    return *table;
  }
};

inline void check_intrin_params(const PrimFunc& func, const char* what) {
  for (const VarRef& param : func.params) {
    check<ValueError>(param->dtype.is_handle() && func.buffer_of(param),
                      "TensorIntrin: parameter {} of {} is not a handle with a buffer", param->name,
                      what);
  }
}

}  // namespace detail

METASCHEDULE_INLINE TensorIntrinRef make_tensor_intrin(PrimFuncRef desc, PrimFuncRef impl) {
  check<ValueError>(desc && impl, "TensorIntrin: expected two functions, found None");
  check<ValueError>(desc->params.size() == impl->params.size(),
                    "TensorIntrin: the description has {} parameters, the implementation {}",
                    desc->params.size(), impl->params.size());
  detail::check_intrin_params(*desc, "the description");
  detail::check_intrin_params(*impl, "the implementation");
  Mutable<TensorIntrin> out(new TensorIntrin());
  out->desc = std::move(desc);
  out->impl = std::move(impl);
  return out;
}

METASCHEDULE_INLINE void register_tensor_intrin(const std::string& name, TensorIntrinRef intrin,
                                                bool override) {
  auto& table = detail::IntrinTable::get();
  std::lock_guard lock(table.mutex);
  check<ValueError>(override || !table.entries.count(name),
                    "TensorIntrin '{}' has already been registered", name);
  table.entries[name] = {std::move(intrin), {}};
}

METASCHEDULE_INLINE TensorIntrinRef find_tensor_intrin(std::string_view name) {
  auto& table = detail::IntrinTable::get();
  std::lock_guard lock(table.mutex);
  auto it = table.entries.find(name);
  if (it == table.entries.end()) return nullptr;
  auto& entry = it->second;
  if (!entry.intrin) {
    entry.intrin = detail::parse_intrin(it->first, entry.script());
    entry.script = nullptr;
  }
  return entry.intrin;
}

namespace detail {
inline void register_family(const std::function<void(const AddIntrin&)>& family) {
  auto& table = IntrinTable::get();
  std::lock_guard lock(table.mutex);
  family([&](std::string name, std::function<IntrinScript()> script) {
    table.entries.try_emplace(std::move(name), IntrinTable::Entry{nullptr, std::move(script)});
  });
}
}  // namespace detail

METASCHEDULE_INLINE void register_metal_intrins() {
  detail::register_family(detail::add_metal_intrins);
}
METASCHEDULE_INLINE TensorIntrinRef sme_transpose_intrin(int64_t cols, int64_t rows) {
  return detail::parse_intrin("sme_2svlx2svl_fp32_transpose_interleave",
                              detail::sme_transpose_fp32(cols, rows));
}
METASCHEDULE_INLINE TensorIntrinRef sme_gemm_intrin(int64_t rows, int64_t depth,
                                                    const std::string& dtype) {
  return detail::parse_intrin("sme_2svlx2svl_gemm_interleaved_mopa",
                              detail::sme_gemm(rows, depth, dtype));
}

METASCHEDULE_INLINE void register_rvv_intrins(int64_t register_bits) {
  detail::register_family(
      [&](const AddIntrin& add) { detail::add_rvv_intrins(register_bits, add); });
}

METASCHEDULE_INLINE TensorIntrinRef get_tensor_intrin(std::string_view name) {
  TensorIntrinRef out = find_tensor_intrin(name);
  check<ValueError>(static_cast<bool>(out), "TensorIntrin '{}' is not registered", name);
  return out;
}

METASCHEDULE_INLINE std::vector<std::string> tensor_intrin_names() {
  auto& table = detail::IntrinTable::get();
  std::lock_guard lock(table.mutex);
  std::vector<std::string> out;
  for (const auto& [name, entry] : table.entries) out.push_back(name);
  return out;
}

}  // namespace metaschedule
