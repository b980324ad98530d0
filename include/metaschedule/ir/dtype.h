// SPDX-License-Identifier: Apache-2.0
// DType: the type of one scalar or vector element, laid out as in DLPack (code, bits, lanes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metaschedule/support/config.h"

namespace metaschedule {

enum class TypeCode : uint8_t {
  Int = 0,
  UInt = 1,
  Float = 2,
  Handle = 3,
  BFloat = 4,
  E4M3Float = 6,
  E5M2Float = 7,
};

/// `lanes` > 1 is a fixed vector; a negative number is a scalable vector of that many lanes for
/// each unit of `vscale`. `bool` is `UInt` of 1 bit; `void` is `Handle` with 0 bits and 0 lanes.
struct DType {
  TypeCode code = TypeCode::Handle;
  uint8_t bits = 0;
  int16_t lanes = 0;

  static constexpr DType int_(int bits, int lanes = 1) { return make(TypeCode::Int, bits, lanes); }
  static constexpr DType uint(int bits, int lanes = 1) { return make(TypeCode::UInt, bits, lanes); }
  static constexpr DType float_(int bits, int lanes = 1) {
    return make(TypeCode::Float, bits, lanes);
  }
  static constexpr DType bfloat16(int lanes = 1) { return make(TypeCode::BFloat, 16, lanes); }
  static constexpr DType boolean(int lanes = 1) { return make(TypeCode::UInt, 1, lanes); }
  static constexpr DType handle() { return make(TypeCode::Handle, 64, 1); }
  static constexpr DType void_() { return {}; }
  static constexpr DType make(TypeCode code, int bits, int lanes) {
    return {code, static_cast<uint8_t>(bits), static_cast<int16_t>(lanes)};
  }
  /// Reads `float32x4`, `bool`, `handle`, `void`, `bfloat16`, `float32xvscalex4`, …; raises
  /// ValueError.
  static DType parse(std::string_view text);

  constexpr bool is_int() const { return code == TypeCode::Int; }
  constexpr bool is_uint() const { return code == TypeCode::UInt; }
  constexpr bool is_integral() const { return is_int() || is_uint(); }
  /// IEEE floats only: bfloat16 and the 8-bit floats are not among them.
  constexpr bool is_float() const { return code == TypeCode::Float; }
  constexpr bool is_bfloat16() const { return code == TypeCode::BFloat && bits == 16; }
  constexpr bool is_float8() const {
    return (code == TypeCode::E4M3Float || code == TypeCode::E5M2Float) && bits == 8;
  }
  constexpr bool is_floating() const { return is_float() || is_bfloat16() || is_float8(); }
  constexpr bool is_bool() const { return code == TypeCode::UInt && bits == 1; }
  constexpr bool is_void() const { return code == TypeCode::Handle && bits == 0 && lanes == 0; }
  constexpr bool is_handle() const { return code == TypeCode::Handle && !is_void(); }
  constexpr bool is_scalar() const { return lanes == 1; }
  constexpr bool is_scalable() const { return lanes < -1; }
  constexpr bool is_vector() const { return lanes > 1 || is_scalable(); }
  constexpr int vscale_factor() const { return -lanes; }
  constexpr DType element() const { return make(code, bits, 1); }
  constexpr DType with_lanes(int n) const { return make(code, bits, n); }
  constexpr DType with_bits(int n) const { return make(code, n, lanes); }
  /// Bytes of one lane, rounded up.
  constexpr int bytes() const { return (bits + 7) / 8; }

  friend constexpr bool operator==(const DType&, const DType&) = default;
};

/// The TVMScript spelling, `void` included.
std::string to_string(DType dtype);

inline constexpr DType kInt32 = DType::int_(32);
inline constexpr DType kInt64 = DType::int_(64);
inline constexpr DType kFloat32 = DType::float_(32);
inline constexpr DType kBool = DType::boolean();

}  // namespace metaschedule
