// SPDX-License-Identifier: Apache-2.0
// How traces name their outputs in text.
#pragma once

#include <fmt/format.h>

#include <string>
#include <unordered_map>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/trace.h"

namespace metaschedule::detail {

inline std::string output_name(const TraceSteps& steps, int64_t number) {
  check<IndexError>(number >= 0, "Random variable is not defined: it was removed from this trace");
  switch (steps.outputs[static_cast<size_t>(number)]) {
    case Operand::Tag::Block:
      return fmt::format("b{}", number);
    case Operand::Tag::Loop:
      return fmt::format("l{}", number);
    case Operand::Tag::Number:
      return fmt::format("v{}", number);
    default:
      return "_";
  }
}

/// A node with the sampled numbers in it under the names that they have in text.
inline Ref<Node> with_output_names(const TraceSteps& steps, const Ref<Node>& node) {
  if (steps.variables.empty()) return node;
  std::unordered_map<const Node*, VarRef> renamed;
  return rewrite_post_order(*node, [&](const Node& n) -> Ref<Node> {
    const Var* var = as<Var>(&n);
    if (!var) return nullptr;
    if (auto it = renamed.find(var); it != renamed.end()) return it->second;
    for (size_t k = 0; k < steps.variables.size(); ++k) {
      if (steps.variables[k].get() != var) continue;
      std::string name = output_name(steps, static_cast<int64_t>(k));
      if (name == var->name) return nullptr;
      return renamed.emplace(var, make<Var>(name, var->dtype)).first->second;
    }
    return nullptr;
  });
}

[[noreturn]] inline void cannot_write(const Node& node) {
  fail<TypeError>("Stringifying is not supported for type: {}", type_key(node.kind));
}

}  // namespace metaschedule::detail
