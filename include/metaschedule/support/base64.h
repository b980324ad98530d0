// SPDX-License-Identifier: Apache-2.0
// Base64 with the standard alphabet and padding, on one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metaschedule::detail {

inline constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k)
      word = word << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kBase64[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

/// Nothing when the text is not base64 or cut short.
inline std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  uint32_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    size_t digit = i < text.size() - padding ? kBase64.find(text[i]) : 0;
    if (digit == std::string_view::npos) return std::nullopt;
    word = word << 6 | static_cast<uint32_t>(digit);
    if (i % 4 == 3) {
      out += {static_cast<char>(word >> 16), static_cast<char>(word >> 8), static_cast<char>(word)};
      word = 0;
    }
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace metaschedule::detail
