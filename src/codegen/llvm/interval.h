// SPDX-License-Identifier: Apache-2.0
// Bounds of integers: just enough to know that an index is not negative.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "metaschedule/ir/dtype.h"

namespace metaschedule::codegen {

/// [min, max]; arithmetic that might overflow gives everything.
struct Interval {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();

  static Interval point(int64_t v) { return {v, v}; }
  static Interval everything() { return {}; }
  static Interval of(DType t) {
    if (!t.is_integral() || t.bits >= 63) {
      return t.is_uint() ? Interval{0, everything().max} : everything();
    }
    if (t.is_uint()) return {0, (int64_t{1} << t.bits) - 1};
    return {-(int64_t{1} << (t.bits - 1)), (int64_t{1} << (t.bits - 1)) - 1};
  }
  bool is_non_negative() const { return min >= 0; }
  bool contains(const Interval& o) const { return min <= o.min && o.max <= max; }
};

inline Interval operator+(const Interval& a, const Interval& b) {
  Interval r;
  if (__builtin_add_overflow(a.min, b.min, &r.min) || __builtin_add_overflow(a.max, b.max, &r.max))
    return Interval::everything();
  return r;
}
inline Interval operator-(const Interval& a, const Interval& b) {
  Interval r;
  if (__builtin_sub_overflow(a.min, b.max, &r.min) || __builtin_sub_overflow(a.max, b.min, &r.max))
    return Interval::everything();
  return r;
}
inline Interval operator*(const Interval& a, const Interval& b) {
  int64_t p[4];
  if (__builtin_mul_overflow(a.min, b.min, &p[0]) || __builtin_mul_overflow(a.min, b.max, &p[1]) ||
      __builtin_mul_overflow(a.max, b.min, &p[2]) || __builtin_mul_overflow(a.max, b.max, &p[3]))
    return Interval::everything();
  return {*std::min_element(p, p + 4), *std::max_element(p, p + 4)};
}
inline int64_t floor_div(int64_t a, int64_t b) {
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}
/// Both for a divisor above zero.
inline Interval floor_div(const Interval& a, int64_t d) {
  return {floor_div(a.min, d), floor_div(a.max, d)};
}
inline Interval floor_mod(const Interval& a, int64_t d) {
  if (a.min >= 0 && a.max < d) return a;
  return {0, d - 1};
}

}  // namespace metaschedule::codegen
