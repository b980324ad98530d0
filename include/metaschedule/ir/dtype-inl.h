// SPDX-License-Identifier: Apache-2.0
// Text form of DType: reading and writing.
#pragma once

#include <charconv>

#include "metaschedule/ir/dtype.h"
#include "metaschedule/support/error.h"

namespace metaschedule {

namespace detail {
struct DTypeName {
  std::string_view prefix;
  TypeCode code;
  int default_bits;
};
/// Longer prefixes stand before their own prefixes.
inline constexpr DTypeName kDTypeNames[] = {
    {"int", TypeCode::Int, 32},
    {"uint", TypeCode::UInt, 32},
    {"float", TypeCode::Float, 32},
    {"handle", TypeCode::Handle, 64},
    {"bfloat", TypeCode::BFloat, 16},
    {"e4m3_float", TypeCode::E4M3Float, 8},
    {"e5m2_float", TypeCode::E5M2Float, 8},
};
}  // namespace detail

METASCHEDULE_INLINE DType DType::parse(std::string_view text) {
  if (text.empty() || text == "void") return void_();
  if (text == "bool") return boolean();
  for (const detail::DTypeName& name : detail::kDTypeNames) {
    if (!text.starts_with(name.prefix)) continue;
    std::string_view rest = text.substr(name.prefix.size());
    int bits = name.default_bits, lanes = 1;
    auto read = [&](int& value) {
      auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
      if (error != std::errc()) return false;
      rest.remove_prefix(static_cast<size_t>(end - rest.data()));
      return true;
    };
    bool good = rest.empty() || rest.front() == 'x' || read(bits);
    if (good && !rest.empty()) {
      bool scalable = rest.starts_with("xvscalex");
      good = rest.front() == 'x';
      rest.remove_prefix(scalable ? 8 : 1);
      good = good && read(lanes) && rest.empty() && lanes >= (scalable ? 2 : 1) && lanes < 32768;
      if (scalable) lanes = -lanes;
    }
    if (good && bits > 0 && bits <= 255) return make(name.code, bits, lanes);
  }
  fail<ValueError>("unknown type {}: expected a data type such as float32, int8x4 or bool", text);
}

METASCHEDULE_INLINE std::string to_string(DType dtype) {
  if (dtype.is_void()) return "void";
  if (dtype == kBool) return "bool";
  if (dtype == DType::handle()) return "handle";
  for (const detail::DTypeName& name : detail::kDTypeNames) {
    if (name.code != dtype.code) continue;
    std::string text(name.prefix);
    if (!dtype.is_handle()) text += std::to_string(dtype.bits);
    if (dtype.is_scalable()) return text + "xvscalex" + std::to_string(dtype.vscale_factor());
    if (dtype.lanes != 1) text += "x" + std::to_string(dtype.lanes);
    return text;
  }
  fail<InternalError>("unknown type code {}", static_cast<int>(dtype.code));
}

}  // namespace metaschedule
