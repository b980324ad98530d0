// SPDX-License-Identifier: Apache-2.0
// How traces name their outputs in text.
#pragma once

#include <fmt/format.h>

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

[[noreturn]] inline void cannot_write(const Node& node) {
  fail<TypeError>("Stringifying is not supported for type: {}", type_key(node.kind));
}

}  // namespace metaschedule::detail
