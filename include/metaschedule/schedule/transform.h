// SPDX-License-Identifier: Apache-2.0
// Sequences of primitives that fit blocks to what they are to become.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

/// Cuts the loops of a block to the size of an intrinsic and moves the inner parts innermost; pads
/// the block first where that is allowed and needed, with the blocks before and after it inlined
/// into those that fill and cut off the padding. Returns the outermost inner loop, or nothing, with
/// the schedule as it was, where the loops cannot be those of the intrinsic.
std::optional<LoopRV> tile_with_tensor_intrin(Schedule& sch, const BlockRV& block,
                                              const std::string& intrin_name,
                                              bool allow_padding = false);

/// A block whose loops are its axes, none of them of extent 1 but perhaps a first one.
struct NormalizedBlock {
  BlockRV block;
  std::vector<LoopRV> loops;
  List<IterVar> iters;
  bool is_reduction = false;
};
/// Drops the axes of extent 1 of all blocks in the block `root` that hold no further block, putting
/// one in front of those that have no data parallel axis left. Nothing where a block is bound to
/// anything but its loops, in order and from zero.
std::optional<std::vector<NormalizedBlock>> normalize_prim_func(Schedule& sch);

}  // namespace metaschedule
