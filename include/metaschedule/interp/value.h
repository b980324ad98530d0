// SPDX-License-Identifier: Apache-2.0
// Scalars of the interpreter: integers as int64 wrapped to their dtype, floats as the double that
// their dtype holds exactly; how they stand in memory.
#pragma once

#include <cstdint>

#include "metaschedule/ir/dtype.h"

namespace metaschedule::interp {

/// One lane. Which member is live follows from the dtype of the expression.
union Value {
  int64_t i;
  double f;
};
inline Value of_int(int64_t v) { return Value{.i = v}; }
inline Value of_float(double v) { return Value{.f = v}; }

/// The integer that remains of `v` in a dtype: two's complement, sign or zero extended.
inline int64_t wrap(int64_t v, DType dtype) {
  if (dtype.bits >= 64) return v;
  const int shift = 64 - dtype.bits;
  const uint64_t up = static_cast<uint64_t>(v) << shift;
  return dtype.is_int() ? static_cast<int64_t>(up) >> shift : static_cast<int64_t>(up >> shift);
}

/// Nearest value of a floating dtype, ties to even; beyond the largest: infinity, or NaN where the
/// dtype has none (float8 e4m3).
double round_to(double v, DType dtype);
/// Bits of a value that `round_to` leaves alone, and back.
uint64_t encode(double v, DType dtype);
double decode(uint64_t bits, DType dtype);

/// Conversion between scalar dtypes: float to integer truncates, saturates, and makes 0 of NaN.
Value convert(Value v, DType from, DType to);

/// Reads and writes one element; bool is a byte that is 0 or 1, an int4 has a byte of its own.
using LoadFn = Value (*)(const uint8_t*);
using StoreFn = void (*)(uint8_t*, Value);
LoadFn loader(DType dtype);
StoreFn storer(DType dtype);

}  // namespace metaschedule::interp
