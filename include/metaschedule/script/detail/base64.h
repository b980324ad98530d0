// SPDX-License-Identifier: Apache-2.0
// Base64 of the JSON form: constants and strings that are not printable.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "metaschedule/support/error.h"

namespace metaschedule::script::detail {

inline constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string base64_encode(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kBase64[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

inline std::string base64_decode(std::string_view text) {
  std::string out;
  uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    if (c == '=' || c == '\n' || c == '\r') continue;
    size_t digit = kBase64.find(c);
    check<ParseError>(digit != std::string_view::npos, "'{}' is not a character of base64", c);
    group = group << 6 | static_cast<uint32_t>(digit);
    if ((bits += 6) >= 8) out += static_cast<char>(group >> (bits -= 8) & 255);
  }
  return out;
}

/// Plain numbers after one another, little-endian.
template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}
template <class T>
T take(std::string_view& in) {
  check<ParseError>(in.size() >= sizeof(T), "a constant tensor ends too early");
  T value;
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return value;
}

/// What starts a serialised tensor.
inline constexpr uint64_t kTensorMagic = 0xDD5E40F096B4A13FULL;

}  // namespace metaschedule::script::detail
