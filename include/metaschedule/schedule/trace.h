// SPDX-License-Identifier: Apache-2.0
// A trace: the steps that made a schedule, with what sampling chose. The steps are shared and never
// change; decisions are a small vector of their own, so a mutation copies decisions only.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/instruction.h"
#include "metaschedule/script/dialect.h"

namespace metaschedule {

class Schedule;

/// The steps. Numbers of outputs run from 0 in order of the instructions.
struct TraceSteps {
  std::vector<Instruction> instructions;
  std::vector<Operand> operands;
  std::vector<Operand::Tag> outputs;  // Block, Loop, Number; None for a number that is not known
  std::vector<uint32_t> stamps;       // of outputs: those of the handles that name them
  std::vector<VarRef> variables;      // of outputs that are numbers, where they were made

  const Operand* begin(const Instruction& i) const { return operands.data() + i.begin; }
  const Operand* end(const Instruction& i) const { return operands.data() + i.end; }
  const char* kind(const Instruction& i) const;
};

class Trace {
 public:
  Trace() : steps_(empty_steps()) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Instruction& operator[](size_t i) const { return steps_->instructions[i]; }
  const TraceSteps& steps() const { return *steps_; }
  const char* kind(size_t i) const { return steps_->kind((*this)[i]); }
  size_t num_outputs() const;
  /// Position of the first EnterPostproc; size() when there is none.
  size_t postproc() const;

  /// What sampling instruction `i` chose, if it is recorded.
  std::optional<Decision> decision(size_t i) const;
  /// The same for a decision that is a list, without a copy; null otherwise.
  bool has_decision(size_t i) const { return find_slot(i) != nullptr; }
  /// The same steps with one decision replaced, cut before the postprocessing if asked.
  Trace with_decision(size_t i, const Decision& decision, bool remove_postproc) const;
  /// The same steps with the operand at a position (in `steps().operands`) replaced.
  Trace with_operand(size_t position, Operand value) const;
  /// The steps before the postprocessing.
  Trace without_postproc() const;
  /// The same steps with everything still to be decided.
  Trace without_decisions() const;
  /// Without pure steps whose outputs no later step uses.
  Trace simplified(bool remove_postproc) const;

  /// Adds a step; its outputs get the next numbers. Without stamps, or with one of 0 for the step,
  /// there are new ones.
  void append(Opcode opcode, const std::vector<Operand>& operands,
              const std::vector<Operand::Tag>& outputs, const Decision* decision,
              const std::vector<VarRef>& variables = {}, const std::vector<uint32_t>& stamps = {},
              uint32_t stamp = 0);
  void set_decision(size_t i, const Decision& decision);
  /// Makes the variables of outputs that are numbers where there are none yet.
  void name_numbers();
  /// Removes the last step; false when there is none.
  bool pop();

  /// The choice of a step while replaying; nothing lets it choose. `operands` are those of the step
  /// on the schedule: their random variables are positions in its table.
  using DecisionProvider = std::function<std::optional<Decision>(
      size_t step, const std::vector<Operand>& operands, const std::optional<Decision>&)>;
  /// Runs the steps on a schedule, which records them anew if it is traced.
  void apply_to_schedule(Schedule& schedule, bool remove_postproc,
                         const DecisionProvider& provider = {}) const;

  /// `[instructions, decisions]` in the original's format, or that of its later versions.
  nlohmann::json as_json(bool remove_postproc = false,
                         ScriptDialect dialect = ScriptDialect::Block) const;
  /// Reads either format; unknown kinds of instructions are kept. Raises ValueError.
  static Trace from_json(const nlohmann::json& json);
  /// One line of Python for each step.
  std::vector<std::string> as_python(bool remove_postproc = false) const;
  /// A Python function of these lines.
  std::string to_string() const;

 private:
  friend class Schedule;
  struct Slot {
    uint32_t step, begin, length;
    bool is_list;
  };
  static const std::shared_ptr<TraceSteps>& empty_steps();
  const Slot* find_slot(size_t i) const;
  TraceSteps& writable_steps();

  std::shared_ptr<TraceSteps> steps_;
  size_t size_ = 0;
  std::vector<Slot> slots_;  // by step
  std::vector<int64_t> choices_;
};

}  // namespace metaschedule
