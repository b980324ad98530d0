// SPDX-License-Identifier: Apache-2.0
// Schedule: a program, the handles into it, the trace of what was done and a random state, as one
// value. Its methods are the primitives; each family of them is declared beside its structs.
#pragma once

#include <string>
#include <vector>

#include "metaschedule/schedule/primitives/all.h"
#include "metaschedule/schedule/state.h"
#include "metaschedule/schedule/trace.h"

namespace metaschedule {

class Schedule : public ScheduleState, public AllPrimitiveMethods {
 public:
  /// Raises VerifyError when a function is not well formed. A seed of -1 is a random one.
  explicit Schedule(ModuleRef module, int64_t seed = -1, ScheduleOptions options = {});
  /// A schedule on which the handles of this one are good; its random state is forked from this.
  Schedule copy();

  const ModuleRef& mod() const { return program; }
  const Trace& trace() const { return trace_; }
  Rand& rand() { return random; }
  void seed(int64_t value) { random = Rand(value); }
  int64_t fork_seed() { return random.fork_seed(); }
  /// Makes the checks that `options.debug_mask` asks for. Raises VerifyError or InternalError.
  void debug_check() const;
  /// The function in which `get_block` looks. Raises ValueError when there is none of this name.
  void work_on(const std::string& name);

  /// What a handle names now, until the next primitive. Raises ValueError, naming the step that
  /// consumed it, when it is gone.
  const Block* get(BlockRV block) const;
  const For* get(LoopRV loop) const;
  /// An expression over sampled numbers with their values put in.
  Expr get(const ExprRV& expr) const { return evaluate(expr); }
  int64_t get_int(const ExprRV& expr) const;
  /// Forgets a handle.
  void remove_rv(Handle handle);
  void remove_rv(const ExprRV& number);

  /// Runs one primitive and records it.
  template <class P>
  auto run(P primitive);
  /// The outputs of one call, in the table.
  struct OutputRange {
    uint32_t first = 0, count = 0;
  };
  /// The same for a primitive chosen at run time, on operands that name the table of this schedule.
  OutputRange invoke(Opcode opcode, const std::vector<Operand>& operands,
                     const Decision* decision = nullptr);
  /// On operands of a trace whose output `n` is entry `entries[n]` here.
  OutputRange replay_step(const Trace& trace, size_t step, const std::vector<uint32_t>& entries,
                          const Decision* decision);
  Handle handle(uint32_t index) const { return {index, table[index].stamp}; }
  /// The variable that stands for a sampled number; null for one that is not known.
  ExprRV number(uint32_t index) const { return table[index].var; }

 private:
  friend struct ReplayAccess;
  Schedule(ModuleRef module, int64_t seed, ScheduleOptions options, bool verify);
  // Calls `body`; an error that it raises becomes one about the primitive `opcode`.
  template <class F>
  void guarded(Opcode opcode, const F& body);
  OutputRange finish(Opcode opcode, const std::vector<Operand>& operands, const Decision* used);
  [[noreturn]] void fail_refused(const Refusal& refusal, Opcode opcode) const;
  [[noreturn]] void fail_dead(const DeadHandle& dead) const;
  void verify() const;

  ModuleRef base_;  // as it was before the first step; null without a trace
  Trace trace_;
  std::vector<TableEntry> outputs_;  // of the step that is running
};

/// Why a replay ended early.
struct ReplayFailure {
  size_t step = 0;
  std::string primitive;
  std::string message;
};
struct ReplayResult {
  std::optional<Schedule> schedule;  // empty on failure
  ReplayFailure failure;
  explicit operator bool() const { return schedule.has_value(); }
};
/// Replays a trace on a module, well formed as known to the caller, without recording each step:
/// the result shares the steps of `trace`. A step that refuses or fails is a result, not an
/// exception.
ReplayResult try_replay(const Trace& trace, const ModuleRef& module, int64_t seed,
                        bool remove_postproc = false, ScheduleOptions options = {});

/// Runs a trace in the original's JSON format on a schedule.
void apply_json_to_schedule(const nlohmann::json& json, Schedule& schedule);

}  // namespace metaschedule
