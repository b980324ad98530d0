// SPDX-License-Identifier: Apache-2.0
// The flags of blocks in a scope that rest on regions: is everything that a block reads produced
// before it, and is the scope a pipeline of stages. Functions of the program, nothing is stored.
#pragma once

#include <string_view>
#include <vector>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

/// The child blocks of a scope in program order, as in BlockScope::children. `scope` is a block or
/// its realize.
std::vector<ScopeChild> children_with_loops(const StmtNode& scope);

/// True when the buffer of `storage_scope` is one for all threads of an axis with `thread_tag`, so
/// that what all of them touch counts together. Raises ValueError for an unknown tag.
bool relaxes_thread_axis(std::string_view storage_scope, std::string_view thread_tag);

/// For each child: are all regions that it reads and that other children produce (RAW) covered by
/// what these produce? Both are taken under the lowest statement common to producer and consumer:
/// the produced region from below, the consumed one from above. `scope` is the path to the realize
/// of the scope's block, `graph` its dependencies.
std::vector<bool> region_cover(const Path& scope, const BlockScope& graph);
bool is_region_covered(const Path& scope, const BlockScope& graph, int child);

/// True when every child that depends on another is covered and no dependency is WAR or opaque.
bool is_stage_pipeline(const Path& scope, const BlockScope& graph);
/// False when what this thread keeps of the scopes of the roots is not what holds of them: a
/// defect.
bool kept_scopes_hold(const IRModule& module);

/// What primitives ask about a block, of the program as it is.
struct BlockFlags {
  bool affine_binding = true, region_cover = true, stage_pipeline = true;
};
/// Of the block at the end of a path. `region_cover` is about its scope, `stage_pipeline` about the
/// blocks in it; a root without axes is affine and covered.
BlockFlags block_flags(const Path& block);

}  // namespace metaschedule
