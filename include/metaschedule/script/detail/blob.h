// SPDX-License-Identifier: Apache-2.0
// The binary parts of the JSON form, in base64: constants and strings that are not printable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "metaschedule/support/base64.h"
#include "metaschedule/support/error.h"

namespace metaschedule::script::detail {

/// The bytes behind a text in base64, which may be broken into lines.
inline std::string blob_of(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  std::optional<std::string> bytes = metaschedule::detail::decode_base64(text);
  check<ParseError>(bytes.has_value(), "a string of bytes is not in base64");
  return std::move(*bytes);
}
inline std::string text_of(std::string_view blob) {
  return metaschedule::detail::encode_base64(blob);
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
