// SPDX-License-Identifier: Apache-2.0
// Looking things up in a trace.
#pragma once

#include "metaschedule/tune/search/trace_query.h"

namespace metaschedule {

METASCHEDULE_INLINE bool is_step(const Trace& trace, size_t step, std::string_view kind) {
  return kind == trace.kind(step);
}

METASCHEDULE_INLINE const Operand* step_argument(const Trace& trace, size_t step,
                                                 std::string_view name) {
  const Instruction& instruction = trace[step];
  if (instruction.opcode == kUnknownOpcode) return nullptr;
  const Operand* operand = trace.steps().begin(instruction);
  for (const auto& arg : primitives()[instruction.opcode].args) {
    if (name == arg.name) return operand;
    operand = next_operand(operand);
  }
  return nullptr;
}

METASCHEDULE_INLINE std::vector<int64_t> int_list(const Operand& list) {
  std::vector<int64_t> out;
  if (list.tag != Operand::Tag::List) return out;
  const Operand* item = &list + 1;
  for (int64_t i = 0; i < list.integer; ++i, item = next_operand(item))
    out.push_back(item->integer);
  return out;
}

METASCHEDULE_INLINE std::optional<OutputOrigin> origin_of(const Trace& trace, int64_t number) {
  for (size_t i = 0; i < trace.size(); ++i) {
    const Instruction& instruction = trace[i];
    int64_t first = instruction.first_output;
    if (number >= first && number < first + instruction.num_outputs)
      return OutputOrigin{i, static_cast<size_t>(number - first)};
  }
  return std::nullopt;
}

METASCHEDULE_INLINE std::string_view annotation_key(const Trace& trace, size_t step) {
  if (!is_step(trace, step, "Annotate")) return {};
  const Operand* key = step_argument(trace, step, "ann_key");
  return key && key->tag == Operand::Tag::String ? std::string_view(key->text())
                                                 : std::string_view();
}

}  // namespace metaschedule
