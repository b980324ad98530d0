// SPDX-License-Identifier: Apache-2.0
// CrossThreadReduction and AutoBind.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/tune/search/trace_query.h"
#include "metaschedule/tune/space/gpu_rules.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/thread_bind.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE int64_t required_target_int(const TuneContext& context, const char* attribute,
                                                const char* who) {
  check<ValueError>(static_cast<bool>(context.target), "{}: expected a target, found none", who);
  auto value = int_annotation(context.target->attrs, attribute);
  check<ValueError>(value.has_value(), "{}: the target {} does not say its {}", who,
                    to_string(*context.target), attribute);
  return *value;
}

METASCHEDULE_INLINE void CrossThreadReduction::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->target),
                    "CrossThreadReduction: expected a context with a target");
  const Dict& attrs = context->target->attrs;
  auto threads = int_annotation(attrs, "max_threads_per_block");
  auto warp = int_annotation(attrs, "thread_warp_size");
  if (!threads || !warp) {
    context->logger.warning("CrossThreadReduction does nothing: the target does not say its {}",
                            !threads ? "max_threads_per_block" : "thread_warp_size");
    max_threads_per_block_ = warp_size_ = -1;
    return;
  }
  max_threads_per_block_ = *threads;
  warp_size_ = *warp;
}

namespace detail {

/// Where a reduction can go under its consumer.
struct FusionPlace {
  LoopRV target, innermost;
  BlockRV consumer;
};

inline const For* common_loop(const Schedule& sch, const std::vector<BlockRV>& blocks) {
  std::vector<Path> paths;
  for (const BlockRV& block : blocks) paths.push_back(sch.path_of(block));
  size_t common = paths[0].size() - 1;
  for (const Path& path : paths) {
    size_t n = 0;
    while (n < std::min(common, path.size() - 1) && path.nodes[n] == paths[0].nodes[n]) ++n;
    common = n;
  }
  for (size_t i = common; i-- > 0;) {
    if (const For* loop = as<For>(paths[0].nodes[i])) return loop;
    if (paths[0].nodes[i]->kind == Kind::BlockRealize) return nullptr;
  }
  return nullptr;
}

inline std::optional<FusionPlace> fusion_place(Schedule& sch, const BlockRV& block) {
  if (sch.get(block)->writes.size() != 1) return std::nullopt;
  std::vector<BlockRV> consumers = sch.get_consumers(block);
  if (consumers.empty() || needs_multi_level_tiling(place_of(sch, consumers[0])))
    return std::nullopt;
  const For* common = nullptr;
  if (consumers.size() > 1) {
    common = common_loop(sch, consumers);
    if (!common) return std::nullopt;
  }
  std::vector<LoopRV> outer = sch.get_loops(consumers[0]), own = sch.get_loops(block);
  const size_t n = std::min(outer.size(), own.size());
  int position = static_cast<int>(n) - 1;
  for (size_t i = 0; i < n; ++i) {
    if (loop_iter_type(*sch.get(own[i])) != IterType::DataPar) {
      position = static_cast<int>(i) - 1;
      break;
    }
    if (sch.get(outer[i]) == common) {
      position = static_cast<int>(i);
      break;
    }
  }
  if (position < 0) return std::nullopt;
  return FusionPlace{outer[static_cast<size_t>(position)], outer.back(), consumers[0]};
}

/// The number of threads of the loop bound to threadIdx.x, as the trace says it: the original looks
/// at the first split only.
inline ExprRV thread_extent_of_trace(const Schedule& sch) {
  const Trace& trace = sch.trace();
  for (size_t b = 0; b < trace.size(); ++b) {
    if (!is_step(trace, b, "Bind") ||
        step_argument(trace, b, "thread_axis")->text() != "threadIdx.x")
      continue;
    const int64_t loop = step_argument(trace, b, "loop")->integer;
    for (size_t s = 0; s < trace.size(); ++s) {
      if (!is_step(trace, s, "Split")) continue;
      const int64_t part = loop - static_cast<int64_t>(trace[s].first_output);
      const Operand* factors = step_argument(trace, s, "factors");
      check<ValueError>(part >= 0 && part < factors->integer,
                        "CrossThreadReduction: the loop bound to threadIdx.x does not come from "
                        "the first split");
      const Operand* factor = factors + 1;
      for (int64_t i = 0; i < part; ++i) factor = next_operand(factor);
      if (factor->tag == Operand::Tag::Int) return i32(factor->integer);
      if (factor->tag == Operand::Tag::Number)
        return sch.number(static_cast<uint32_t>(factor->integer));
    }
  }
  fail<ValueError>("CrossThreadReduction: no split gives the extent of threadIdx.x");
}

inline bool is_under_thread_x(const Schedule& sch, const std::vector<LoopRV>& loops) {
  return std::any_of(loops.begin(), loops.end(), [&](const LoopRV& loop) {
    const For* stmt = sch.get(loop);
    return stmt->thread_binding && stmt->thread_binding->thread_tag == "threadIdx.x";
  });
}

}  // namespace detail

METASCHEDULE_INLINE std::vector<SchedulePtr> CrossThreadReduction::apply(const SchedulePtr& sch,
                                                                         const BlockRV& block) {
  if (max_threads_per_block_ == -1 ||
      !needs_rfactor_or_cross_thread_reduction(place_of(*sch, block), max_threads_per_block_))
    return {sch};
  auto shared = std::make_shared<Schedule>(sch->copy());
  Schedule& s = *shared;
  s.seed(sch->fork_seed());
  std::optional<detail::FusionPlace> place = detail::fusion_place(s, block);
  const size_t n = thread_extents.size();
  ExprRV extent =
      s.sample_categorical(thread_extents, std::vector<double>(n, 1.0 / static_cast<double>(n)));
  if (place) {
    if (!detail::is_under_thread_x(s, s.get_loops(place->consumer))) {
      std::vector<LoopRV> parts = s.split(place->innermost, {nullptr, extent});
      s.bind(parts[1], "threadIdx.x");
      if (place->target == place->innermost) place->target = parts[0];
    } else {
      extent = detail::thread_extent_of_trace(s);
    }
    s.compute_at(block, place->target, true);
    s.set_scope(block, 0, "shared");
  }
  FusedReduction fused = reorder_and_fuse_reduction_loops(s, block);
  std::vector<LoopRV> parts = s.split(fused.loop, {nullptr, extent});
  s.bind(parts[1], "threadIdx.x");
  return {shared, sch};
}

METASCHEDULE_INLINE void AutoBind::initialize_with_tune_context(const TuneContextPtr& context) {
  max_threads_per_block_ = required_target_int(*context, "max_threads_per_block", "AutoBind");
}

METASCHEDULE_INLINE std::vector<SchedulePtr> AutoBind::apply(const SchedulePtr& sch,
                                                             const BlockRV& block) {
  check<ValueError>(max_threads_per_block_ != -1, "AutoBind: max_threads_per_block is not set");
  bind_block_thread_idx(*sch, block, max_threadblocks, max_threads_per_block_,
                        sample_thread_extent(*sch, thread_extents));
  return {sch};
}

}  // namespace metaschedule
