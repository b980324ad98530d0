// SPDX-License-Identifier: Apache-2.0
// apply_unroll_pragmas: below `pragma_auto_unroll_max_step = k`, serial loops of constant extent
// whose body has no loop that stays, and whose statements times the extent do not exceed k, become
// ForKind::Unrolled: the code generator copies their bodies. k counts vector statements as one, so
// it is a hint and bounded here by what a body may sensibly come to. The pragmas are dropped.
#pragma once

#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {
namespace detail {

class UnrollPragmas : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    switch (node.kind) {
      case Kind::AttrStmt:
        return attribute(static_cast<const AttrStmt&>(node));
      case Kind::For:
        return loop(static_cast<const For&>(node));
      case Kind::BufferStore:
        steps_ += 1;
        return nullptr;
      case Kind::Evaluate:
        steps_ += static_cast<const Evaluate&>(node).value->kind == Kind::Call;
        return nullptr;
      default:
        return rewrite_children(node);
    }
  }

 private:
  /// More copies than this of one statement make code slower, not faster.
  static constexpr int64_t kMostSteps = 64;

  Ref<Node> attribute(const AttrStmt& s) {
    if (!s.attr_key.starts_with("pragma_")) return rewrite_children(s);
    check<BuildError>(s.attr_key != "pragma_import_llvm" && s.attr_key != "pragma_import_c",
                      "lowering: {} brings code of its own, which this library does not compile; "
                      "link it into the program that calls the kernel",
                      s.attr_key);
    const int64_t saved = max_step_;
    if (s.attr_key == "pragma_auto_unroll_max_step") max_step_ = as_const_int(s.value).value_or(0);
    Stmt body = (*this)(s.body);
    max_step_ = saved;
    return body;
  }

  Ref<Node> loop(const For& loop) {
    const int64_t before = steps_;
    const bool outer_stays = inner_stays_;
    steps_ = 0;
    inner_stays_ = false;
    Stmt body = (*this)(loop.body);
    auto extent = as_const_int(loop.extent);
    bool unroll = loop.kind == ForKind::Unrolled && extent;
    if (loop.kind == ForKind::Serial && extent && !inner_stays_ && *extent > 0)
      unroll = *extent * steps_ <= std::min(max_step_, kMostSteps);
    steps_ = before + steps_ * (unroll ? *extent : 1);
    inner_stays_ = outer_stays || !unroll;
    if (body == loop.body && unroll == (loop.kind == ForKind::Unrolled)) return nullptr;
    auto made = mutate(loop);
    made->body = body;
    if (unroll) made->kind = ForKind::Unrolled;
    if (!unroll && loop.kind == ForKind::Unrolled) made->kind = ForKind::Serial;
    return Ref<Node>(made);
  }

  int64_t max_step_ = 0, steps_ = 0;
  bool inner_stays_ = false;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef apply_unroll_pragmas(const PrimFuncRef& func) {
  return detail::with_body(func, detail::UnrollPragmas()(func->body));
}

}  // namespace metaschedule::lower
