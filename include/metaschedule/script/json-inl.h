// SPDX-License-Identifier: Apache-2.0
// Both directions of the JSON form.
#pragma once

#include "metaschedule/script/detail/json_load-inl.h"
#include "metaschedule/script/detail/json_save-inl.h"
#include "metaschedule/script/json.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string save_json(const Node& node) {
  return script::JsonWriter().run(node);
}
METASCHEDULE_INLINE Ref<Node> load_json(std::string_view text) {
  return script::JsonReader().run(text);
}

}  // namespace metaschedule
