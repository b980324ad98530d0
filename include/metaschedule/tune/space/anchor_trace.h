// SPDX-License-Identifier: Apache-2.0
// Carrying what tuning found for one program over to another that has the same anchor block, the
// reduction that does most of the work, and other blocks around it.
#pragma once

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

/// Runs the trace of another program on `sch`. First the spatial blocks that the anchor block does
/// not need and the trace does not name are inlined. Steps about blocks that `sch` has not are left
/// out; inlining goes the other way where it has to. Then one block may be left as it was: it is
/// inlined into its only producer if that is spatial; otherwise its loops are run in parallel, or
/// bound to threads on a GPU.
///
/// The trace must be a simplified one, as databases hold. Raises ValueError when more than one
/// block is left, or the target has no default rules; IndexError when a step needs a number that a
/// step left out would have sampled; what a primitive raises. After an error `sch` is as it was.
void schedule_using_anchor_trace(Schedule& sch, const Trace& anchor_trace, const TargetRef& target);

}  // namespace metaschedule
