// SPDX-License-Identifier: Apache-2.0
// unify_thread_binding: within a kernel (the statement under an outermost thread loop) all loops
// bound to one tag become one loop. The loops stand around the kernel in the order in which their
// tags were first met, under a variable named for the tag. A thread loop with annotations leaves a
// loop of one step that carries them. Loops of one tag must have equal extents.
#pragma once

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class ThreadUnifier : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = replaced_.find(var);
      return it == replaced_.end() ? nullptr : it->second;
    }
    const For* loop = as<For>(&node);
    if (!loop || loop->kind != ForKind::ThreadBinding) return rewrite_children(node);
    Stmt out = thread_loop(*loop);
    if (loop->annotations.empty()) return out;
    if (const For* outermost = as<For>(out); outermost && depth_ == 0) {
      auto made = mutate(*outermost);
      made->annotations = loop->annotations;
      return Ref<Node>(made);
    }
    const DType t = loop->loop_var->dtype;
    return make<For>(make<Var>("var", t), make_zero(t), int_imm(t, 1), ForKind::Serial, out,
                     nullptr, loop->annotations);
  }

 private:
  struct Launch {
    VarRef var;
    Expr min, extent;
    std::string tag;
  };

  Stmt thread_loop(const For& loop) {
    const std::string& tag = loop.thread_binding->thread_tag;
    const DType t = loop.loop_var->dtype;
    Expr min = (*this)(loop.min), extent = (*this)(loop.extent);
    ++depth_;
    auto known = std::find_if(launches_.begin(), launches_.end(),
                              [&](const Launch& l) { return l.tag == tag; });
    if (known == launches_.end()) {
      launches_.push_back({make<Var>(tag, t), min, extent, tag});
      known = launches_.end() - 1;
    } else {
      check<BuildError>(
          analyzer_.can_prove_equal(cast(kInt64, known->extent), cast(kInt64, extent)),
          "lowering: the loops bound to {} of one kernel have different extents", tag);
    }
    Expr value = cast(t, known->var);
    if (!analyzer_.can_prove_equal(cast(kInt64, known->min), cast(kInt64, min)))
      value = value + (min - cast(t, known->min));
    replaced_[loop.loop_var.get()] = value;
    Stmt body = (*this)(loop.body);
    if (--depth_ > 0) return body;
    for (size_t i = launches_.size(); i-- > 0;) {
      const Launch& l = launches_[i];
      auto axis = make<IterVar>(nullptr, make<Var>("", l.var->dtype), IterType::ThreadIndex, l.tag);
      body = make<For>(l.var, l.min, l.extent, ForKind::ThreadBinding, body, axis);
    }
    launches_.clear();
    return body;
  }

  arith::Analyzer analyzer_;
  int depth_ = 0;
  std::vector<Launch> launches_;
  VarMap replaced_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef unify_thread_binding(const PrimFuncRef& func) {
  return detail::with_body(func, detail::ThreadUnifier()(func->body));
}

}  // namespace metaschedule::lower
