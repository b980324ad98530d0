// SPDX-License-Identifier: Apache-2.0
// The table of primitives.
#pragma once

#include <string_view>
#include <unordered_map>

#include "metaschedule/schedule/primitives/all.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {
template <class... Ps>
std::vector<PrimitiveInfo> describe_all(const std::tuple<Ps...>*) {
  return {metaschedule::describe<Ps>()...};  // not the one for node fields
}
template <const char* PrimitiveInfo::* Name>
std::unordered_map<std::string_view, Opcode> index_by() {
  std::unordered_map<std::string_view, Opcode> out;
  for (size_t i = 0; i < primitives().size(); ++i)
    out.emplace(primitives()[i].*Name, static_cast<Opcode>(i));
  return out;
}
inline Opcode look_up(const std::unordered_map<std::string_view, Opcode>& map,
                      std::string_view name) {
  auto it = map.find(name);
  return it == map.end() ? kUnknownOpcode : it->second;
}
}  // namespace detail

METASCHEDULE_INLINE const std::vector<PrimitiveInfo>& primitives() {
  static const std::vector<PrimitiveInfo> table =
      detail::describe_all(static_cast<AllPrimitives*>(nullptr));
  return table;
}
METASCHEDULE_INLINE Opcode find_primitive(std::string_view kind) {
  static const auto map = [] {
    auto out = detail::index_by<&PrimitiveInfo::kind>();
    // Later spellings of the original.
    for (auto [now, then] : {std::pair<const char*, const char*>{"GetSBlock", "GetBlock"},
                             {"GetChildSBlocks", "GetChildBlocks"},
                             {"GetOutputSBlocks", "GetOutputBlocks"},
                             {"ReorderSBlockIterVar", "ReorderBlockIterVar"},
                             {"TransformSBlockLayout", "TransformBlockLayout"}})
      if (out.count(then)) out.emplace(now, out[then]);
    return out;
  }();
  return detail::look_up(map, kind);
}
METASCHEDULE_INLINE Opcode find_primitive_method(std::string_view method) {
  static const auto map = detail::index_by<&PrimitiveInfo::method>();
  return detail::look_up(map, method);
}
METASCHEDULE_INLINE Opcode enter_postproc_opcode() { return opcode_of<EnterPostproc>; }

}  // namespace metaschedule
