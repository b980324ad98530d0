// SPDX-License-Identifier: Apache-2.0
// Inside register_tile: which part of a nest stays in registers.
#pragma once

#include <vector>

#include "metaschedule/lower/lane_math.h"
#include "metaschedule/lower/nest.h"

namespace metaschedule::lower::detail {

/// A loop over elements cut for the tile: [start, start + count * inner), `inner` at a time.
struct Cut {
  size_t loop;
  int64_t start, count, inner;
};

struct TilePlan {
  static constexpr size_t kNone = ~size_t{0};
  /// The loop that lanes run along; kNone for scalar accumulators.
  size_t vector = kNone;
  int lanes = 1;
  /// Vectors side by side in a tile, and the cuts of the vector loop with their lanes: first whole
  /// tiles, then what is left.
  struct VectorCut {
    Cut cut;
    int64_t vectors;
    int lanes;
  };
  std::vector<VectorCut> columns;
  /// For each other loop that the tile takes part of: the whole rows, then what is left of them.
  std::vector<std::vector<Cut>> rows;
};

/// Merges loops over elements that together run through memory without a gap into one, so that
/// lanes can run along it. The same nest when there are none.
Stmt merge_contiguous_loops(const ReductionNest& nest, int lanes);
TilePlan plan_tile(const ReductionNest& nest, const LowerOptions& options);

}  // namespace metaschedule::lower::detail
