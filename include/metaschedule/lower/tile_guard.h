// SPDX-License-Identifier: Apache-2.0
// Inside register_tile: conditions of `if_then_else` (padding) tested once for a whole tile.
#pragma once

#include <unordered_map>

#include "metaschedule/lower/linear.h"

namespace metaschedule::lower::detail {

/// Variables of loops inside by their extents; they start at 0.
using InsideRanges = std::unordered_map<const Var*, int64_t>;

struct GuardedValue {
  /// Holds only where every condition of the value holds whatever the variables inside; null when
  /// the value has no conditions, or one that does not lend itself.
  Expr guard;
  /// The value where the guard holds.
  Expr fast;
};
GuardedValue guard_value(const Expr& value, const InsideRanges& tile, const InsideRanges& steps);

/// Drops conditions that hold whatever the variables in `inside` (and those of vectorised and
/// unrolled loops in the statement).
Stmt drop_known_conditions(const Stmt& stmt, InsideRanges inside);

}  // namespace metaschedule::lower::detail
