// SPDX-License-Identifier: Apache-2.0
// How traces name their outputs in text.
#pragma once

#include <fmt/format.h>

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
  return rewrite_post_order(*node, [&](const Node& n) -> Ref<Node> {
    const Var* var = as<Var>(&n);
    if (!var) return nullptr;
    for (size_t k = 0; k < steps.variables.size(); ++k)
      if (steps.variables[k].get() == var)
        return make<Var>(output_name(steps, static_cast<int64_t>(k)), var->dtype);
    return nullptr;
  });
}

[[noreturn]] inline void cannot_write(const Node& node) {
  fail<TypeError>("Stringifying is not supported for type: {}", type_key(node.kind));
}

}  // namespace metaschedule::detail
