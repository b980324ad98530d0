// SPDX-License-Identifier: Apache-2.0
// Bodies of anchor_trace.h.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "metaschedule/ir/target.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/space/anchor_trace.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/rules.h"
#include "metaschedule/tune/space/thread_bind.h"

namespace metaschedule {
namespace detail {

/// The blocks that `get_block` can name, but the root, in program order.
inline std::vector<const BlockRealize*> named_blocks(const Schedule& sch) {
  for (const auto& [var, func] : sch.mod()->functions) {
    if (cast_to<GlobalVar>(*var).name_hint != sch.func_working_on) continue;
    std::vector<const BlockRealize*> out = all_blocks(*cast_to<PrimFunc>(*func).body);
    if (!out.empty()) out.erase(out.begin());
    return out;
  }
  return {};
}
inline bool has_block(const Schedule& sch, const std::string& name) {
  const auto blocks = named_blocks(sch);
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const BlockRealize* b) { return b->block->name_hint == name; });
}

/// The anchor block and what it needs, by name.
inline std::set<std::string> anchor_and_its_producers(const Schedule& sch) {
  std::set<std::string> out;
  const Block* anchor = find_anchor_block(*sch.mod());
  if (!anchor) return out;
  Path path = find_block(*sch.mod(), anchor->id);
  out.insert(anchor->name_hint);
  const int above = path.enclosing_block();
  if (above < 0) return out;
  const BlockScope scope = BlockScope::of(*path.nodes[static_cast<size_t>(above)]);
  std::vector<int> todo{scope.find(anchor->id)};
  while (!todo.empty()) {
    const int child = todo.back();
    todo.pop_back();
    for (int producer : scope.producers(child))
      if (out.insert(scope.block(producer).name_hint).second) todo.push_back(producer);
  }
  return out;
}

inline ScheduleRulePtr default_inlining(const Target& target) {
  const std::string& kind = target.target_kind;
  for (const ScheduleRulePtr& rule :
       default_schedule_rules(kind == "llvm" || kind == "hexagon" ? kind : rule_kind(target)))
    if (std::dynamic_pointer_cast<AutoInline>(rule)) return rule;
  fail<InternalError>("the default rules of \"{}\" have no AutoInline", kind);
}

inline const std::string& first_name(const Trace& trace, size_t step) {
  return trace.steps().begin(trace[step])->text();
}

/// Inlines what only follows the anchor block, outputs last.
inline void inline_post_blocks(const SchedulePtr& sch, const Trace& trace, const Target& target) {
  std::set<std::string> spared = anchor_and_its_producers(*sch);
  for (size_t i = 0; i < trace.size(); ++i)
    if (std::string_view(trace.kind(i)) == "GetBlock") spared.insert(first_name(trace, i));
  std::vector<std::string> names, outputs;
  for (const BlockRealize* realize : named_blocks(*sch)) {
    const Block& block = *realize->block;
    if (spared.contains(block.name_hint) || !is_spatial(block)) continue;
    const Path path = find_block(*sch->mod(), block.id);
    const Block& scope = block_of(*path.nodes[static_cast<size_t>(path.enclosing_block())]);
    (is_output_block(block, scope) ? outputs : names).push_back(block.name_hint);
  }
  names.insert(names.end(), outputs.begin(), outputs.end());
  const ScheduleRulePtr inlining = default_inlining(target);
  for (const std::string& name : names) inlining->apply(sch, sch->get_block(name));
}

/// A trace on its way over to a schedule that has not all of its blocks.
class AnchorReplay {
 public:
  AnchorReplay(Schedule& sch, const Trace& trace) : sch_(sch), trace_(trace) {}
  void run() {
    for (size_t i = 0; i < trace_.size(); ++i) step(i);
  }

 private:
  static constexpr uint32_t kForeign = UINT32_MAX;

  void step(size_t i) {
    const Instruction& inst = trace_[i];
    const std::string_view kind = trace_.kind(i);
    if (names_foreign(inst) || (kind == "GetBlock" && !has_block(sch_, first_name(trace_, i)))) {
      entries_.resize(entries_.size() + inst.num_outputs, kForeign);
      return;
    }
    check_numbers(i);
    if (kind == "ComputeInline") return inline_forward(block_of_step(i));
    if (kind == "ReverseComputeInline") return inline_backward(block_of_step(i));
    if (kind == "GetChildBlocks") return child_blocks_of(i);
    const std::optional<Decision> choice = trace_.decision(i);
    const auto range = sch_.replay_step(trace_, i, entries_, choice ? &*choice : nullptr);
    for (uint32_t k = 0; k < range.count; ++k) entries_.push_back(range.first + k);
  }

  bool is_foreign(const Operand& operand) const {
    check<IndexError>(
        operand.integer >= 0 && static_cast<size_t>(operand.integer) < entries_.size(),
        "Random variable doesn't exist: it was removed from the trace");
    return entries_[static_cast<size_t>(operand.integer)] == kForeign;
  }
  bool names_foreign(const Instruction& inst) const {
    const TraceSteps& steps = trace_.steps();
    return std::any_of(steps.begin(inst), steps.end(inst), [&](const Operand& operand) {
      return (operand.tag == Operand::Tag::Block || operand.tag == Operand::Tag::Loop) &&
             is_foreign(operand);
    });
  }
  /// A number that a step left out would have sampled cannot be made up.
  void check_numbers(size_t i) const {
    const TraceSteps& steps = trace_.steps();
    const auto check_known = [&](bool known) {
      check<IndexError>(known,
                        "{} needs a number that was to be sampled by a step about a block which "
                        "this program has not",
                        trace_.kind(i));
    };
    for (const Operand* at = steps.begin(trace_[i]); at != steps.end(trace_[i]); ++at) {
      if (at->tag == Operand::Tag::Number) check_known(!is_foreign(*at));
      if (at->tag != Operand::Tag::Node || steps.variables.empty()) continue;
      post_order(*at->node, [&](const Node& node) {
        for (size_t n = 0; n < steps.variables.size() && n < entries_.size(); ++n)
          if (steps.variables[n].get() == &node) check_known(entries_[n] != kForeign);
      });
    }
  }

  BlockRV block_of_step(size_t i) const {
    const int64_t output = trace_.steps().begin(trace_[i])->integer;
    return {sch_.handle(entries_[static_cast<size_t>(output)])};
  }
  void inline_forward(const BlockRV& block) {
    if (can_inline(sch_, block, false)) return sch_.compute_inline(block);
    const BlockPlace place = place_of(sch_, block);
    check<ScheduleError>(place.scope && is_output_block(place.block(), *place.scope->block),
                         "block {} cannot be inlined into its consumers, as the anchor trace does",
                         place.block().name_hint);
    if (can_inline(sch_, block, true)) sch_.reverse_compute_inline(block);
  }
  void inline_backward(const BlockRV& block) {
    can_inline(sch_, block, true) ? sch_.reverse_compute_inline(block) : sch_.compute_inline(block);
  }
  /// Blocks that the other program had not come last and are left alone.
  void child_blocks_of(size_t i) {
    const Instruction& inst = trace_[i];
    const Operand& operand = *trace_.steps().begin(inst);
    const Handle handle = sch_.handle(entries_[static_cast<size_t>(operand.integer)]);
    const std::vector<BlockRV> found = operand.tag == Operand::Tag::Block
                                           ? sch_.get_child_blocks(BlockRV{handle})
                                           : sch_.get_child_blocks(LoopRV{handle});
    check<ValueError>(found.size() >= inst.num_outputs,
                      "GetChildBlocks: expected at least {} blocks as in the anchor trace, found "
                      "{}",
                      inst.num_outputs, found.size());
    for (size_t k = 0; k < inst.num_outputs; ++k) entries_.push_back(found[k].index);
  }

  Schedule& sch_;
  const Trace& trace_;
  std::vector<uint32_t> entries_;  // of the table of sch_, by output of the trace
};

/// The kinds of the loops over each block, by name.
inline std::map<std::string, std::vector<ForKind>> loops_by_block(const Schedule& sch) {
  std::map<std::string, std::vector<ForKind>> out;
  for (const BlockRealize* realize : named_blocks(sch)) {
    std::vector<ForKind>& kinds = out[realize->block->name_hint];
    for (const For* loop : find_block(*sch.mod(), realize->block->id).loops_above())
      kinds.push_back(loop->kind);
  }
  return out;
}

/// What is left to do with a block that the trace does not schedule.
inline void schedule_rest(Schedule& sch, const std::string& name, const Target& target) {
  const BlockRV block = sch.get_block(name);
  const std::vector<BlockRV> producers = sch.get_producers(block);
  if (producers.size() == 1 && is_spatial(*sch.get(producers[0])))
    return sch.reverse_compute_inline(block);
  if (target.target_kind == "llvm" || target.target_kind == "hexagon")
    return sch.parallel(sch.fuse(sch.get_loops(block)));
  if (rule_kind(target).starts_with("cuda")) {
    const std::optional<int64_t> threads = int_annotation(target.attrs, "max_threads_per_block");
    check<ValueError>(threads.has_value(),
                      "schedule_using_anchor_trace: the target does not say max_threads_per_block");
    bind_block_thread_idx(sch, block, 256, *threads,
                          sample_thread_extent(sch, {32, 64, 128, 256, 512, 1024}));
  }
}

}  // namespace detail

METASCHEDULE_INLINE void schedule_using_anchor_trace(Schedule& sch, const Trace& anchor_trace,
                                                     const TargetRef& target) {
  check<ValueError>(static_cast<bool>(target), "schedule_using_anchor_trace: expected a target");
  const auto work = std::make_shared<Schedule>(sch);
  detail::inline_post_blocks(work, anchor_trace, *target);
  const auto before = detail::loops_by_block(*work);
  detail::AnchorReplay(*work, anchor_trace).run();
  const auto after = detail::loops_by_block(*work);
  std::vector<std::string> rest;
  for (const auto& [name, loops] : before) {
    const auto now = after.find(name);
    if (now != after.end() && now->second == loops) rest.push_back(name);
  }
  check<ValueError>(rest.size() <= 1,
                    "schedule_using_anchor_trace: expected at most one block that the trace does "
                    "not schedule, found {}",
                    fmt::join(rest, ", "));
  if (!rest.empty()) detail::schedule_rest(*work, rest[0], *target);
  sch = std::move(*work);
}

}  // namespace metaschedule
