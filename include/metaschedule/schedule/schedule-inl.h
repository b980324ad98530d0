// SPDX-License-Identifier: Apache-2.0
// Recording, replaying, and errors that say what happened.
#pragma once

#include <fmt/format.h>

#include <unordered_set>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace detail {
/// A function that is in a module twice gets blocks and loops of its own the second time, so that
/// handles say which they mean.
inline ModuleRef with_distinct_functions(ModuleRef module) {
  if (!module || module->functions.size() < 2) return module;
  std::unordered_set<const Node*> loops;
  std::unordered_set<BlockId> blocks;
  for (size_t i = 0; i < module->functions.size(); ++i) {
    const PrimFunc* func = as<PrimFunc>(module->functions[i].second);
    if (!func) continue;
    bool shared = any_node(*func->body, [&](const Node& node) {
      if (const Block* block = as<Block>(&node)) return !blocks.insert(block->id).second;
      const For* loop = as<For>(&node);
      return loop && !loops.insert(loop->loop_var.get()).second;
    });
    if (!shared) continue;
    auto copy = mutate(module);
    copy->functions[i].second = renew_definitions(*func);
    module = copy;
  }
  return module;
}
}  // namespace detail

METASCHEDULE_INLINE Schedule::Schedule(ModuleRef module, int64_t seed, ScheduleOptions options)
    : Schedule(std::move(module), seed, options, true) {}
METASCHEDULE_INLINE Schedule::Schedule(ModuleRef module, int64_t seed, ScheduleOptions options,
                                       bool check)
    : ScheduleState(check ? detail::with_distinct_functions(std::move(module)) : std::move(module),
                    seed, options),
      base_(options.traced ? program : nullptr) {
  if (check) verify();
}
METASCHEDULE_INLINE Schedule Schedule::copy() {
  Schedule out = *this;
  out.seed(fork_seed());
  if (options.debug_mask) out.debug_check();
  return out;
}
METASCHEDULE_INLINE void Schedule::debug_check() const {
  if (options.debug_mask & 1) {
    verify();
    std::unordered_set<BlockId> seen;
    for (const auto& item : program->functions) {
      const PrimFunc* func = as<PrimFunc>(item.second);
      if (!func) continue;
      for (const BlockRealize* realize : all_blocks(*func->body))
        check<InternalError>(seen.insert(realize->block->id).second,
                             "two blocks have one identity, the second is {}",
                             realize->block->name_hint);
    }
  }
  if (options.debug_mask & 2)
    check<InternalError>(kept_scopes_hold(*program),
                         "what is remembered of a scope does not hold of the program");
}
METASCHEDULE_INLINE void Schedule::verify() const {
  for (const auto& item : program->functions)
    if (const PrimFunc* func = as<PrimFunc>(item.second)) {
      check<VerifyError>(func->body->kind == Kind::BlockRealize,
                         "expected the body of {} to be a block, found {}",
                         cast_to<GlobalVar>(item.first)->name_hint, kind_name(func->body->kind));
      check_well_formed(*func);
    }
}
METASCHEDULE_INLINE void Schedule::work_on(const std::string& name) {
  program->lookup(name);
  func_working_on = name;
}

METASCHEDULE_INLINE const Block* Schedule::get(BlockRV block) const {
  try {
    return &block_of(*path_of(block).back());
  } catch (const DeadHandle& dead) {
    fail_dead(dead);
  }
}
METASCHEDULE_INLINE const For* Schedule::get(LoopRV loop) const {
  try {
    return static_cast<const For*>(path_of(loop).back());
  } catch (const DeadHandle& dead) {
    fail_dead(dead);
  }
}
METASCHEDULE_INLINE int64_t Schedule::get_int(const ExprRV& expr) const {
  Expr value = evaluate(expr);
  auto constant = as_const_int(value);
  check<ValueError>(constant.has_value(), "expected an expression over sampled numbers");
  return *constant;
}
METASCHEDULE_INLINE void Schedule::remove_rv(Handle handle) {
  bool known = handle.index < table.size() && table[handle.index].stamp == handle.stamp &&
               table[handle.index].kind != TableEntry::Kind::Removed;
  check<IndexError>(known, "Cannot find the object in the symbol table");
  table.write()[handle.index].kind = TableEntry::Kind::Removed;
}
METASCHEDULE_INLINE void Schedule::remove_rv(const ExprRV& number) {
  for (size_t i = table.size(); i-- > 0;) {
    if (!table[i].var.same_as(number) || table[i].kind != TableEntry::Kind::Int) continue;
    table.write()[i].kind = TableEntry::Kind::Removed;
    return;
  }
  fail<IndexError>("Cannot find the object in the symbol table: {}", to_script(*number));
}

METASCHEDULE_INLINE Schedule::OutputRange Schedule::finish(Opcode opcode,
                                                           const std::vector<Operand>& operands,
                                                           const Decision* used) {
  OutputRange range{static_cast<uint32_t>(table.size()), static_cast<uint32_t>(outputs_.size())};
  std::vector<Operand::Tag> tags;
  std::vector<VarRef> variables;
  std::vector<uint32_t> stamps;
  if (!outputs_.empty()) {
    std::vector<TableEntry>& entries = table.write();
    for (TableEntry& entry : outputs_) {
      entry.stamp = detail::next_stamp();
      stamps.push_back(entry.stamp);
      switch (entry.kind) {
        case TableEntry::Kind::Block:
          tags.push_back(Operand::Tag::Block);
          break;
        case TableEntry::Kind::Loop:
          tags.push_back(Operand::Tag::Loop);
          break;
        case TableEntry::Kind::Int:
          tags.push_back(Operand::Tag::Number);
          entry.var = make<Var>(fmt::format("v{}", entries.size() + 1), kInt32);
          variables.push_back(entry.var);
          break;
        default:
          tags.push_back(Operand::Tag::None);
          variables.push_back(nullptr);
      }
      entries.push_back(std::move(entry));
    }
  }
  if (options.traced) trace_.append(opcode, operands, tags, used, variables, stamps);
  if (options.debug_mask) debug_check();
  return range;
}

METASCHEDULE_INLINE Schedule::OutputRange Schedule::invoke(Opcode opcode,
                                                           const std::vector<Operand>& operands,
                                                           const Decision* decision) {
  const PrimitiveInfo& info = primitives().at(opcode);
  check<ValueError>(!decision || info.has_decision, "{} has no decision", info.kind);
  Decision used;
  guarded(opcode, [&] {
    OperandReader reader(*this, operands.data(), operands.data() + operands.size(), nullptr,
                         nullptr);
    info.apply(*this, reader, outputs_, decision, &used);
  });
  return finish(opcode, operands, info.has_decision ? &used : nullptr);
}

namespace detail {

// Operands of one trace as operands of a schedule on which it is replayed.
inline std::vector<Operand> translate(const Trace& trace, const Instruction& inst,
                                      const std::vector<uint32_t>& entries,
                                      const ScheduleState& state) {
  const TraceSteps& steps = trace.steps();
  std::vector<Operand> out(steps.begin(inst), steps.end(inst));
  auto lookup = [&](const Node& node) -> Ref<Node> {
    for (size_t n = 0; n < steps.variables.size() && n < entries.size(); ++n)
      if (steps.variables[n].get() == &node) return state.table[entries[n]].var;
    return nullptr;
  };
  for (Operand& operand : out) {
    if (operand.is_rv()) {
      check<IndexError>(
          operand.integer >= 0 && static_cast<size_t>(operand.integer) < entries.size(),
          "Random variable doesn't exist: it was removed from the trace");
      operand.integer = entries[static_cast<size_t>(operand.integer)];
    } else if (operand.tag == Operand::Tag::Node && !steps.variables.empty()) {
      operand.node = rewrite_post_order(*operand.node, lookup);
    }
  }
  return out;
}

inline void check_replayable(const Trace& trace, size_t step) {
  check<ValueError>(trace[step].opcode != kUnknownOpcode,
                    "Instruction kind {} is not known here and cannot be replayed",
                    trace.kind(step));
}

}  // namespace detail

METASCHEDULE_INLINE Schedule::OutputRange Schedule::replay_step(
    const Trace& trace, size_t step, const std::vector<uint32_t>& entries,
    const Decision* decision) {
  detail::check_replayable(trace, step);
  const Instruction& inst = trace[step];
  std::vector<Operand> operands = detail::translate(trace, inst, entries, *this);
  OutputRange range = invoke(inst.opcode, operands, decision);
  check<ValueError>(range.count == inst.num_outputs,
                    "{}: expected {} outputs as in the trace, found {}", trace.kind(step),
                    inst.num_outputs, range.count);
  return range;
}

METASCHEDULE_INLINE void Trace::apply_to_schedule(Schedule& schedule, bool remove_postproc,
                                                  const DecisionProvider& provider) const {
  size_t count = remove_postproc ? postproc() : size_;
  std::vector<uint32_t> entries;
  for (size_t i = 0; i < count; ++i) {
    std::optional<Decision> choice = decision(i);
    if (provider) {
      detail::check_replayable(*this, i);
      choice = provider(i, detail::translate(*this, (*this)[i], entries, schedule), choice);
    }
    auto range = schedule.replay_step(*this, i, entries, choice ? &*choice : nullptr);
    for (uint32_t k = 0; k < range.count; ++k) entries.push_back(range.first + k);
  }
}
METASCHEDULE_INLINE void apply_json_to_schedule(const nlohmann::json& json, Schedule& schedule) {
  Trace::from_json(json).apply_to_schedule(schedule, false);
}

struct ReplayAccess {
  static ReplayResult run(const Trace& trace, const ModuleRef& module, int64_t seed,
                          bool remove_postproc, const ScheduleOptions& options) {
    ReplayResult result;
    Schedule& schedule = result.schedule.emplace(Schedule(module, seed, options, /*verify=*/false));
    schedule.trace_ = remove_postproc ? trace.without_postproc() : trace;
    size_t step = 0;
    try {
      run_steps(schedule, step);
      return result;
    } catch (const Error& error) {
      result.failure = {step, step < trace.size() ? trace.kind(step) : "", error.message()};
    } catch (const std::bad_alloc&) {
      result.failure = {step, step < trace.size() ? trace.kind(step) : "", "out of memory"};
    }
    result.schedule.reset();
    return result;
  }

 private:
  static void run_steps(Schedule& schedule, size_t& step) {
    Trace& trace = schedule.trace_;
    const TraceSteps& steps = trace.steps();
    std::vector<TableEntry>& table = schedule.table.write();
    table.reserve(trace.num_outputs());
    Decision used;
    for (step = 0; step < trace.size(); ++step) {
      detail::check_replayable(trace, step);
      const Instruction& inst = trace[step];
      const PrimitiveInfo& info = primitives()[inst.opcode];
      OperandReader reader(schedule, steps.begin(inst), steps.end(inst), nullptr, &steps);
      schedule.outputs_.clear();
      std::optional<Decision> choice;
      if (info.has_decision) choice = trace.decision(step);
      info.apply(schedule, reader, schedule.outputs_, choice ? &*choice : nullptr, &used);
      check<ValueError>(schedule.outputs_.size() == inst.num_outputs,
                        "{}: expected {} outputs as in the trace, found {}", info.kind,
                        inst.num_outputs, schedule.outputs_.size());
      if (info.has_decision && (!choice || *choice != used)) trace.set_decision(step, used);
      for (TableEntry& entry : schedule.outputs_) {
        // Steps are shared, and so are the handles that they give.
        entry.stamp = steps.stamps[table.size()];
        if (entry.kind == TableEntry::Kind::Int && table.size() < steps.variables.size())
          entry.var = steps.variables[table.size()];
        table.push_back(std::move(entry));
      }
    }
    if (!schedule.options.traced) schedule.trace_ = Trace();
  }
};

METASCHEDULE_INLINE ReplayResult try_replay(const Trace& trace, const ModuleRef& module,
                                            int64_t seed, bool remove_postproc,
                                            ScheduleOptions options) {
  return ReplayAccess::run(trace, module, seed, remove_postproc, options);
}

}  // namespace metaschedule
