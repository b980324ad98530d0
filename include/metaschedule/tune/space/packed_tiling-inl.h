// SPDX-License-Identifier: Apache-2.0
// Tiling with packed operands.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/tune/space/packed_tiling.h"
#include "metaschedule/tune/space/predicates.h"

namespace metaschedule {

METASCHEDULE_INLINE MultiLevelTilingPacked::MultiLevelTilingPacked(Options options)
    : MultiLevelTiling(std::move(options)) {
  check<ValueError>(
      !r_levels_.empty() && !s_levels_.empty() && r_levels_.front() > s_levels_.front(),
      "MultiLevelTilingPacked: expected a structure with an R below an S, found \"{}\"",
      options_.structure);
}

METASCHEDULE_INLINE std::optional<size_t> packable_read(const Block& block) {
  // What fits into the first cache stays there by itself.
  constexpr int64_t kFirstCacheBytes = 32 << 10;
  std::vector<const Var*> axes;
  for (const Ref<IterVar>& iter : block.iter_vars)
    if (iter->iter_type == IterType::DataPar && !is_one(iter->dom->extent))
      axes.push_back(iter->var.get());
  if (axes.size() < 2) return std::nullopt;
  for (size_t i = 0; i < block.reads.size(); ++i) {
    const BufferRegion& read = *block.reads[i];
    if (read.buffer.same_as(block.writes[0]->buffer) || read.region.empty()) continue;
    auto used = [&](const Var* axis) {
      return std::any_of(read.region.begin(), read.region.end(),
                         [axis](const Ref<Range>& range) { return uses_var(*range->min, axis); });
    };
    if (!uses_var(*read.region.back()->min, axes.back())) continue;
    if (std::all_of(axes.begin(), axes.end(), used)) continue;
    int64_t bytes = read.buffer->dtype.bytes();
    for (const Expr& extent : read.buffer->shape) {
      const auto value = as_const_int(extent);
      bytes = value && bytes > 0 ? bytes * *value : 0;
    }
    if (bytes > kFirstCacheBytes) return i;
  }
  return std::nullopt;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> MultiLevelTilingPacked::apply(const SchedulePtr& sch,
                                                                           const BlockRV& block) {
  if (!needs_multi_level_tiling(place_of(*sch, block)) || !packable_read(*sch->get(block)))
    return {sch};
  std::vector<SchedulePtr> out =
      MultiLevelTiling::apply(std::make_shared<Schedule>(sch->copy()), block);
  out.insert(out.begin(), sch);
  return out;
}

METASCHEDULE_INLINE std::vector<LoopRV> MultiLevelTilingPacked::split_loop(
    State& state, LoopRV loop, size_t levels, std::vector<ExprRV>& factors) const {
  // Sums that are put away and fetched again after fewer steps cost more than a small panel saves.
  constexpr int64_t kFewSteps = 16;
  Schedule& sch = *state.sch;
  const BlockPlace place = place_of(sch, state.block);
  const For* stmt = sch.get(loop);
  const IntImm* extent = as<IntImm>(stmt->extent);
  size_t axis = 0, innermost = 0;
  for (size_t i = 0; i < place.realize->iter_values.size(); ++i) {
    if (place.realize->iter_values[i].get() == stmt->loop_var.get()) axis = i;
    if (place.block().iter_vars[i]->iter_type == IterType::DataPar) innermost = i;
  }
  const bool reduces = place.block().iter_vars[axis]->iter_type == IterType::CommReduce;
  if (reduces && extent && extent->value < kFewSteps) {
    factors.assign(levels - 1, i32(1));
    factors.push_back(stmt->extent);
    return sch.split(loop, factors);
  }
  if (reduces || axis == innermost || levels < 3)
    return MultiLevelTiling::split_loop(state, loop, levels, factors);
  factors = sch.sample_perfect_tile(loop, static_cast<int>(levels) - 1, -1);
  return sch.split(loop, factors);
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTilingPacked::add_read_reuse(
    State state) const {
  Schedule& sch = *state.sch;
  const std::optional<size_t> read = packable_read(*sch.get(state.block));
  METASCHEDULE_CHECK(read.has_value());
  const BlockRV panel =
      sch.cache_read(state.block, static_cast<int>(*read), "global", {state.block});
  sch.compute_at(panel, state.tiles[r_levels_.front()].back(), true);
  state.read_reuse[*read] = panel;
  std::vector<State> out;
  out.push_back(std::move(state));
  return out;
}

}  // namespace metaschedule
