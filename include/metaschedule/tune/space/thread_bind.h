// SPDX-License-Identifier: Apache-2.0
// Binding the loops of a block to the blocks and threads of a GPU.
#pragma once

#include <functional>
#include <vector>

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

/// How many threads to take when there may be at most so many: a sampled number or a constant.
using ThreadExtent = std::function<ExprRV(int64_t max_extent)>;
/// Samples one of the extents that fit.
ThreadExtent sample_thread_extent(Schedule& sch, std::vector<int64_t> thread_extents);

/// Splits a loop and binds the parts to blockIdx.x and threadIdx.x; a loop too long for all threads
/// together keeps a serial part, innermost. Returns the parts, outer first.
std::vector<LoopRV> bind_spatial_loop(Schedule& sch, LoopRV loop, int64_t max_threadblocks,
                                      int64_t max_threads_per_block,
                                      const ThreadExtent& thread_extent);

/// Binds the outer data parallel loops of a block unless they are bound, the block is tiled or is
/// the root.
void bind_block_thread_idx(Schedule& sch, const BlockRV& block, int64_t max_threadblocks,
                           int64_t max_threads_per_block, const ThreadExtent& thread_extent);

}  // namespace metaschedule
