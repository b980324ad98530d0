// SPDX-License-Identifier: Apache-2.0
// The passes by name, for those who run them one by one. The names are TVM's where it has the pass.
#pragma once

#include <span>
#include <string_view>

#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {

struct NamedPass {
  const char* name;
  const char* doc;
  PrimFuncRef (*run)(const PrimFuncRef& func);
};

namespace detail {
inline PrimFuncRef default_register_tile(const PrimFuncRef& func) {
  return register_tile(func, {});
}
inline PrimFuncRef default_vectorize(const PrimFuncRef& func) { return vectorize_loop(func, {}); }
inline PrimFuncRef legalize_float8(const PrimFuncRef& func) {
  return legalize_small_floats(func, true);
}
inline PrimFuncRef legalize_float16(const PrimFuncRef& func) {
  return legalize_small_floats(func, false);
}
}  // namespace detail

/// In the order of the pipeline; those for programs with threads and those that only some programs
/// need come last.
inline constexpr NamedPass kPasses[] = {
    {"LowerInitBlock", "The initial value of a reduction becomes a guarded statement.",
     lower_init_block},
    {"PlanAndUpdateBufferAllocationLocation",
     "Buffers are allocated at the lowest place above all uses.", plan_buffer_allocation},
    {"ConvertBlocksToOpaque", "Block axes are replaced by what they are bound to.",
     convert_blocks_to_opaque},
    {"CompactBufferAllocation", "Allocated buffers shrink to what one life of them accesses.",
     compact_buffer_allocation},
    {"LowerMatchBuffer", "Accesses of views become accesses of what they view.",
     lower_match_buffer},
    {"InjectSoftwarePipeline", "Statements of annotated loops run at different times.",
     inject_software_pipeline},
    {"LowerOpaqueBlock", "Blocks vanish: predicates become conditions, their buffers allocations.",
     lower_opaque_block},
    {"FlattenBuffer", "Buffers become one-dimensional.", flatten_buffer},
    {"Simplify", "Expressions are simplified, branches that are never taken dropped.", simplify},
    {"LoopPartition", "Loops are split where a condition in them changes.", split_tails},
    {"RegisterTile", "Reductions keep tiles of their result in local accumulators.",
     detail::default_register_tile},
    {"VectorizeLoop", "Vectorised loops become vector statements.", detail::default_vectorize},
    {"UnrollLoop", "Loops that unroll pragmas ask for are marked unrolled.", apply_unroll_pragmas},
    {"RemoveNoOp", "Statements without effect and unused bindings go.", remove_no_op},
    {"FP8ComputeLegalize", "Values of float8 are computed with in float32, kept as integers.",
     detail::legalize_float8},
    {"FP16ComputeLegalize", "The same for float16 as well, where a machine does not convert it.",
     detail::legalize_float16},
    {"LowerCrossThreadReduction", "Reductions over threads: each by itself, across them, a write.",
     lower_cross_thread_reduction},
    {"UnifyThreadBinding", "All loops of a kernel bound to one thread tag become one.",
     unify_thread_binding},
    {"RemoveWeightLayoutRewriteBlock", "Parameters take the layouts that blocks copy them into.",
     remove_weight_layout_rewrite_block},
};

}  // namespace metaschedule::lower
