// SPDX-License-Identifier: Apache-2.0
// Taking a block out of its scope, with the loops that hold nothing else.
#pragma once

#include "metaschedule/schedule/state.h"

namespace metaschedule {

/// What to take out: the member at `level` of the sequence at `level - 1`.
struct LeafRemoval {
  Path path;
  size_t level;
  /// Takes it out of a program in which `path` is valid.
  void apply(ModuleRef& program) const;
};
/// Refuses when the block at the end of the path is the only one of its scope.
LeafRemoval plan_leaf_removal(const Path& block);

}  // namespace metaschedule
