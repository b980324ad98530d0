// SPDX-License-Identifier: Apache-2.0
// Inside vectorize_loop: how scalar operations widen to lanes.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/lower/lower.h"

namespace metaschedule::lower::detail {

/// The value in every lane, unless it has lanes already.
Expr widen(const Expr& e, int lanes);
/// A binary operation where at least one side has lanes. Sums, differences and products with what
/// is the same in all lanes keep a Ramp a Ramp, and so do quotients and remainders by a constant
/// whose multiples the Ramp does not cross.
Expr lane_binary(Kind kind, const Expr& a, const Expr& b, int lanes, arith::Analyzer& analyzer);
/// True for intrinsics that work lane by lane.
bool is_lane_wise(const Op& op);
/// Lanes of one native vector of the widest type that the statement loads, stores or computes.
int native_lanes(const Node& body, const LowerOptions& options);

}  // namespace metaschedule::lower::detail
