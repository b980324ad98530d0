// SPDX-License-Identifier: Apache-2.0
// Number formats of the interpreter.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "metaschedule/interp/value.h"
#include "metaschedule/ir/float_format.h"
#include "metaschedule/support/error.h"

namespace metaschedule::interp {
namespace detail {

inline FloatFormat format_of(DType dtype) {
  if (auto format = FloatFormat::of(dtype)) return *format;
  fail<TypeError>("interpreter: {} is not a floating type it knows", to_string(dtype));
}

template <class T>
Value load_int(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return of_int(static_cast<int64_t>(v));
}
template <class T>
void store_int(uint8_t* p, Value value) {
  const T v = static_cast<T>(value.i);
  std::memcpy(p, &v, sizeof v);
}
template <class T>
Value load_float(const uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return of_float(v);
}
template <class T>
void store_float(uint8_t* p, Value value) {
  const T v = static_cast<T>(value.f);
  std::memcpy(p, &v, sizeof v);
}
template <TypeCode kCode, int kBits>
Value load_small(const uint8_t* p) {
  uint16_t bits = 0;
  std::memcpy(&bits, p, kBits / 8);
  return of_float(decode(bits, DType::make(kCode, kBits, 1)));
}
template <TypeCode kCode, int kBits>
void store_small(uint8_t* p, Value value) {
  const auto bits = static_cast<uint16_t>(encode(value.f, DType::make(kCode, kBits, 1)));
  std::memcpy(p, &bits, kBits / 8);
}

struct Memory {
  LoadFn load;
  StoreFn store;
};
template <class T>
constexpr Memory kIntMemory = {load_int<T>, store_int<T>};
template <TypeCode kCode, int kBits>
constexpr Memory kSmallMemory = {load_small<kCode, kBits>, store_small<kCode, kBits>};

inline Memory memory_of(DType dtype) {
  if (dtype.is_bool()) return kIntMemory<uint8_t>;
  if (dtype.is_int()) {
    switch (dtype.bits) {
      case 4:
      case 8:
        return kIntMemory<int8_t>;
      case 16:
        return kIntMemory<int16_t>;
      case 32:
        return kIntMemory<int32_t>;
      case 64:
        return kIntMemory<int64_t>;
    }
  } else if (dtype.is_uint()) {
    switch (dtype.bits) {
      case 8:
        return kIntMemory<uint8_t>;
      case 16:
        return kIntMemory<uint16_t>;
      case 32:
        return kIntMemory<uint32_t>;
      case 64:
        return kIntMemory<uint64_t>;
    }
  } else if (dtype.is_float()) {
    switch (dtype.bits) {
      case 16:
        return kSmallMemory<TypeCode::Float, 16>;
      case 32:
        return {load_float<float>, store_float<float>};
      case 64:
        return {load_float<double>, store_float<double>};
    }
  } else if (dtype.is_bfloat16()) {
    return kSmallMemory<TypeCode::BFloat, 16>;
  } else if (dtype.code == TypeCode::E4M3Float && dtype.bits == 8) {
    return kSmallMemory<TypeCode::E4M3Float, 8>;
  } else if (dtype.code == TypeCode::E5M2Float && dtype.bits == 8) {
    return kSmallMemory<TypeCode::E5M2Float, 8>;
  }
  fail<TypeError>("interpreter: no memory layout for elements of {}", to_string(dtype));
}

}  // namespace detail

METASCHEDULE_INLINE double round_to(double v, DType dtype) {
  if (dtype.bits == 64) return v;
  if (dtype.is_float() && dtype.bits == 32) return static_cast<float>(v);
  return detail::format_of(dtype).round(v);
}

METASCHEDULE_INLINE uint64_t encode(double v, DType dtype) {
  const FloatFormat f = detail::format_of(dtype);
  if (f.bits == 64) return std::bit_cast<uint64_t>(v);
  if (f.bits == 32) return std::bit_cast<uint32_t>(static_cast<float>(v));
  const uint64_t sign = std::signbit(v) ? uint64_t{1} << (f.bits - 1) : 0;
  if (std::isnan(v)) return sign | f.nan();
  if (std::isinf(v)) return sign | f.infinity();
  if (v == 0) return sign;
  const double a = std::abs(v);
  const int lowest = 1 - f.bias;
  const int exponent = std::ilogb(a);
  if (exponent < lowest) return sign | static_cast<uint64_t>(std::ldexp(a, f.fraction - lowest));
  const auto mantissa = static_cast<uint64_t>(std::ldexp(a, f.fraction - exponent));
  return sign | static_cast<uint64_t>(exponent + f.bias) << f.fraction |
         (mantissa & f.fraction_ones());
}

METASCHEDULE_INLINE double decode(uint64_t bits, DType dtype) {
  const FloatFormat f = detail::format_of(dtype);
  if (f.bits == 64) return std::bit_cast<double>(bits);
  if (f.bits == 32) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  const uint64_t exponent_ones = f.exponent_ones(), mantissa_ones = f.fraction_ones();
  const uint64_t exponent = bits >> f.fraction & exponent_ones;
  const uint64_t mantissa = bits & mantissa_ones;
  const double sign = bits >> (f.bits - 1) & 1 ? -1.0 : 1.0;
  if (exponent == exponent_ones) {
    if (f.has_infinity && mantissa == 0) return sign * std::numeric_limits<double>::infinity();
    if (f.has_infinity || mantissa == mantissa_ones)
      return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0)
    return sign * std::ldexp(static_cast<double>(mantissa), 1 - f.bias - f.fraction);
  return sign * std::ldexp(static_cast<double>(mantissa | (mantissa_ones + 1)),
                           static_cast<int>(exponent) - f.bias - f.fraction);
}

METASCHEDULE_INLINE Value convert(Value v, DType from, DType to) {
  const bool from_float = from.is_floating();
  if (to.is_floating()) {
    const double exact = from_float ? v.f
                         : from.is_uint() && from.bits == 64
                             ? static_cast<double>(static_cast<uint64_t>(v.i))
                             : static_cast<double>(v.i);
    if (!from_float && to.is_float() && to.bits == 32)  // one rounding, not two
      return of_float(from.is_uint() && from.bits == 64
                          ? static_cast<float>(static_cast<uint64_t>(v.i))
                          : static_cast<float>(v.i));
    return of_float(round_to(exact, to));
  }
  if (!from_float) return of_int(to.is_bool() ? v.i != 0 : wrap(v.i, to));
  if (to.is_bool()) return of_int(v.f != 0);
  if (std::isnan(v.f)) return of_int(0);
  const double t = std::trunc(v.f);
  const int magnitude = to.is_int() ? to.bits - 1 : to.bits;
  const double limit = std::ldexp(1.0, magnitude);
  if (t >= limit) {
    return of_int(
        static_cast<int64_t>(magnitude == 64 ? ~uint64_t{0} : (uint64_t{1} << magnitude) - 1));
  }
  if (to.is_uint()) return of_int(t <= 0 ? 0 : static_cast<int64_t>(static_cast<uint64_t>(t)));
  if (t < -limit) return of_int(-static_cast<int64_t>((uint64_t{1} << magnitude) - 1) - 1);
  return of_int(static_cast<int64_t>(t));
}

METASCHEDULE_INLINE LoadFn loader(DType dtype) { return detail::memory_of(dtype).load; }
METASCHEDULE_INLINE StoreFn storer(DType dtype) { return detail::memory_of(dtype).store; }

}  // namespace metaschedule::interp
