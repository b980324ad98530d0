// SPDX-License-Identifier: Apache-2.0
// What schedule rules and postprocs ask about a block: pure functions of the program.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "metaschedule/schedule/path.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

/// A block where it stands: the way to it, its loops and its scope. Holds pointers into the
/// program: use it before the next edit.
struct BlockPlace {
  Path path;
  const BlockRealize* realize = nullptr;
  std::vector<const For*> loops;        // up to the scope, outer first
  const BlockRealize* scope = nullptr;  // null for a root block

  const Block& block() const { return *realize->block; }
};
BlockPlace place_of(const Schedule& sch, const BlockRV& block);

/// The role of a loop: that of the axes of the blocks below which its variable binds; mixed roles
/// are opaque, no role is data parallel.
IterType loop_iter_type(const For& loop);

bool is_spatial(const Block& block);
/// All blocks, nested ones too, are spatial.
bool is_spatial_func(const PrimFunc& func);
/// Each axis is bound to the loop at the same depth.
bool is_trivial_binding(const BlockPlace& place);
bool is_tiled(const Block& block);
/// A predicate, a conditional statement, a Select or an `if_then_else` somewhere in the instance.
bool has_if_then_else(const BlockRealize& realize);
/// Calls one of these intrinsics (full names).
bool calls_any(const Node& node, const std::vector<std::string>& ops);

/// How a read region follows the axes that index the written one; all false when either is not made
/// of plain axes and constants.
struct AccessPattern {
  bool exists = false, surjective = false, injective = false, ordered = false;
  bool no_const_read = false, no_shift_read = false;
};
AccessPattern access_pattern(const BufferRegion& read, const BufferRegion& write);
/// Copies, possibly transformed element by element, what it reads in the order of what it writes.
bool is_write_cache(const Block& block);

/// Data is reused along an axis that one of its reads does not use: matmul, convolution.
bool needs_multi_level_tiling(const BlockPlace& place);
/// A reduction with more to gain along its reduction axes than along its spatial ones.
bool needs_rfactor_or_cross_thread_reduction(const BlockPlace& place, int64_t max_parallel_extent);

/// Whether `compute_inline`, or `reverse_compute_inline`, would do: tried on a copy.
bool can_inline(const Schedule& sch, const BlockRV& block, bool reverse);

/// Puts the reduction loops innermost and fuses them; the fused loop and the number of others.
struct FusedReduction {
  LoopRV loop;
  int num_spatial_loops = 0;
};
FusedReduction reorder_and_fuse_reduction_loops(Schedule& sch, const BlockRV& block);

/// The string annotation `key`, or nothing.
std::optional<std::string> string_annotation(const Block& block, std::string_view key);
/// The integer annotation `key`, or nothing.
std::optional<int64_t> int_annotation(const Dict& annotations, std::string_view key);

}  // namespace metaschedule
