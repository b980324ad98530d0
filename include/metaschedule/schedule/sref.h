// SPDX-License-Identifier: Apache-2.0
// Blocks and loops named as the original's sref tree names them. There is no tree: these are found
// in the program when asked for.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

/// A block by its id, or a loop by its variable: it follows the statement through edits, and names
/// nothing once that is gone. Neither: one of the marks of TableEntry.
struct StmtSRef {
  BlockId block = 0;
  VarRef loop;
  int64_t mark = 0;
  friend bool operator==(const StmtSRef&, const StmtSRef&) = default;
};

/// Of a For, Block or BlockRealize.
StmtSRef sref_of(const Node& stmt);
/// What a handle names, which may be gone; IndexError for a handle of another schedule.
StmtSRef sref_of(const ScheduleState& state, BlockRV block);
StmtSRef sref_of(const ScheduleState& state, LoopRV loop);
/// The way to the statement; empty when it is gone.
Path find_sref(const IRModule& module, const StmtSRef& sref);
/// The way to a For, Block or BlockRealize given as a node of the program. Empty when it is none of
/// them, or inside the init of a block.
Path find_sref_stmt(const IRModule& module, const Node* stmt);
/// The Block or For at the end of a path.
Ref<Node> sref_stmt(const Path& path);
/// The nearest block or loop above the end of a path; nothing for a root block.
std::optional<StmtSRef> sref_parent(const Path& path);

/// Puts a block where a block is, or a loop or a block realize where a loop is, outside of any
/// trace. For each pair of `reuse` (old block, new block inside `target`) the new block takes the
/// identity of the old one; loops keep that of their variable. Raises ValueError when the
/// statement is gone, TypeError for other kinds of statements.
void replace_sref(Schedule& schedule, const StmtSRef& sref, const Stmt& target,
                  const std::vector<std::pair<BlockRef, BlockRef>>& reuse = {});

}  // namespace metaschedule
