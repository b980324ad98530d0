// SPDX-License-Identifier: Apache-2.0
// Bodies of compare_outputs.h.
#pragma once

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "metaschedule/support/config.h"
#include "metaschedule/tune/measure/compare_outputs.h"

namespace metaschedule::detail {

template <class T>
T read_as(const std::string& bytes, size_t i) {
  T out;
  std::memcpy(&out, bytes.data() + i * sizeof(T), sizeof(T));
  return out;
}
template <class T>
bool write_as(std::string& bytes, size_t i, T value) {
  std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  return true;
}

inline double half_to_double(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == 31)
    return fraction ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

METASCHEDULE_INLINE std::optional<double> element_at(const std::string& bytes, DType dtype,
                                                     size_t i) {
  if (dtype == DType::float_(32)) return read_as<float>(bytes, i);
  if (dtype == DType::float_(64)) return read_as<double>(bytes, i);
  if (dtype == DType::float_(16)) return half_to_double(read_as<uint16_t>(bytes, i));
  if (dtype.is_bfloat16())
    return std::bit_cast<float>(static_cast<uint32_t>(read_as<uint16_t>(bytes, i)) << 16);
  if (dtype.is_integral() && dtype.is_scalar()) {
    const bool is_signed = dtype.is_int();
    switch (dtype.bits) {
      case 8:
        return is_signed ? read_as<int8_t>(bytes, i) : read_as<uint8_t>(bytes, i);
      case 16:
        return is_signed ? read_as<int16_t>(bytes, i) : read_as<uint16_t>(bytes, i);
      case 32:
        return is_signed ? read_as<int32_t>(bytes, i) : read_as<uint32_t>(bytes, i);
      case 64:
        return static_cast<double>(read_as<int64_t>(bytes, i));
    }
  }
  return std::nullopt;
}

METASCHEDULE_INLINE bool set_element(std::string& bytes, DType dtype, size_t i, int64_t value) {
  if (dtype == DType::float_(32)) return write_as(bytes, i, static_cast<float>(value));
  if (dtype == DType::float_(64)) return write_as(bytes, i, static_cast<double>(value));
  if (dtype.is_bfloat16()) {
    const auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
    return write_as(bytes, i, static_cast<uint16_t>(bits >> 16));
  }
  if (dtype == DType::float_(16)) {
    // Small integers only: 1 to 7 have an exponent of 15 to 17.
    uint16_t bits = 0;
    if (value != 0) {
      const int exponent = std::ilogb(static_cast<double>(std::abs(value)));
      const int fraction = static_cast<int>(std::abs(value)) * (1024 >> exponent) - 1024;
      bits = static_cast<uint16_t>((value < 0 ? 0x8000 : 0) | (exponent + 15) << 10 | fraction);
    }
    return write_as(bytes, i, bits);
  }
  if (dtype.is_integral() && dtype.is_scalar()) {
    switch (dtype.bits) {
      case 8:
        return write_as(bytes, i, static_cast<int8_t>(value));
      case 16:
        return write_as(bytes, i, static_cast<int16_t>(value));
      case 32:
        return write_as(bytes, i, static_cast<int32_t>(value));
      case 64:
        return write_as(bytes, i, value);
    }
  }
  return false;
}

inline double epsilon_of(DType dtype) {
  if (dtype == DType::float_(64)) return std::numeric_limits<double>::epsilon();
  if (dtype == DType::float_(16)) return std::ldexp(1.0, -10);
  if (dtype.is_bfloat16()) return std::ldexp(1.0, -7);
  return dtype.is_integral() ? 0.0 : std::numeric_limits<float>::epsilon();
}

METASCHEDULE_INLINE std::optional<std::string> first_difference(const std::string& expected,
                                                                const std::string& found,
                                                                DType dtype, double operations) {
  if (expected == found) return std::nullopt;
  if (expected.size() != found.size())
    return fmt::format("{} bytes, expected {}", found.size(), expected.size());
  const size_t n = expected.size() / static_cast<size_t>(dtype.bytes());
  double largest = 0;
  for (size_t i = 0; i < n; ++i) {
    const auto value = element_at(expected, dtype, i);
    if (!value) return std::nullopt;
    if (std::isfinite(*value)) largest = std::max(largest, std::abs(*value));
  }
  const double bound = 8 * epsilon_of(dtype) * std::sqrt(std::max(operations, 1.0)) * largest;
  for (size_t i = 0; i < n; ++i) {
    const double a = *element_at(expected, dtype, i), b = *element_at(found, dtype, i);
    const bool agree = a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= bound;
    if (!agree) return fmt::format("element {} is {}, expected {} within {:.3g}", i, b, a, bound);
  }
  return std::nullopt;
}

}  // namespace metaschedule::detail
