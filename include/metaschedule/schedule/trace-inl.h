// SPDX-License-Identifier: Apache-2.0
// Building, cutting and cleaning traces.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/trace.h"

namespace metaschedule {

METASCHEDULE_INLINE const char* TraceSteps::kind(const Instruction& i) const {
  return i.opcode == kUnknownOpcode ? operands[i.begin].text().c_str()
                                    : primitives()[i.opcode].kind;
}

METASCHEDULE_INLINE const std::shared_ptr<TraceSteps>& Trace::empty_steps() {
  static const auto none = std::make_shared<TraceSteps>();
  return none;
}

METASCHEDULE_INLINE size_t Trace::num_outputs() const {
  if (size_ == 0) return 0;
  const Instruction& last = (*this)[size_ - 1];
  return last.first_output + last.num_outputs;
}
METASCHEDULE_INLINE size_t Trace::postproc() const {
  for (size_t i = 0; i < size_; ++i)
    if ((*this)[i].opcode == enter_postproc_opcode()) return i;
  return size_;
}

METASCHEDULE_INLINE const Trace::Slot* Trace::find_slot(size_t i) const {
  auto it = std::lower_bound(slots_.begin(), slots_.end(), i,
                             [](const Slot& slot, size_t step) { return slot.step < step; });
  return it != slots_.end() && it->step == i ? &*it : nullptr;
}
METASCHEDULE_INLINE std::optional<Decision> Trace::decision(size_t i) const {
  const Slot* slot = find_slot(i);
  if (!slot) return std::nullopt;
  auto begin = choices_.begin() + slot->begin;
  if (!slot->is_list) return Decision(*begin);
  return Decision(std::vector<int64_t>(begin, begin + slot->length));
}
METASCHEDULE_INLINE void Trace::set_decision(size_t i, const Decision& decision) {
  const auto* list = std::get_if<std::vector<int64_t>>(&decision);
  const int64_t single = list ? 0 : std::get<int64_t>(decision);
  const int64_t* data = list ? list->data() : &single;
  uint32_t length = list ? static_cast<uint32_t>(list->size()) : 1;
  Slot* slot = const_cast<Slot*>(find_slot(i));
  if (!slot) {
    auto at = std::upper_bound(slots_.begin(), slots_.end(), i,
                               [](size_t step, const Slot& s) { return step < s.step; });
    slot = &*slots_.insert(at, Slot{static_cast<uint32_t>(i), 0, 0, false});
  }
  if (slot->length < length) {
    slot->begin = static_cast<uint32_t>(choices_.size());
    choices_.resize(choices_.size() + length);
  }
  slot->length = length;
  slot->is_list = list != nullptr;
  std::copy(data, data + length, choices_.begin() + slot->begin);
}

METASCHEDULE_INLINE Trace Trace::without_decisions() const {
  Trace out = *this;
  out.slots_.clear();
  out.choices_.clear();
  return out;
}

METASCHEDULE_INLINE Trace Trace::without_postproc() const {
  Trace out = *this;
  out.size_ = postproc();
  while (!out.slots_.empty() && out.slots_.back().step >= out.size_) out.slots_.pop_back();
  return out;
}
METASCHEDULE_INLINE Trace Trace::with_decision(size_t i, const Decision& decision,
                                               bool remove_postproc) const {
  check<IndexError>(i < size_, "with_decision: expected a step below {}, found {}", size_, i);
  Trace out = remove_postproc ? without_postproc() : *this;
  if (i < out.size_) out.set_decision(i, decision);
  return out;
}

METASCHEDULE_INLINE Trace Trace::with_operand(size_t position, Operand value) const {
  Trace out = *this;
  out.writable_steps().operands.at(position) = std::move(value);
  return out;
}

METASCHEDULE_INLINE TraceSteps& Trace::writable_steps() {
  // Steps beyond `size_` belong to a longer trace that this one was cut from.
  if (steps_.use_count() == 1 && steps_->instructions.size() == size_) return *steps_;
  auto copy = std::make_shared<TraceSteps>();
  const TraceSteps& old = *steps_;
  copy->instructions.reserve(size_ + 8);
  copy->instructions.assign(old.instructions.begin(), old.instructions.begin() + size_);
  if (size_ > 0) {
    copy->operands.assign(old.operands.begin(), old.operands.begin() + (*this)[size_ - 1].end);
    size_t outputs = num_outputs();
    copy->outputs.assign(old.outputs.begin(), old.outputs.begin() + outputs);
    copy->stamps.assign(old.stamps.begin(), old.stamps.begin() + outputs);
    copy->variables.assign(old.variables.begin(),
                           old.variables.begin() + std::min(outputs, old.variables.size()));
  }
  steps_ = std::move(copy);
  return *steps_;
}

METASCHEDULE_INLINE void Trace::append(Opcode opcode, const std::vector<Operand>& operands,
                                       const std::vector<Operand::Tag>& outputs,
                                       const Decision* decision,
                                       const std::vector<VarRef>& variables,
                                       const std::vector<uint32_t>& stamps, uint32_t stamp) {
  TraceSteps& steps = writable_steps();
  Instruction inst;
  inst.opcode = opcode;
  inst.num_outputs = static_cast<uint16_t>(outputs.size());
  inst.first_output = static_cast<uint32_t>(num_outputs());
  inst.begin = static_cast<uint32_t>(steps.operands.size());
  steps.operands.insert(steps.operands.end(), operands.begin(), operands.end());
  inst.end = static_cast<uint32_t>(steps.operands.size());
  inst.stamp = stamp ? stamp : detail::next_stamp();
  steps.outputs.insert(steps.outputs.end(), outputs.begin(), outputs.end());
  steps.stamps.insert(steps.stamps.end(), stamps.begin(), stamps.end());
  while (steps.stamps.size() < steps.outputs.size()) steps.stamps.push_back(detail::next_stamp());
  if (!variables.empty()) {
    steps.variables.resize(inst.first_output);
    steps.variables.insert(steps.variables.end(), variables.begin(), variables.end());
  }
  steps.instructions.push_back(inst);
  ++size_;
  if (decision) set_decision(size_ - 1, *decision);
}

METASCHEDULE_INLINE void Trace::name_numbers() {
  auto unnamed = [](const TraceSteps& steps, size_t n) {
    return steps.outputs[n] == Operand::Tag::Number &&
           (n >= steps.variables.size() || !steps.variables[n]);
  };
  const size_t count = num_outputs();
  size_t first = 0;
  while (first < count && !unnamed(*steps_, first)) ++first;
  if (first == count) return;
  TraceSteps& steps = writable_steps();
  steps.variables.resize(count);
  for (size_t n = first; n < count; ++n)
    if (unnamed(steps, n)) steps.variables[n] = make<Var>(fmt::format("v{}", n), kInt32);
}

METASCHEDULE_INLINE bool Trace::pop() {
  if (size_ == 0) return false;
  --size_;
  while (!slots_.empty() && slots_.back().step >= size_) slots_.pop_back();
  return true;
}

METASCHEDULE_INLINE Trace Trace::simplified(bool remove_postproc) const {
  size_t count = remove_postproc ? postproc() : size_;
  const TraceSteps& steps = *steps_;
  std::vector<bool> used(num_outputs()), kept(count);
  auto mark_var = [&](const Var* var) {
    for (size_t n = 0; n < steps.variables.size() && n < used.size(); ++n)
      if (steps.variables[n].get() == var) used[n] = true;
  };
  // Only what stands directly among the inputs counts: the original does not look into lists.
  auto mark = [&](const Operand& operand) {
    if (operand.is_rv() && operand.integer >= 0) used[static_cast<size_t>(operand.integer)] = true;
    if (operand.tag == Operand::Tag::Node && is_expr_kind(operand.node->kind))
      post_order(*operand.node, [&](const Node& node) {
        if (const Var* var = as<Var>(&node)) mark_var(var);
      });
  };
  for (size_t i = count; i-- > 0;) {
    const Instruction& inst = (*this)[i];
    bool unknown = inst.opcode == kUnknownOpcode;
    bool needed = unknown || !primitives()[inst.opcode].pure;
    for (uint32_t n = 0; n < inst.num_outputs; ++n) needed = needed || used[inst.first_output + n];
    kept[i] = needed;
    if (!needed) continue;
    const Operand* at = steps.begin(inst);
    if (unknown) {
      for (; at != steps.end(inst); ++at) mark(*at);
      continue;
    }
    for (const PrimitiveArg& arg : primitives()[inst.opcode].args) {
      const Operand* next = at + 1;
      if (arg.type == ArgType::Buffer) ++next;
      if (at->tag == Operand::Tag::List) {
        next = next_operand(at);
        if (arg.is(kSpread))
          for (const Operand* item = at + 1; item != next; ++item) mark(*item);
      } else {
        mark(*at);
      }
      at = next;
    }
  }

  Trace out;
  std::vector<int64_t> renumbered(num_outputs(), -1);
  for (size_t i = 0; i < count; ++i) {
    if (!kept[i]) continue;
    const Instruction& inst = (*this)[i];
    std::vector<Operand> operands(steps.begin(inst), steps.end(inst));
    for (Operand& operand : operands) {
      if (!operand.is_rv() || operand.is_undefined()) continue;
      auto old = static_cast<size_t>(operand.integer);
      if (renumbered[old] >= 0) {
        operand.integer = renumbered[old];
      } else {
        operand = Operand::undefined_rv(
            operand.tag, steps.stamps[old],
            old < steps.variables.size() ? Ref<Node>(steps.variables[old]) : nullptr);
      }
    }
    auto first = steps.outputs.begin() + inst.first_output;
    auto first_stamp = steps.stamps.begin() + inst.first_output;
    std::vector<VarRef> variables;
    size_t base = out.num_outputs();
    for (uint32_t n = 0; n < inst.num_outputs; ++n) {
      size_t old = inst.first_output + n;
      renumbered[old] = static_cast<int64_t>(base + n);
      if (steps.outputs[old] == Operand::Tag::Number || steps.outputs[old] == Operand::Tag::None)
        variables.push_back(old < steps.variables.size() ? steps.variables[old] : nullptr);
    }
    std::optional<Decision> choice = decision(i);
    out.append(inst.opcode, operands, {first, first + inst.num_outputs},
               choice ? &*choice : nullptr, variables,
               {first_stamp, first_stamp + inst.num_outputs}, inst.stamp);
  }
  return out;
}

}  // namespace metaschedule
