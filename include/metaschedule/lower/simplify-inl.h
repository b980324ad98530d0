// SPDX-License-Identifier: Apache-2.0
// simplify: all expressions are simplified with the ranges of the loops around them and the
// conditions in force. A condition that is decided leaves one branch; `A[i] = A[i]` goes; a Let of
// a constant, a variable or a pure integer expression is inlined. Loops that run no time go too.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/simplify_memo.h"

namespace metaschedule::lower {
namespace detail {

class StmtSimplifier : public Rewriter {
 public:
  /// The memo outlives the pass, so that a second one knows what the first has found.
  explicit StmtSimplifier(SimplifyMemo& memo, bool keep_regions = true)
      : memo_(&memo), keep_regions_(keep_regions) {}

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return simplified(Expr(static_cast<const ExprNode*>(&node)));
    switch (node.kind) {
      case Kind::For:
        return loop(static_cast<const For&>(node));
      case Kind::IfThenElse:
        return branch(static_cast<const IfThenElse&>(node));
      case Kind::LetStmt:
        return let(static_cast<const LetStmt&>(node));
      case Kind::BlockRealize:
        return realize(static_cast<const BlockRealize&>(node));
      case Kind::Block:
        return block(static_cast<const Block&>(node));
      case Kind::AttrStmt:
        return attribute(static_cast<const AttrStmt&>(node));
      case Kind::BufferStore: {
        Ref<Node> out = rewrite_children(node);
        const BufferStore& s = static_cast<const BufferStore&>(out ? *out : node);
        const BufferLoad* same = as<BufferLoad>(s.value);
        if (same && same->buffer == s.buffer && equal(same->indices, s.indices))
          return make<Evaluate>(i32(0));
        return out;
      }
      default:
        return rewrite_children(node);
    }
  }

 private:
  Ref<Node> simplified(Expr e) {
    if (!inlined_.empty()) return analyzer_.simplify(substitute(e, inlined_));
    if (e->kind == Kind::IntImm || e->kind == Kind::FloatImm) return nullptr;
    if (is_inert(e)) return rewrite_children(*e);
    Expr out = memo_->simplify(e, analyzer_);
    return out.same_as(e) ? nullptr : Ref<Node>(out);
  }
  Expr simple(const Expr& e) { return (*this)(e); }

  Ref<Node> loop(const For& loop) {
    Expr min = simple(loop.min), extent = simple(loop.extent);
    if (auto n = as_const_int(extent); n && *n <= 0) return make<Evaluate>(i32(0));
    bind(loop.loop_var, make<Range>(min, extent));
    Stmt body = (*this)(loop.body);
    if (min == loop.min && extent == loop.extent && body == loop.body) return nullptr;
    auto made = mutate(loop);
    made->min = min;
    made->extent = extent;
    made->body = body;
    return Ref<Node>(made);
  }

  Ref<Node> branch(const IfThenElse& s) {
    Expr condition = simple(s.condition);
    if (auto known = as_const_int(condition)) {
      if (*known) return (*this)(s.then_case);
      return s.else_case ? (*this)(s.else_case) : Stmt(make<Evaluate>(i32(0)));
    }
    Stmt then, other = s.else_case;
    {
      Condition scope(*this, condition);
      then = (*this)(s.then_case);
    }
    if (other) {
      Condition scope(*this, analyzer_.rewrite_simplify(logical_not(condition)));
      other = (*this)(other);
    }
    if (condition == s.condition && then == s.then_case && other == s.else_case) return nullptr;
    return make<IfThenElse>(condition, then, other);
  }

  Ref<Node> let(const LetStmt& s) {
    Expr value = simple(s.value);
    const bool pure_int = value->dtype.is_integral() && value->dtype.is_scalar() &&
                          !any_node(*value, [](const Node& n) {
                            return n.kind == Kind::BufferLoad || n.kind == Kind::Call;
                          });
    if (is_const_number(value) || as<Var>(value) || pure_int) {
      inlined_[s.var.get()] = value;
      return (*this)(s.body);
    }
    Stmt body = (*this)(s.body);
    if (value == s.value && body == s.body) return nullptr;
    return make<LetStmt>(s.var, value, body);
  }

  Ref<Node> realize(const BlockRealize& s) {
    Expr predicate = simple(s.predicate);
    Exprs values = (*this)(s.iter_values);
    for (const Ref<IterVar>& axis : s.block->iter_vars) bind(axis->var, axis->dom);
    // The predicate counts once it has become a condition (lower_opaque_block): features are taken
    // before that, and TVM's know nothing of it.
    BlockRef block = (*this)(s.block);
    if (predicate == s.predicate && block == s.block && values.shares(s.iter_values))
      return nullptr;
    return make<BlockRealize>(values, predicate, block);
  }

  Ref<Node> block(const Block& b) {
    if (keep_regions_ || (b.reads.empty() && b.writes.empty())) return rewrite_children(b);
    auto made = mutate(b);
    made->reads = made->writes = {};
    Ref<Node> out = rewrite_children(*made);
    return out ? out : Ref<Node>(BlockRef(made));
  }

  Ref<Node> attribute(const AttrStmt& s) {
    if (s.attr_key == "thread_extent" || s.attr_key == "virtual_thread") {
      if (const IterVar* axis = as<IterVar>(s.node))
        bind(axis->var, make<Range>(make_zero(axis->var->dtype), cast(axis->var->dtype, s.value)));
    }
    return rewrite_children(s);
  }

  bool equal(const Exprs& a, const Exprs& b) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!expr_equal(a[i], b[i]) && !analyzer_.can_prove_equal(a[i], b[i])) return false;
    }
    return a.size() == b.size();
  }

  void bind(const VarRef& var, const Ref<Range>& range) {
    analyzer_.bind(var, range, true);
    memo_->bind(var, *range);
  }

  /// A condition that holds while it lives; what is found under it is forgotten at its end.
  class Condition {
   public:
    Condition(StmtSimplifier& owner, const Expr& condition)
        : owner_(owner), outer_(owner.memo_), scope_(owner.analyzer_, condition) {
      owner.memo_ = &inner_;
    }
    ~Condition() { owner_.memo_ = outer_; }
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;

   private:
    StmtSimplifier& owner_;
    SimplifyMemo* outer_;
    SimplifyMemo inner_;
    arith::Analyzer::Constraint scope_;
  };

  arith::Analyzer analyzer_;
  VarMap inlined_;
  SimplifyMemo* memo_;
  bool keep_regions_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef simplify(const PrimFuncRef& func) {
  detail::SimplifyMemo memo;
  return detail::with_body(func, detail::StmtSimplifier(memo)(func->body));
}

}  // namespace metaschedule::lower
