// SPDX-License-Identifier: Apache-2.0
// Inside register_tile: a reduction into one element runs in several accumulators at once.
#pragma once

#include "metaschedule/lower/lower.h"
#include "metaschedule/lower/nest.h"

namespace metaschedule::lower::detail {

/// The nest with its innermost loop over lanes of accumulators; null where that does not apply.
Stmt split_reduction(const ReductionNest& nest, const LowerOptions& options);

}  // namespace metaschedule::lower::detail
