// SPDX-License-Identifier: Apache-2.0
// Binding loops to blocks and threads.
#pragma once

#include <algorithm>
#include <limits>

#include "metaschedule/ir/op.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/thread_bind.h"

namespace metaschedule {

METASCHEDULE_INLINE ThreadExtent sample_thread_extent(Schedule& sch,
                                                      std::vector<int64_t> thread_extents) {
  return [&sch, extents = std::move(thread_extents)](int64_t max_extent) -> ExprRV {
    std::vector<int64_t> fitting;
    for (int64_t extent : extents)
      if (extent <= max_extent) fitting.push_back(extent);
    if (fitting.empty()) return i32(max_extent);
    if (fitting.size() == 1) return i32(fitting[0]);
    std::vector<double> uniform(fitting.size(), 1.0 / static_cast<double>(fitting.size()));
    return sch.sample_categorical(fitting, uniform);
  };
}

METASCHEDULE_INLINE std::vector<LoopRV> bind_spatial_loop(Schedule& sch, LoopRV loop,
                                                          int64_t max_threadblocks,
                                                          int64_t max_threads_per_block,
                                                          const ThreadExtent& thread_extent) {
  const IntImm* constant = as<IntImm>(sch.get(loop)->extent);
  int64_t extent = constant ? constant->value : std::numeric_limits<int64_t>::max();
  if (extent <= max_threadblocks * max_threads_per_block) {
    ExprRV factor = thread_extent(std::min(extent, max_threads_per_block));
    std::vector<LoopRV> parts = sch.split(loop, {nullptr, factor});
    sch.bind(parts[0], "blockIdx.x");
    sch.bind(parts[1], "threadIdx.x");
    return parts;
  }
  std::vector<LoopRV> parts =
      sch.split(loop, {nullptr, i32(max_threadblocks), i32(max_threads_per_block)});
  std::vector<LoopRV> order{parts[1], parts[2], parts[0]};
  sch.reorder(order);
  sch.bind(order[0], "blockIdx.x");
  sch.bind(order[1], "threadIdx.x");
  return order;
}

namespace detail {

/// What the loops of a block allow.
struct BindableLoops {
  int block_idx = -1, thread_idx = -1;  // positions of the first loops bound so
  int limit = 0;                        // loops before the first that cannot be fused
  int lead = -1;                        // last of the leading data parallel loops
};
inline BindableLoops bindable_loops(const std::vector<const For*>& loops) {
  BindableLoops out;
  const int n = static_cast<int>(loops.size());
  out.limit = n;
  bool leading = true;
  for (int i = 0; i < n; ++i) {
    const For& loop = *loops[static_cast<size_t>(i)];
    std::string tag = loop.thread_binding ? loop.thread_binding->thread_tag : "";
    if (out.block_idx == -1 && tag.starts_with("blockIdx")) out.block_idx = i;
    if (out.thread_idx == -1 && tag.starts_with("threadIdx")) out.thread_idx = i;
    if (loop.kind != ForKind::Serial) out.limit = std::min(out.limit, i);
    if (loop.body->kind == Kind::SeqStmt) out.limit = std::min(out.limit, i + 1);
    leading = leading && loop_iter_type(loop) == IterType::DataPar;
    if (leading) out.lead = i;
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE void bind_block_thread_idx(Schedule& sch, const BlockRV& block,
                                               int64_t max_threadblocks,
                                               int64_t max_threads_per_block,
                                               const ThreadExtent& thread_extent) {
  detail::BindableLoops found;
  {
    BlockPlace place = place_of(sch, block);
    if (!place.scope || is_tiled(place.block())) return;
    found = detail::bindable_loops(place.loops);
  }
  if (found.block_idx != -1 && found.thread_idx != -1) return;
  check<ScheduleError>(found.block_idx == -1,
                       "binding threads: a loop of the block is bound to blockIdx and none to "
                       "threadIdx");
  std::vector<LoopRV> loops = sch.get_loops(block);
  if (found.lead == -1) {
    LoopRV unit = loops.empty() ? sch.add_unit_loop(block) : sch.add_unit_loop(loops[0]);
    loops.insert(loops.begin(), unit);
    ++found.limit;
    if (found.thread_idx != -1) ++found.thread_idx;
    found.lead = 0;
  }
  if (found.thread_idx != -1) {
    int n = std::min({found.limit, found.thread_idx, found.lead + 1});
    loops = sch.get_loops(block);
    LoopRV fused = sch.fuse(std::vector<LoopRV>(loops.begin(), loops.begin() + n));
    sch.bind(fused, "blockIdx.x");
    return;
  }
  int n = std::min(found.limit, found.lead + 1);
  LoopRV fused = sch.fuse(std::vector<LoopRV>(loops.begin(), loops.begin() + n));
  bind_spatial_loop(sch, fused, max_threadblocks, max_threads_per_block, thread_extent);
}

}  // namespace metaschedule
