// SPDX-License-Identifier: Apache-2.0
// The passes of lowering, each a function of a PrimFunc that keeps what the program computes. The
// order in which they are meant to run is in lower.h; the meaning of each stands at the head of
// its file, <name>-inl.h.
#pragma once

#include "metaschedule/ir/function.h"

namespace metaschedule::lower {

/// The module with `f` applied to each of its functions.
template <class F>
ModuleRef map_functions(const IRModule& module, F&& f) {
  auto out = mutate(module);
  for (auto& [name, func] : out->functions) {
    if (PrimFuncRef prim = as_ref<PrimFunc>(func)) func = f(prim);
  }
  return out;
}

/// The initial value of a reduction becomes a guarded statement of its block.
PrimFuncRef lower_init_block(const PrimFuncRef& func);
/// Every allocated buffer moves to the lowest loop or block above all its uses.
PrimFuncRef plan_buffer_allocation(const PrimFuncRef& func);
/// Block axes are replaced by what they are bound to.
PrimFuncRef convert_blocks_to_opaque(const PrimFuncRef& func);
/// Allocated buffers shrink to the region that one life of them is accessed in.
PrimFuncRef compact_buffer_allocation(const PrimFuncRef& func);
/// Accesses of match_buffer views become accesses of what they view.
PrimFuncRef lower_match_buffer(const PrimFuncRef& func);
/// Statements of loops annotated as software pipelines run at different times.
PrimFuncRef inject_software_pipeline(const PrimFuncRef& func);
/// Simplifies all expressions, drops branches that are never taken.
PrimFuncRef simplify(const PrimFuncRef& func);
/// Blocks vanish: predicates become conditions, their buffers allocations; unit loops vanish too.
PrimFuncRef lower_opaque_block(const PrimFuncRef& func);
/// Buffers become one-dimensional.
PrimFuncRef flatten_buffer(const PrimFuncRef& func);

/// Reductions over thread loops become a reduction in each thread, one across them, a write.
PrimFuncRef lower_cross_thread_reduction(const PrimFuncRef& func);
/// All loops of a kernel that are bound to one thread tag become one.
PrimFuncRef unify_thread_binding(const PrimFuncRef& func);

/// Drops blocks that copy a parameter into a layout of its own (`meta_schedule.
/// layout_rewrite_preproc`), and makes the parameter one of that layout and shape: weights are laid
/// out once, ahead of all calls. A block whose parameter is read elsewhere too stays.
PrimFuncRef remove_weight_layout_rewrite_block(const PrimFuncRef& func);
/// Feature extraction only; does not keep the meaning: Selects without loads become 1.
PrimFuncRef simplify_for_features(const PrimFuncRef& func);

}  // namespace metaschedule::lower
