// SPDX-License-Identifier: Apache-2.0
// The order of the passes.
#pragma once

#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/lower.h"
#include "metaschedule/lower/passes.h"

namespace metaschedule::lower {
namespace detail {

template <class F>
ModuleRef map_functions(const IRModule& module, F&& f) {
  auto out = mutate(module);
  for (auto& [name, func] : out->functions) {
    if (PrimFuncRef prim = as_ref<PrimFunc>(func)) func = f(prim);
  }
  return out;
}

}  // namespace detail

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
  f = lower_opaque_block(f);
  f = flatten_buffer(f);
  f = simplify(f);
  if (options.split_tails) f = split_tails(f);
  f = register_tile(f, options);
  f = vectorize_loop(f, options);
  f = apply_unroll_pragmas(f);
  f = remove_no_op(f);
  return f;
}
METASCHEDULE_INLINE ModuleRef lower(const IRModule& module, const LowerOptions& options) {
  return detail::map_functions(module, [&](const PrimFuncRef& f) { return lower(f, options); });
}

METASCHEDULE_INLINE ModuleRef lower_for_features(const IRModule& module) {
  return detail::map_functions(module, [](PrimFuncRef f) {
    f = remove_weight_layout_rewrite_block(f);
    f = simplify_for_features(f);
    f = lower_cross_thread_reduction(f);
    f = lower_init_block(f);
    f = plan_buffer_allocation(f);
    f = convert_blocks_to_opaque(f);
    f = compact_buffer_allocation(f);
    f = simplify(f);
    f = unify_thread_binding(f);
    f = lower_match_buffer(f);
    return simplify(f);
  });
}

}  // namespace metaschedule::lower
