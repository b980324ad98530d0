// SPDX-License-Identifier: Apache-2.0
// The values of block axes as functions of loops: substituting loop variables, bringing values to
// the form `outer * extent + inner`, and whether they are affine.
#pragma once

#include <utility>
#include <vector>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/path.h"

namespace metaschedule {

/// Loops that are in scope, outer first.
using LoopStack = std::vector<const For*>;

/// The loop statements of a subtree with variables replaced, and `predicate` (may be null) added to
/// each block realize that is not inside another block. What is inside a block with axes is left
/// alone: it cannot use loop variables.
Stmt substitute_loops(const Stmt& stmt, const VarMap& map, const Expr& predicate = nullptr);

/// The axis values of each block below `stmt`, which stands under the loops `outer`, brought to
/// normal form; opaque blocks are entered. `simplify_trivial` drops variables of loops of extent 1.
/// Values that have no normal form stay as they are.
Stmt normalize_bindings(const Stmt& stmt, LoopStack outer, bool simplify_trivial);

/// True when the values are a surjective affine map of the loops where each starts with scale 1.
bool is_affine_binding(const BlockRealize& realize, const LoopStack& loops);
/// The same with the loops between a block realize, the end of `path`, and the block around it.
bool is_affine_binding(const Path& path);

/// Variables with their ranges, as arith takes them.
std::vector<std::pair<VarRef, Ref<Range>>> loop_ranges(const LoopStack& loops);

}  // namespace metaschedule
