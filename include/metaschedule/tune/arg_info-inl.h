// SPDX-License-Identifier: Apache-2.0
// Bodies of arg_info.h.
#pragma once

#include "metaschedule/lower/passes.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/arg_info.h"

namespace metaschedule {

METASCHEDULE_INLINE json TensorInfo::as_json() const {
  return json::array({"TENSOR", to_string(dtype), shape});
}

METASCHEDULE_INLINE std::string TensorInfo::str() const {
  return fmt::format("TensorInfo(\"{}\", [{}])", to_string(dtype), fmt::join(shape, ", "));
}

METASCHEDULE_INLINE ArgInfoPtr ArgInfo::from_json(const json& value) {
  const auto expected = [&](bool holds) {
    check<ValueError>(holds, "argument information: expected [\"TENSOR\", dtype, shape], found {}",
                      value.dump());
  };
  expected(value.is_array() && value.size() == 3 && value[0] == "TENSOR" && value[1].is_string() &&
           value[2].is_array());
  std::vector<int64_t> shape;
  for (const json& extent : value[2]) {
    expected(extent.is_number_integer());
    shape.push_back(extent.get<int64_t>());
  }
  return std::make_shared<TensorInfo>(DType::parse(value[1].get<std::string>()), std::move(shape));
}

METASCHEDULE_INLINE std::vector<ArgInfoPtr> ArgInfo::from_prim_func(const PrimFunc& func) {
  std::vector<ArgInfoPtr> out;
  for (const VarRef& param : func.params) {
    const BufferRef buffer = func.buffer_of(param);
    check<ValueError>(static_cast<bool>(buffer),
                      "Unsupported argument type: {}: expected a buffer parameter", param->name);
    std::vector<int64_t> shape;
    for (const Expr& extent : buffer->shape) {
      const auto* constant = as<IntImm>(extent);
      check<ValueError>(constant != nullptr, "the shape of argument {} is not constant",
                        param->name);
      shape.push_back(constant->value);
    }
    out.push_back(std::make_shared<TensorInfo>(buffer->dtype, std::move(shape)));
  }
  return out;
}

METASCHEDULE_INLINE PrimFuncRef entry_func(const IRModule& mod) {
  const PrimFunc* func = find_entry_func(mod);
  check<ValueError>(func != nullptr,
                    "the module has no entry function: expected one marked tir.is_entry_func, one "
                    "named main or exactly one, found {} functions",
                    mod.functions.size());
  return PrimFuncRef(func);
}

METASCHEDULE_INLINE std::vector<ArgInfoPtr> ArgInfo::from_entry_func(const IRModule& mod,
                                                                     bool remove_preproc) {
  PrimFuncRef func = entry_func(mod);
  if (remove_preproc) func = lower::remove_weight_layout_rewrite_block(func);
  return from_prim_func(*func);
}

}  // namespace metaschedule
