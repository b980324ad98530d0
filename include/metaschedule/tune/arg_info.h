// SPDX-License-Identifier: Apache-2.0
// What a compiled program takes: dtype and shape of each argument.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metaschedule/support/json.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule {

class ArgInfo {
 public:
  virtual ~ArgInfo() = default;
  /// `["TENSOR", dtype, [d0, d1, ...]]`.
  virtual json as_json() const = 0;
  /// As a constructor call: `TensorInfo("float32", [1, 2])`.
  virtual std::string str() const = 0;

  /// Raises ValueError for anything but what `as_json` gives.
  static ArgInfoPtr from_json(const json& value);
  /// One entry for each parameter. Raises ValueError for a parameter without buffer or a shape that
  /// is not constant.
  static std::vector<ArgInfoPtr> from_prim_func(const PrimFunc& func);
  /// Those of the entry function: the one marked `tir.is_entry_func`, else `main`, else the only
  /// one; otherwise ValueError. With `remove_preproc`, of the program whose layout-rewriting blocks
  /// are taken out, as it is built.
  static std::vector<ArgInfoPtr> from_entry_func(const IRModule& mod, bool remove_preproc = true);
};

class TensorInfo : public ArgInfo {
 public:
  TensorInfo(DType dtype, std::vector<int64_t> shape) : dtype(dtype), shape(std::move(shape)) {}
  json as_json() const override;
  std::string str() const override;

  DType dtype;
  std::vector<int64_t> shape;
};

/// The entry function of a module, by the rule above.
PrimFuncRef entry_func(const IRModule& mod);

}  // namespace metaschedule
