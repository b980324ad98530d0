// SPDX-License-Identifier: Apache-2.0
// Arithmetic on constants, as the types of the operands define it.
#pragma once

#include <cmath>

#include "metaschedule/ir/op.h"

namespace metaschedule::detail {

/// `value` reduced to the width of the integer type, sign-extended or zero-extended.
inline int64_t wrap_int(DType t, int64_t value) {
  if (t.bits >= 64) return value;
  uint64_t mask = (uint64_t{1} << t.bits) - 1;
  uint64_t low = static_cast<uint64_t>(value) & mask;
  bool negative = t.is_int() && t.bits > 1 && (low >> (t.bits - 1)) != 0;
  return static_cast<int64_t>(negative ? low | ~mask : low);
}

/// The value of a float constant as arithmetic of its type sees it.
inline double round_float(DType t, double value) {
  return t.bits == 32 ? static_cast<double>(static_cast<float>(value)) : value;
}

inline const FloatImm* as_float(const Expr& e) { return as<FloatImm>(e); }
inline bool is_float_const(const Expr& e, double value) {
  const FloatImm* imm = as_float(e);
  return imm && imm->value == value;
}
/// Zero or one as an integer or float constant of any width.
inline bool is_number(const Expr& e, int value) {
  const IntImm* imm = as<IntImm>(e);
  return imm ? imm->value == value : is_float_const(e, value);
}

inline int64_t floor_div_int(int64_t a, int64_t b) {
  int64_t q = a / b;
  return (a % b != 0 && ((a < 0) != (b < 0))) ? q - 1 : q;
}

inline int64_t floor_mod_int(int64_t a, int64_t b) {
  const int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

inline Expr fold_ints(Kind kind, DType t, int64_t x, int64_t y) {
  // Sums and products are computed without a sign, where overflow is defined, and wrapped after.
  auto ux = static_cast<uint64_t>(x), uy = static_cast<uint64_t>(y);
  auto number = [&](int64_t v) { return int_imm(t, wrap_int(t, v)); };
  auto truth = [&](bool v) { return v ? true_() : false_(); };
  bool index_type = t == kInt32 || t == kInt64;
  auto divisor = [&] { check<ValueError>(y != 0, "Divide by zero"); };
  switch (kind) {
    case Kind::Add:
      return number(static_cast<int64_t>(ux + uy));
    case Kind::Sub:
      return number(static_cast<int64_t>(ux - uy));
    case Kind::Mul:
      return number(static_cast<int64_t>(ux * uy));
    case Kind::Div:
      divisor();
      return y == -1 ? number(static_cast<int64_t>(0 - ux)) : number(x / y);
    case Kind::FloorDiv:
      divisor();
      return y == -1 ? number(static_cast<int64_t>(0 - ux)) : number(floor_div_int(x, y));
    case Kind::Mod:
      divisor();
      return index_type ? number(y == -1 ? 0 : x % y) : nullptr;
    case Kind::FloorMod:
      divisor();
      return index_type ? number(y == -1 ? 0 : floor_mod_int(x, y)) : nullptr;
    case Kind::Min:
      return number(std::min(x, y));
    case Kind::Max:
      return number(std::max(x, y));
    case Kind::EQ:
      return truth(x == y);
    case Kind::NE:
      return truth(x != y);
    case Kind::LT:
      return truth(x < y);
    case Kind::LE:
      return truth(x <= y);
    case Kind::GT:
      return truth(x > y);
    case Kind::GE:
      return truth(x >= y);
    case Kind::And:
      return truth(x != 0 && y != 0);
    case Kind::Or:
      return truth(x != 0 || y != 0);
    default:
      return nullptr;
  }
}

inline Expr fold_floats(Kind kind, DType t, double x, double y) {
  auto number = [&](double v) { return Expr(make<FloatImm>(t, v)); };
  auto truth = [&](bool v) { return v ? true_() : false_(); };
  // 16-bit and 8-bit arithmetic is left to the machine; only comparisons of constants fold.
  bool folds = t.is_float() && (t.bits == 32 || t.bits == 64);
  auto arithmetic = [&](double single, double full) -> Expr {
    if (!folds) return nullptr;
    double v = t.bits == 32 ? single : full;
    // An overflow of two finite constants has no literal of its own type other than infinity.
    return number(round_float(t, v));
  };
  auto fx = static_cast<float>(x), fy = static_cast<float>(y);
  switch (kind) {
    case Kind::Add:
      return arithmetic(fx + fy, x + y);
    case Kind::Sub:
      return arithmetic(fx - fy, x - y);
    case Kind::Mul:
      return arithmetic(fx * fy, x * y);
    case Kind::Div:
      check<ValueError>(y != 0, "Divide by zero");
      return arithmetic(fx / fy, x / y);
    case Kind::Min:
      return number(std::min(x, y));
    case Kind::Max:
      return number(std::max(x, y));
    case Kind::EQ:
      return truth(x == y);
    case Kind::NE:
      return truth(x != y);
    case Kind::LT:
      return truth(x < y);
    case Kind::LE:
      return truth(x <= y);
    case Kind::GT:
      return truth(x > y);
    case Kind::GE:
      return truth(x >= y);
    default:
      return nullptr;
  }
}

}  // namespace metaschedule::detail
