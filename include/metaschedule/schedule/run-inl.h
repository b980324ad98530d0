// SPDX-License-Identifier: Apache-2.0
// Running a primitive that is known at compile time. Included where the methods of primitives are
// defined.
#pragma once

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

/// Position of `P` in the list of primitives.
template <class P, class... Ps>
constexpr Opcode position_in(const std::tuple<Ps...>*) {
  Opcode position = 0;
  bool found = ((std::is_same_v<P, Ps> ? true : (++position, false)) || ...);
  return found ? position : kUnknownOpcode;
}
template <class P>
inline constexpr Opcode opcode_of = position_in<P>(static_cast<AllPrimitives*>(nullptr));

template <class F>
void Schedule::guarded(Opcode opcode, const F& body) {
  outputs_.clear();
  try {
    body();
  } catch (const Refusal& refusal) {
    fail_refused(refusal, opcode);
  } catch (const DeadHandle& dead) {
    fail_dead(dead);
  }
}

template <class P>
auto Schedule::run(P primitive) {
  constexpr Opcode opcode = opcode_of<P>;
  static_assert(opcode != kUnknownOpcode, "a primitive that is not in primitives/all.h");
  guarded(opcode, [&] { primitive.apply(*this, outputs_); });
  std::vector<Operand> operands;
  Decision used;
  const Decision* decision = nullptr;
  if (options.traced) {
    OperandWriter writer(*this, operands);
    for_each_arg<P>([&](const auto& spec) { writer.write(primitive.*spec.member); });
    if constexpr (HasDecision<P>) {
      used = std::move(*primitive.decision);
      decision = &used;
    }
  }
  OutputRange range = finish(opcode, operands, decision);
  if constexpr (P::kOutputs == OutputType::Block) {
    return BlockRV{handle(range.first)};
  } else if constexpr (P::kOutputs == OutputType::Loop) {
    return LoopRV{handle(range.first)};
  } else if constexpr (P::kOutputs == OutputType::Number) {
    return number(range.first);
  } else if constexpr (P::kOutputs == OutputType::Blocks) {
    std::vector<BlockRV> out;
    for (uint32_t i = 0; i < range.count; ++i) out.push_back({handle(range.first + i)});
    return out;
  } else if constexpr (P::kOutputs == OutputType::Loops) {
    std::vector<LoopRV> out;
    for (uint32_t i = 0; i < range.count; ++i) out.push_back({handle(range.first + i)});
    return out;
  } else if constexpr (P::kOutputs == OutputType::Numbers) {
    std::vector<ExprRV> out;
    for (uint32_t i = 0; i < range.count; ++i) out.push_back(number(range.first + i));
    return out;
  }
}

}  // namespace metaschedule
