// SPDX-License-Identifier: Apache-2.0
// Both directions of the JSON form.
#pragma once

#include "metaschedule/script/detail/json_later-inl.h"
#include "metaschedule/script/detail/json_load-inl.h"
#include "metaschedule/script/detail/json_save-inl.h"
#include "metaschedule/script/json.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string save_json(const Node& node, ScriptDialect dialect) {
  if (dialect == ScriptDialect::SBlock) return script::LaterJsonWriter().run(node);
  return script::JsonWriter().run(node);
}
METASCHEDULE_INLINE Ref<Node> load_json(std::string_view text) {
  json graph = json::parse(text, nullptr, false);
  if (graph.is_discarded()) graph = json::parse(script::with_quoted_floats(text), nullptr, false);
  check<ParseError>(!graph.is_discarded(), "the text is not JSON");
  if (graph.is_object() && graph.contains("root_index")) graph = script::EarlierGraph().run(graph);
  return script::JsonReader().run(std::move(graph));
}

}  // namespace metaschedule
