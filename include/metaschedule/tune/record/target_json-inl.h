// SPDX-License-Identifier: Apache-2.0
// Bodies of target_json.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/record/target_json.h"

namespace metaschedule::detail {

inline json attribute_to_json(const Node& value) {
  if (const auto* text = as<String>(&value)) return text->value;
  if (const auto* text = as<StringImm>(&value)) return text->value;
  if (const auto* box = as<BoxInt>(&value)) return box->value;
  if (const auto* box = as<BoxBool>(&value)) return box->value;
  if (const auto* box = as<BoxFloat>(&value)) return box->value;
  if (const auto* number = as<FloatImm>(&value)) return number->value;
  if (const auto* number = as<IntImm>(&value))
    return number->dtype.is_bool() ? json(number->value != 0) : json(number->value);
  if (const auto* list = as<Array>(&value)) {
    json out = json::array();
    for (const Ref<Node>& item : list->items) out.push_back(attribute_to_json(*item));
    return out;
  }
  fail<DatabaseError>("a target attribute of type {} cannot be written", type_key(value.kind));
}

METASCHEDULE_INLINE json target_to_json(const Target& target) {
  json out = json::object();
  for (const auto& [name, value] : target.attrs) out[name] = attribute_to_json(*value);
  out["kind"] = target.target_kind;
  out["tag"] = target.tag;
  out["keys"] = json::array();
  for (const Ref<String>& key : target.keys) out["keys"].push_back(key->value);
  if (target.host) out["host"] = target_to_json(*target.host);
  return out;
}

}  // namespace metaschedule::detail
