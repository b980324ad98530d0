// SPDX-License-Identifier: Apache-2.0
// Exact helpers on 64-bit integers: floor division, greatest common divisors, checked arithmetic.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>

#include "metaschedule/ir/dtype.h"
#include "metaschedule/ir/node.h"

namespace metaschedule::arith::detail {

inline int64_t floor_div(int64_t a, int64_t b) {
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
inline int64_t floor_mod(int64_t a, int64_t b) {
  int64_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
/// Zero counts as a multiple of everything; never negative.
inline int64_t gcd(int64_t a, int64_t b) {
  if (a == INT64_MIN || b == INT64_MIN) return 1;
  return std::gcd(a, b);
}
inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
  int64_t out;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}
inline std::optional<int64_t> checked_sub(int64_t a, int64_t b) {
  int64_t out;
  if (__builtin_sub_overflow(a, b, &out)) return std::nullopt;
  return out;
}
inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
  int64_t out;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}
/// The value of an arithmetic operation on constants; nothing where int64 overflows or the divisor
/// is zero. Whether it fits the dtype is another question.
inline std::optional<int64_t> exact_value(Kind kind, int64_t x, int64_t y) {
  switch (kind) {
    case Kind::Add:
      return checked_add(x, y);
    case Kind::Sub:
      return checked_sub(x, y);
    case Kind::Mul:
      return checked_mul(x, y);
    default:
      break;
  }
  if (kind == Kind::Min) return std::min(x, y);
  if (kind == Kind::Max) return std::max(x, y);
  if (y == 0 || (y == -1 && x == INT64_MIN)) return std::nullopt;
  if (kind == Kind::Div) return x / y;
  if (kind == Kind::Mod) return x % y;
  return kind == Kind::FloorDiv ? floor_div(x, y) : floor_mod(x, y);
}

/// True when an int of that type holds the value.
inline bool fits(DType t, int64_t v) {
  if (t.is_uint()) return v >= 0 && (t.bits >= 63 || v < (int64_t{1} << t.bits));
  return t.bits >= 64 || (v >= -(int64_t{1} << (t.bits - 1)) && v < (int64_t{1} << (t.bits - 1)));
}
/// The integer types in which indices are written; their arithmetic is taken not to overflow.
inline bool is_index_type(DType t) { return t == kInt32 || t == kInt64; }

}  // namespace metaschedule::arith::detail
