// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: arithmetic on single lanes.
#pragma once

#include <cmath>

#include "metaschedule/interp/compiler.h"

namespace metaschedule::interp::detail {

/// Lanes of a scalar operand are all lane 0.
inline EvalFn lane_of(Code code) {
  if (code.dtype.lanes > 1) return std::move(code.eval);
  return [eval = std::move(code.eval)](Frame& f, int) { return eval(f, 0); };
}

inline int64_t floor_div(int64_t a, int64_t b) {
  const int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
/// Arithmetic of two's complement without undefined overflow.
inline int64_t int_op(Kind kind, int64_t a, int64_t b, DType dtype) {
  const auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  const bool wide_unsigned = dtype.is_uint() && dtype.bits == 64;
  switch (kind) {
    case Kind::Add:
      return static_cast<int64_t>(ua + ub);
    case Kind::Sub:
      return static_cast<int64_t>(ua - ub);
    case Kind::Mul:
      return static_cast<int64_t>(ua * ub);
    case Kind::Min:
      return (wide_unsigned ? ua < ub : a < b) ? a : b;
    case Kind::Max:
      return (wide_unsigned ? ua > ub : a > b) ? a : b;
    default:
      break;
  }
  if (b == 0) fail<RunError>("interpreter: division of {} by zero", a);
  const bool mod = kind == Kind::Mod || kind == Kind::FloorMod;
  if (wide_unsigned) return static_cast<int64_t>(mod ? ua % ub : ua / ub);
  if (b == -1) return mod ? 0 : static_cast<int64_t>(0 - ua);  // the one quotient that overflows
  switch (kind) {
    case Kind::Div:
      return a / b;
    case Kind::Mod:
      return a % b;
    case Kind::FloorDiv:
      return floor_div(a, b);
    default:
      return a - floor_div(a, b) * b;
  }
}
inline double float_op(Kind kind, double a, double b) {
  switch (kind) {
    case Kind::Add:
      return a + b;
    case Kind::Sub:
      return a - b;
    case Kind::Mul:
      return a * b;
    case Kind::Div:
      return a / b;
    case Kind::Min:
      return a < b ? a : b;  // the second operand when one is NaN
    case Kind::Max:
      return a > b ? a : b;
    case Kind::Mod:
      return std::fmod(a, b);
    case Kind::FloorDiv:
      return std::floor(a / b);
    default:
      return a - std::floor(a / b) * b;
  }
}
template <class T>
bool compare_op(Kind kind, T a, T b) {
  switch (kind) {
    case Kind::EQ:
      return a == b;
    case Kind::NE:
      return a != b;
    case Kind::LT:
      return a < b;
    case Kind::LE:
      return a <= b;
    case Kind::GT:
      return a > b;
    default:
      return a >= b;
  }
}

}  // namespace metaschedule::interp::detail
