// SPDX-License-Identifier: Apache-2.0
// The schedule rules but tiling.
#pragma once

#include <algorithm>
#include <thread>

#include "metaschedule/ir/op.h"
#include "metaschedule/support/registry.h"
#include "metaschedule/tune/space/custom_rules.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/rules.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE int64_t required_num_cores(const TuneContext& context, const char* who) {
  check<ValueError>(static_cast<bool>(context.target), "{}: expected a target, found none", who);
  auto cores = int_annotation(context.target->attrs, "num-cores");
  check<ValueError>(cores.has_value(),
                    "{}: the target does not say how many cores it has; write, for instance, "
                    "\"llvm -num-cores {}\"",
                    who, std::max(1u, std::thread::hardware_concurrency()));
  return *cores;
}

METASCHEDULE_INLINE void ApplyCustomRule::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->target),
                    "ApplyCustomRule: expected a context with a target");
  target_ = context->target;
  context_ = context;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> ApplyCustomRule::apply(const SchedulePtr& sch,
                                                                    const BlockRV& block) {
  check<ValueError>(static_cast<bool>(target_),
                    "ApplyCustomRule: initialize it with a context that has a target first");
  auto rule = string_annotation(*sch->get(block), "schedule_rule");
  if (!rule || *rule == "None") return {sch};
  std::string tried, keys;
  for (const Ref<String>& key : target_->keys) {
    std::string name = "meta_schedule." + key->value + "." + *rule;
    if (find_function(name)) return call_function<std::vector<SchedulePtr>>(name, sch, block);
    if (const CustomRule own = custom_rule(name)) {
      own(*sch, block);
      return {sch};
    }
    tried += "\n  " + name;
    keys += (keys.empty() ? "" : ", ") + key->value;
  }
  if (TuneContextPtr context = context_.lock()) {
    context->logger.warning(
        "no function for the custom schedule rule \"{}\" of the keys [{}]; tried:{}", *rule, keys,
        tried);
  }
  sch->unannotate(block, "schedule_rule");
  return {sch};
}

METASCHEDULE_INLINE std::vector<SchedulePtr> InlineConstantScalars::apply(const SchedulePtr& sch,
                                                                          const BlockRV& block) {
  BlockPlace place = place_of(*sch, block);
  const Block& b = place.block();
  bool applies = place.scope && b.reads.empty() && b.writes.size() == 1 &&
                 b.writes[0]->buffer->shape.empty() && !is_output_block(b, *place.scope->block);
  if (applies) sch->compute_inline(block);
  return {sch};
}

METASCHEDULE_INLINE AutoInline::AutoInline(Options options) : options_(std::move(options)) {
  for (std::string& name : options_.disallow_op) name = Op::get(name).name;
}

METASCHEDULE_INLINE AutoInline::Direction AutoInline::direction(const Schedule& sch,
                                                                const BlockRV& rv) const {
  BlockPlace place = place_of(sch, rv);
  const Block& block = place.block();
  if (block.writes.size() != 1 || !place.scope) return Direction::None;
  BlockScope scope = BlockScope::of(*place.scope);
  int position = scope.find(block.id);
  std::vector<int> consumers = scope.consumers(position);
  auto inlines = [&] { return !consumers.empty() && can_inline(sch, rv, false); };
  if (options_.inline_const_tensor && block.reads.empty() && inlines())
    return Direction::IntoConsumer;
  if (!is_spatial_func(sch.function(place.path))) {
    if (calls_any(*place.realize, options_.disallow_op)) return Direction::None;
    if (options_.disallow_if_then_else && has_if_then_else(*place.realize)) return Direction::None;
    if (options_.require_injective || options_.require_ordered) {
      for (const Ref<BufferRegion>& read : block.reads) {
        AccessPattern pattern = access_pattern(*read, *block.writes[0]);
        if ((options_.require_injective && !pattern.injective) ||
            (options_.require_ordered && !pattern.ordered))
          return Direction::None;
      }
    }
  }
  if (string_annotation(block, "meta_schedule.inline_rule") == "disable") return Direction::None;
  if (options_.into_consumer && inlines()) return Direction::IntoConsumer;
  if (options_.into_producer) {
    std::vector<int> producers = scope.producers(position);
    if (producers.size() == 1) {
      const Block& producer = scope.block(producers[0]);
      if (complete_block_violation(producer, scope) == 0 &&
          !string_annotation(producer, "meta_schedule.auto_tensorize") && can_inline(sch, rv, true))
        return Direction::IntoProducer;
    }
  }
  return Direction::None;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> AutoInline::apply(const SchedulePtr& sch,
                                                               const BlockRV& block) {
  switch (direction(*sch, block)) {
    case Direction::IntoConsumer:
      sch->compute_inline(block);
      break;
    case Direction::IntoProducer:
      sch->reverse_compute_inline(block);
      break;
    case Direction::None:
      break;
  }
  return {sch};
}

METASCHEDULE_INLINE void AddRFactor::initialize_with_tune_context(const TuneContextPtr& context) {
  int64_t cores = required_num_cores(*context, "AddRFactor");
  max_parallel_extent_ = max_jobs_per_core == -1 ? -1 : cores * max_jobs_per_core;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> AddRFactor::apply(const SchedulePtr& sch,
                                                               const BlockRV& block) {
  if (!needs_rfactor_or_cross_thread_reduction(place_of(*sch, block), max_parallel_extent_))
    return {sch};
  auto original = std::make_shared<Schedule>(sch->copy());
  original->seed(sch->fork_seed());
  FusedReduction fused = reorder_and_fuse_reduction_loops(*sch, block);
  std::vector<ExprRV> factors = sch->sample_perfect_tile(fused.loop, 2, max_innermost_factor);
  std::vector<SchedulePtr> out;
  for (const LoopRV& loop : sch->split(fused.loop, factors)) {
    auto variant = std::make_shared<Schedule>(sch->copy());
    variant->seed(sch->fork_seed());
    try {
      BlockRV rfactored = variant->rfactor(loop, fused.num_spatial_loops);
      check<ValueError>(
          variant->get_loops(rfactored).size() > static_cast<size_t>(fused.num_spatial_loops),
          "AddRFactor: the factored block has too few loops");
      variant->annotate(block, "meta_schedule.random_compute_producer", Ref<Node>(i32(1)));
      out.push_back(std::move(variant));
    } catch (const Error&) {
      // Not every reduction can be factored at every loop: that variant is left out.
    }
  }
  out.push_back(std::move(original));
  return out;
}

METASCHEDULE_INLINE void ParallelizeVectorizeUnroll::initialize_with_tune_context(
    const TuneContextPtr& context) {
  if (max_jobs_per_core != -1) {
    max_parallel_extent_ =
        required_num_cores(*context, "ParallelizeVectorizeUnroll") * max_jobs_per_core;
  }
}

METASCHEDULE_INLINE std::vector<SchedulePtr> ParallelizeVectorizeUnroll::apply(
    const SchedulePtr& sch, const BlockRV& block) {
  BlockPlace place = place_of(*sch, block);
  if (place.scope) return {sch};
  bool spatial = is_spatial_func(sch->function(place.path));
  if (max_jobs_per_core != -1)
    sch->annotate(block, "meta_schedule.parallel", Ref<Node>(i32(max_parallel_extent_)));
  if (max_vectorize_extent != -1)
    sch->annotate(block, "meta_schedule.vectorize", Ref<Node>(i32(max_vectorize_extent)));
  if (!unroll_max_steps.empty() && !spatial) {
    size_t n = unroll_max_steps.size();
    std::vector<double> uniform(n, 1.0 / static_cast<double>(n));
    ExprRV steps = sch->sample_categorical(unroll_max_steps, uniform);
    sch->annotate(
        block, unroll_explicit ? "meta_schedule.unroll_explicit" : "meta_schedule.unroll_implicit",
        Ref<Node>(steps));
  }
  return {sch};
}

METASCHEDULE_INLINE std::vector<SchedulePtr> RandomComputeLocation::apply(const SchedulePtr& sch,
                                                                          const BlockRV& block) {
  {
    BlockPlace place = place_of(*sch, block);
    if (!place.scope || place.path.enclosing_block() != 0 || place.loops.empty() ||
        is_tiled(place.block()) || child_blocks(*place.loops[0]).size() != 1)
      return {sch};
    BlockScope scope = BlockScope::of(*place.scope);
    if (scope.consumers(scope.find(place.block().id)).empty()) return {sch};
  }
  auto move = [&](const BlockRV& rv) {
    LoopRV location = sch->sample_compute_location(rv);
    sch->compute_at(rv, location, true);
  };
  constexpr const char* key = "meta_schedule.random_compute_producer";
  std::optional<BlockRV> producer;
  if (int_annotation(sch->get(block)->annotations, key).value_or(0) != 0) {
    std::vector<BlockRV> producers = sch->get_producers(block);
    sch->unannotate(block, key);
    METASCHEDULE_CHECK(producers.size() == 1);
    producer = producers[0];
  }
  move(block);
  if (producer) move(*producer);
  return {sch};
}

}  // namespace metaschedule
