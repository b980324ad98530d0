// SPDX-License-Identifier: Apache-2.0
// simplify_for_features: a Select without a load anywhere becomes the constant 1 of its type (one
// with a load is left alone, inside too); serial loops over [0, 1) without annotations go.
#pragma once

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

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

METASCHEDULE_INLINE PrimFuncRef simplify_for_features(const PrimFuncRef& func) {
  return detail::with_body(func, detail::FeatureSimplifier()(func->body));
}

}  // namespace metaschedule::lower
