// SPDX-License-Identifier: Apache-2.0
// Elementary functions as straight-line code on scalars and vectors: a kernel calls no libc, and
// what is here vectorises. Errors in units in the last place are bounded in test_math.cc.
#pragma once

#include <string_view>

#include "emitter.h"

namespace metaschedule::codegen {

class Math {
 public:
  Math(Builder& builder, const Machine& machine) : b_(builder), machine_(machine) {}

  /// The value of a function of one or two arguments on float or double, or vectors of them; null
  /// when there is no code for it.
  llvm::Value* emit(std::string_view name, llvm::ArrayRef<llvm::Value*> args);

 private:
  using V = llvm::Value*;
  // math_f32.cc: single precision, at most 2.5 ulp
  V emit_f32(std::string_view name, V x);
  V exp_f32(V x);
  V exp2_f32(V x);
  V exp10_f32(V x);
  V scaled_exp_f32(V r, V n_bits, bool normal = false);
  V reduced_exp_f32(V x, bool normal);
  V log_f32(V x, bool base2);
  V log1p_f32(V x);
  V tanh_f32(V x);
  V erf_f32(V x);
  V erf_by_table_f32(V x);
  // math_f64.cc: double precision, which also serves the rarer functions of single precision
  V emit_f64(std::string_view name, llvm::ArrayRef<V> args);
  V exp_f64(V x);
  V log_f64(V x);
  V sin_cos_f64(V x, int quarter_turns);
  V atan_f64(V x);
  V atan2_f64(V y, V x);
  V pow_f64(V x, V y);
  V sinh_f64(V x);

  V num(V like, double value);
  V inum(V like_int, int64_t value);
  llvm::Type* int_type(V like);
  /// a * b + c, fused where the machine can.
  V mad(V a, V b, V c);
  V poly(V x, std::initializer_list<double> highest_first);
  V fabs(V x) { return unary(llvm::Intrinsic::fabs, x); }
  V sqrt(V x) { return unary(llvm::Intrinsic::sqrt, x); }
  V copysign(V magnitude, V sign);
  V unary(llvm::Intrinsic::ID id, V x) { return b_.CreateUnaryIntrinsic(id, x); }
  V at_most(V x, double high);
  V clamp(V x, double low, double high);

  Builder& b_;
  const Machine& machine_;
};

}  // namespace metaschedule::codegen
