// SPDX-License-Identifier: Apache-2.0
// lower_init_block: `init` of a block becomes `if all reduction axes are at their minimum: init`
// in front of the body. Without reduction axes there is no condition.
//
//   init: C[vi] = 0                     if vk == 0:
//   C[vi] = C[vi] + A[vi, vk]    ->       C[vi] = 0
//                                       C[vi] = C[vi] + A[vi, vk]
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/passes.h"

namespace metaschedule::lower {
namespace detail {

/// `func` with another body; the same function when the body is the same.
inline PrimFuncRef with_body(const PrimFuncRef& func, Stmt body) {
  if (body == func->body) return func;
  auto out = mutate(*func);
  out->body = std::move(body);
  return out;
}

class InitBlockLowerer : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    Ref<Node> out = rewrite_children(node);
    const Node& now = out ? *out : node;
    if (now.kind != Kind::Block) return out;
    const Block& block = static_cast<const Block&>(now);
    if (!block.init) return out;
    Expr first;
    for (const Ref<IterVar>& iter : block.iter_vars) {
      if (iter->iter_type != IterType::CommReduce) continue;
      Expr at_start = eq(iter->var, iter->dom->min);
      first = first ? logical_and(first, at_start) : at_start;
    }
    auto made = mutate(block);
    made->init = nullptr;
    made->body =
        flatten_seq({first ? Stmt(make<IfThenElse>(first, block.init)) : block.init, block.body});
    return Ref<Node>(made);
  }
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef lower_init_block(const PrimFuncRef& func) {
  return detail::with_body(func, detail::InitBlockLowerer()(func->body));
}

}  // namespace metaschedule::lower
