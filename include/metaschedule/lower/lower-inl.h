// SPDX-License-Identifier: Apache-2.0
// The order of the passes.
#pragma once

#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/lower.h"
#include "metaschedule/lower/opaque_block-inl.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/lower/simplify-inl.h"

namespace metaschedule::lower {
METASCHEDULE_INLINE PrimFuncRef lower(const PrimFuncRef& func, const LowerOptions& options) {
  pre_order(*func->body, [](const Node& n) {
    const For* loop = as<For>(&n);
    if (loop && loop->kind == ForKind::ThreadBinding)
      fail<BuildError>("lowering: loop {} is bound to {}, which a CPU does not have",
                       loop->loop_var->name, loop->thread_binding->thread_tag);
    return !is_expr_kind(n.kind);
  });
  PrimFuncRef f = func;
  f = lower_init_block(f);
  f = plan_buffer_allocation(f);
  f = convert_blocks_to_opaque(f);
  f = compact_buffer_allocation(f);
  f = lower_match_buffer(f);
  f = inject_software_pipeline(f);
  f = lower_opaque_block(f);
  f = flatten_buffer(f);
  f = simplify(f);
  if (options.split_tails) f = split_tails(f);
  f = register_tile(f, options);
  f = vectorize_loop(f, options);
  f = apply_unroll_pragmas(f);
  f = remove_no_op(f);
  return legalize_small_floats(f, options.native_half);
}
METASCHEDULE_INLINE ModuleRef lower(const IRModule& module, const LowerOptions& options) {
  return map_functions(module, [&](const PrimFuncRef& f) { return lower(f, options); });
}

namespace detail {

/// What there is in a function that some passes are for.
struct FunctionParts {
  explicit FunctionParts(const PrimFunc& func) {
    pre_order(*func.body, [&](const Node& node) {
      if (const For* loop = as<For>(&node)) {
        threads = threads || loop->kind == ForKind::ThreadBinding;
      } else if (const Block* block = as<Block>(&node)) {
        views = views || !block->match_buffers.empty();
        alignments = alignments || block->annotations.contains("buffer_dim_align");
        layouts = layouts || block->annotations.contains("meta_schedule.layout_rewrite_preproc");
      } else if (const Var* var = as<Var>(&node)) {
        pointers = pointers || var->dtype.is_handle();
      }
      return true;
    });
  }

  bool threads = false, views = false, alignments = false, layouts = false, pointers = false;
};

}  // namespace detail

METASCHEDULE_INLINE ModuleRef lower_for_features(const IRModule& module, bool keep_regions) {
  return map_functions(module, [&](PrimFuncRef f) {
    const detail::FunctionParts has(*f);
    // Where nothing is reached by a pointer, the regions are not needed from here on.
    const bool regions = keep_regions || has.pointers || has.views || has.alignments;
    detail::SimplifyMemo memo;
    auto simplified = [&] {
      return detail::with_body(f, detail::StmtSimplifier(memo, keep_regions)(f->body));
    };
    if (has.layouts) f = remove_weight_layout_rewrite_block(f);
    f = simplify_for_features(f);
    if (has.threads) f = lower_cross_thread_reduction(f);
    f = lower_init_block(f);
    f = plan_buffer_allocation(f);
    f = detail::with_body(f, detail::OpaqueConverter(regions)(f->body));
    f = compact_buffer_allocation(f);
    f = simplified();
    if (has.threads) f = unify_thread_binding(f);
    if (has.views) f = lower_match_buffer(f);
    return simplified();
  });
}

}  // namespace metaschedule::lower
