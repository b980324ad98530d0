// SPDX-License-Identifier: Apache-2.0
// The scope that a primitive works in: the nearest block around a block or loop.
#pragma once

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/scope.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule {

struct ScopeRoot {
  Path path;                               // to the realize of the scope's block
  std::shared_ptr<const BlockScope> kept;  // of its children

  const Block& block() const { return block_of(*path.back()); }
  const BlockScope& graph() const { return *kept; }
};

/// The scope of the statement at the end of a path. Refuses for a root block and, if asked (and
/// unless the schedule's checks are off), where the scope is not a pipeline of stages.
ScopeRoot scope_root(const ScheduleState& state, const Path& path, bool require_stage_pipeline);

/// The values of the axes of a block realize, by axis.
VarMap axis_values(const BlockRealize& realize);

}  // namespace metaschedule
