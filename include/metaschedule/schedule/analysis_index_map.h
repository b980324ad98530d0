// SPDX-License-Identifier: Apache-2.0
// The layout of a buffer that suits the loops which access it.
#pragma once

#include <vector>

#include "metaschedule/arith/iter_map.h"

namespace metaschedule {

/// A map of the buffer's indices, with its inverse, after which the access `buffer[indices]` under
/// `loops` (outer first) goes through memory in the order of the loops: the flat index is cut into
/// the splits of loop variables that make it up, and these are sorted by loop. Inputs are int32
/// variables `i0`, `i1`, …. Null when the access is not a sum of such splits with constant extents.
Ref<IndexMap> suggest_index_map(const Buffer& buffer, const std::vector<Expr>& indices,
                                const std::vector<const For*>& loops, const Expr& predicate,
                                arith::Analyzer& analyzer);

}  // namespace metaschedule
