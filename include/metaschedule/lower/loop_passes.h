// SPDX-License-Identifier: Apache-2.0
// The passes of lowering on plain loops, after blocks are gone. The meaning of each stands at the
// head of its file, <name>-inl.h.
#pragma once

#include "metaschedule/lower/lower.h"
#include "metaschedule/lower/passes.h"

namespace metaschedule::lower {

/// Conditions leave the loops that do most of the work.
PrimFuncRef split_tails(const PrimFuncRef& func);
/// Reductions keep tiles of their result in local accumulators.
PrimFuncRef register_tile(const PrimFuncRef& func, const LowerOptions& options);
/// Vectorised loops become vector statements of native width.
PrimFuncRef vectorize_loop(const PrimFuncRef& func, const LowerOptions& options);
/// Loops that unroll pragmas ask for become ForKind::Unrolled; the pragmas go.
PrimFuncRef apply_unroll_pragmas(const PrimFuncRef& func);
/// Values of float8, and of float16 without `native_half`, are computed with in float32 and kept as
/// integers.
PrimFuncRef legalize_small_floats(const PrimFuncRef& func, bool native_half);
/// Drops statements without effect and unused bindings and allocations.
PrimFuncRef remove_no_op(const PrimFuncRef& func);

}  // namespace metaschedule::lower
