// SPDX-License-Identifier: Apache-2.0
// Reductions of rows beside what uses them.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/row_reduction.h"

namespace metaschedule {
namespace detail {

/// An untiled reduction in a loop nest of its own, with consumers.
inline bool is_lone_reduction(const BlockPlace& place) {
  if (!place.scope || place.path.enclosing_block() != 0 || place.loops.empty() ||
      is_tiled(place.block()) || needs_multi_level_tiling(place) ||
      child_blocks(*place.loops[0]).size() != 1)
    return false;
  const List<IterVar>& axes = place.block().iter_vars;
  if (std::none_of(axes.begin(), axes.end(), [](const Ref<IterVar>& axis) {
        return axis->iter_type == IterType::CommReduce && !is_one(axis->dom->extent);
      }))
    return false;
  const BlockScope scope = BlockScope::of(*place.scope);
  return !scope.consumers(scope.find(place.block().id)).empty();
}

/// How many of the outer loops of a consumer choose what it reads of `buffer`: below them the same
/// elements are read again and again. Nothing when all loops of any extent do, or none.
inline size_t row_loops(const BlockPlace& consumer, const Buffer* buffer) {
  VarMap bound;
  const Block& block = consumer.block();
  for (size_t i = 0; i < block.iter_vars.size(); ++i)
    bound[block.iter_vars[i]->var.get()] = consumer.realize->iter_values[i];
  std::vector<Expr> indices;
  for (const Ref<BufferRegion>& read : block.reads) {
    if (read->buffer.get() != buffer) continue;
    for (const Ref<Range>& range : read->region) indices.push_back(substitute(range->min, bound));
  }
  size_t depth = 0;
  bool walks = false;
  for (const For* loop : consumer.loops) {
    const bool used = std::any_of(indices.begin(), indices.end(), [loop](const Expr& index) {
      return uses_var(*index, loop->loop_var.get());
    });
    if (!used && !is_one(loop->extent)) return walks ? depth : 0;
    walks = walks || !is_one(loop->extent);
    ++depth;
  }
  return 0;
}

}  // namespace detail

METASCHEDULE_INLINE std::vector<SchedulePtr> RowReduction::apply(const SchedulePtr& sch,
                                                                 const BlockRV& block) {
  if (!detail::is_lone_reduction(place_of(*sch, block))) return {sch};
  const BufferRef buffer = sch->get(block)->writes[0]->buffer;
  const auto moved = std::make_shared<Schedule>(sch->copy());
  try {
    const BlockRV consumer = moved->get_consumers(block)[0];
    const size_t depth = detail::row_loops(place_of(*moved, consumer), buffer.get());
    if (depth == 0) return {sch};
    moved->compute_at(block, moved->get_loops(consumer)[depth - 1], true);
  } catch (const ScheduleError&) {
    return {sch};  // another consumer, or something that the block reads, stands elsewhere
  }
  return {sch, moved};
}

}  // namespace metaschedule
