// SPDX-License-Identifier: Apache-2.0
// Which instances of a block give (or use) a given region of a buffer: the heart of compute_at.
#pragma once

#include <utility>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The values that one axis must take, and values beyond which it must not go.
struct AxisDomain {
  arith::IntSet dom = arith::IntSet::nothing();
  arith::IntSet bound = arith::IntSet::nothing();
};

/// Regions by buffer, in order of first appearance.
using BufferSets = std::vector<std::pair<const Buffer*, std::vector<std::vector<arith::IntSet>>>>;
void add_region(BufferSets& sets, const Buffer* buffer, std::vector<arith::IntSet> region);

/// For each axis of `block`, what it must run over so that the regions `provided` by one instance
/// (in terms of the axes) together cover those `required`. Refuses where no rule applies and, with
/// `exactly`, where a remainder in the indices would make them cover more. With `dims`, the regions
/// have these dimensions of one buffer, each an axis of its own, and only what is said of those
/// axes counts.
std::vector<AxisDomain> solve_axis_domains(const Block& block, const BufferSets& provided,
                                           const BufferSets& required, arith::Analyzer& analyzer,
                                           bool exactly, const std::vector<size_t>& dims = {});

}  // namespace metaschedule
