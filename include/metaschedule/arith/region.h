// SPDX-License-Identifier: Apache-2.0
// What part of a buffer is touched when variables run over their ranges: estimates from below and
// from above, as one interval a dimension.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/arith/int_set.h"
#include "metaschedule/arith/iter_map.h"

namespace metaschedule::arith {

/// Exactly the region touched: no point of the result is left out, none outside is touched. Nothing
/// where the region is not an affine map without holes, or an extent is not constant.
std::optional<std::vector<IntSet>> estimate_region_strict_bound(const Ranges& region,
                                                                const IterRanges& iters,
                                                                const Expr& predicate,
                                                                Analyzer& analyzer);
/// A region of which every point is touched: the strict bound.
inline std::optional<std::vector<IntSet>> estimate_region_lower_bound(const Ranges& region,
                                                                      const IterRanges& iters,
                                                                      const Expr& predicate,
                                                                      Analyzer& analyzer) {
  return estimate_region_strict_bound(region, iters, predicate, analyzer);
}
/// A region outside of which nothing is touched. A dimension may be unbounded.
std::vector<IntSet> estimate_region_upper_bound(const Ranges& region, const IterRanges& iters,
                                                const Expr& predicate, Analyzer& analyzer);

}  // namespace metaschedule::arith
