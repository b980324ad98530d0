// SPDX-License-Identifier: Apache-2.0
// The bits of floating-point types: what the interpreter, the lowering of small floats and plain C
// make of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "metaschedule/ir/dtype.h"

namespace metaschedule {

/// A binary floating format: a sign, an exponent with a bias, and the stored bits of the fraction.
/// Without infinities the largest exponent holds numbers too, and only all ones are no number.
struct FloatFormat {
  int bits, fraction, bias;
  bool has_infinity;

  /// The format of a type's lanes, or none for types without one.
  static std::optional<FloatFormat> of(DType t) {
    if (t.is_float() && t.bits == 64) return FloatFormat{64, 52, 1023, true};
    if (t.is_float() && t.bits == 32) return FloatFormat{32, 23, 127, true};
    if (t.is_float() && t.bits == 16) return FloatFormat{16, 10, 15, true};
    if (t.is_bfloat16()) return FloatFormat{16, 7, 127, true};
    if (t.code == TypeCode::E4M3Float && t.bits == 8) return FloatFormat{8, 3, 7, false};
    if (t.code == TypeCode::E5M2Float && t.bits == 8) return FloatFormat{8, 2, 15, true};
    return std::nullopt;
  }

  int exponent_bits() const { return bits - 1 - fraction; }
  uint64_t exponent_ones() const { return (uint64_t{1} << exponent_bits()) - 1; }
  uint64_t fraction_ones() const { return (uint64_t{1} << fraction) - 1; }
  /// The bits of infinity, which are those of a number where there is none.
  uint64_t infinity() const { return exponent_ones() << fraction; }
  uint64_t nan() const {
    return infinity() | (has_infinity ? uint64_t{1} << (fraction - 1) : fraction_ones());
  }
  double largest() const {
    const int top = static_cast<int>(exponent_ones()) - (has_infinity ? 1 : 0);
    return std::ldexp(2.0 - std::ldexp(has_infinity ? 1.0 : 2.0, -fraction), top - bias);
  }
  /// The nearest value that has the format, ties to even; beyond the largest, and for infinities
  /// that there are not, infinity or no number.
  double round(double v) const {
    if (v == 0 || std::isnan(v)) return v;
    const double beyond = has_infinity ? std::copysign(std::numeric_limits<double>::infinity(), v)
                                       : std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(v)) return beyond;
    const int unit = std::max(std::ilogb(v), 1 - bias) - fraction;
    const double rounded = std::ldexp(std::nearbyint(std::ldexp(v, -unit)), unit);
    return std::abs(rounded) <= largest() ? rounded : beyond;
  }
};

}  // namespace metaschedule
