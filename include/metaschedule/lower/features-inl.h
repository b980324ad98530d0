// SPDX-License-Identifier: Apache-2.0
// remove_weight_layout_rewrite_block: blocks annotated `meta_schedule.layout_rewrite_preproc` only
// bring constant weights into another layout; they go, and what they read is never read.
//
// simplify_for_features: a Select without a load anywhere becomes the constant 1 of its type (one
// with a load is left alone, inside too); serial loops over [0, 1) without annotations go.
#pragma once

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class LayoutRewriteRemover : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    if (const BlockRealize* r = as<BlockRealize>(&node)) {
      if (r->block->annotations.contains("meta_schedule.layout_rewrite_preproc"))
        return make<Evaluate>(i32(0));
    }
    Ref<Node> out = rewrite_children(node);
    const For* loop = as<For>(out ? out.node() : &node);
    const Evaluate* body = loop ? as<Evaluate>(loop->body) : nullptr;
    if (out && body && body->value->kind == Kind::IntImm) return make<Evaluate>(i32(0));
    return out;
  }
};

class FeatureSimplifier : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var: {
        auto it = zero_.find(static_cast<const Var*>(&node));
        return it == zero_.end() ? nullptr : it->second;
      }
      case Kind::Select: {
        const Select& s = static_cast<const Select&>(node);
        if (any_node(s, [](const Node& n) { return n.kind == Kind::BufferLoad; })) return nullptr;
        return make_const(s.dtype, 1);
      }
      case Kind::For: {
        const For& loop = static_cast<const For&>(node);
        if (!is_zero(loop.min) || !is_one(loop.extent) || loop.kind != ForKind::Serial ||
            !loop.annotations.empty())
          return rewrite_children(node);
        zero_[loop.loop_var.get()] = make_zero(loop.loop_var->dtype);
        return (*this)(loop.body);
      }
      default:
        return rewrite_children(node);
    }
  }

 private:
  VarMap zero_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef remove_weight_layout_rewrite_block(const PrimFuncRef& func) {
  return detail::with_body(func, detail::LayoutRewriteRemover()(func->body));
}
METASCHEDULE_INLINE PrimFuncRef simplify_for_features(const PrimFuncRef& func) {
  return detail::with_body(func, detail::FeatureSimplifier()(func->body));
}

}  // namespace metaschedule::lower
