// SPDX-License-Identifier: Apache-2.0
// split_tails: conditions leave the loops that do most of the work.
//
// 1. A condition that does not vary in a loop moves out of it, when it guards the whole body; with
//    an else there is a loop for each branch.
// 2. A loop in whose range a comparison turns from true to false (whatever the loops inside do) is
//    cut there. What is neither is a copy of its own, with constant bounds for the loops inside:
//      for i0 in 4: for i1 in 32: if i0*32 + i1 < 100: S
//      ->  for i0 in 3: for i1 in 32: S ;  for i1 in 4: S with i0 = 3
//    `k == 0` peels the first iteration the same way.
// 3. Where outer loops may not be cut (parallel, or fused so that quotients stand in the
//    condition), the tile gets two versions:
//      if p*64 + 63 < n: for i in 64: S   else: for i in min(64, n - p*64): S
// Copies are bounded; conditions in other forms stay where they are.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/renew.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/linear.h"
#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {
namespace detail {

inline int64_t floor_quotient(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

/// `stmt` where conjunct `known` of the conditions of statements is taken as `value`.
inline Stmt assume(const Stmt& stmt, const Expr& known, bool value) {
  struct Assume : Rewriter {
    const Expr* known;
    bool value;
    Ref<Node> visit(const Node& node) override {
      if (is_expr_kind(node.kind)) return nullptr;
      Ref<Node> out = rewrite_children(node);
      const IfThenElse* s = as<IfThenElse>(out ? out.node() : &node);
      if (!s) return out;
      std::vector<Expr> conjuncts;
      split_conjunction(s->condition, conjuncts);
      Expr rest;
      bool found = false;
      for (const Expr& c : conjuncts) {
        if (c == *known || expr_equal(c, *known)) {
          found = true;
          continue;
        }
        rest = rest ? logical_and(rest, c) : c;
      }
      if (!found) return out;
      if (!value) return s->else_case ? s->else_case : Stmt(make<Evaluate>(i32(0)));
      if (!rest) return s->then_case;
      return make<IfThenElse>(rest, s->then_case, s->else_case);
    }
  } rewriter;
  rewriter.known = &known;
  rewriter.value = value;
  return rewriter(stmt);
}

class TailSplitter : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    const For* loop = as<For>(&node);
    if (!loop) return rewrite_children(node);
    Stmt out = split(Ref<For>(loop));
    return out.get() == &node ? nullptr : Ref<Node>(out);
  }

 private:
  static constexpr int kMostCopies = 24;

  struct Bounds {
    int64_t min, max;
  };

  Stmt split(const Ref<For>& loop) {
    auto extent = as_const_int(loop->extent);
    analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent), true);
    if (extent && is_zero(loop->min)) {
      for (const Expr& condition : conditions_of(loop->body)) {
        if (Stmt done = split_by(loop, *extent, condition)) return done;
      }
    }
    Stmt body = (*this)(loop->body);
    return hoisted(loop, body);
  }

  /// Part 1.
  Stmt hoisted(const Ref<For>& loop, const Stmt& body) {
    const IfThenElse* s = as<IfThenElse>(body);
    Expr invariant, varying;
    if (s && s->else_case && loop->kind != ForKind::Parallel && copies_ < kMostCopies &&
        !depends_on(*s->condition, loop->loop_var.get())) {
      // One loop for each branch.
      ++copies_;
      auto first = mutate(loop), second = mutate(loop);
      first->body = s->then_case;
      second->body = s->else_case;
      return make<IfThenElse>(s->condition, Stmt(first), renewed(Stmt(second)));
    }
    if (s && !s->else_case && loop->kind != ForKind::Parallel) {
      std::vector<Expr> conjuncts;
      split_conjunction(s->condition, conjuncts);
      for (const Expr& c : conjuncts) {
        Expr& side = depends_on(*c, loop->loop_var.get()) ? varying : invariant;
        side = side ? logical_and(side, c) : c;
      }
    }
    if (!invariant && body == loop->body) return loop;
    auto made = mutate(loop);
    made->body = body;
    if (!invariant) return made;
    made->body = varying ? Stmt(make<IfThenElse>(varying, s->then_case)) : s->then_case;
    return make<IfThenElse>(invariant, Stmt(made));
  }

  /// Whether a condition may change in a loop.
  static bool depends_on(const ExprNode& condition, const Var* var) {
    return uses_var(condition, var) || any_node(condition, [](const Node& n) {
             const Call* call = as<Call>(&n);
             const Op* op = call ? as<Op>(call->op) : nullptr;
             return n.kind == Kind::BufferLoad || (call && !(op && op->effect <= CallEffect::Pure));
           });
  }

  static std::vector<Expr> conditions_of(const Stmt& body) {
    std::vector<Expr> out;
    pre_order(*body, [&](const Node& n) {
      if (is_expr_kind(n.kind)) return false;
      if (const IfThenElse* s = as<IfThenElse>(&n)) split_conjunction(s->condition, out);
      return true;
    });
    return out;
  }

  /// Parts 2 and 3 for one condition; null when it does not apply.
  Stmt split_by(const Ref<For>& loop, int64_t extent, const Expr& condition) {
    const Var* var = loop->loop_var.get();
    if (!uses_var(*condition, var) || copies_ >= kMostCopies) return nullptr;
    if (condition->kind == Kind::EQ) {
      auto bounds = bounds_of_variable(condition);
      if (bounds.size() != 1 || bounds[0].var != var || loop->kind == ForKind::Parallel)
        return nullptr;
      const int64_t at = bounds[0].min;
      if (at < 0 || at >= extent) return whole(loop, condition, false);
      if (at != 0 || loop->kind == ForKind::Vectorized) return nullptr;
      return cut(loop, extent, condition, {{0, 1, kTrue}, {1, extent, kFalse}});
    }
    auto linear = as_non_negative(condition);
    if (!linear) return nullptr;
    const int64_t a = linear->coefficient_of(var);
    if (a == 0) return nullptr;
    Bounds inner = {linear->constant, linear->constant};
    Linear outer;
    int64_t smallest_outer = std::numeric_limits<int64_t>::max();
    const std::vector<const Var*> inside = variables_of(loop->body);
    for (const Linear::Term& t : linear->terms) {
      if (t.atom.get() == var) continue;
      const bool uses_inner = uses_var(*t.atom, [&](const Var* v) {
        return std::find(inside.begin(), inside.end(), v) != inside.end();
      });
      if (uses_var(*t.atom, var)) return nullptr;
      if (!uses_inner) {
        outer.add(t.atom, t.coefficient);
        smallest_outer = std::min(smallest_outer, std::abs(t.coefficient));
        continue;
      }
      const arith::ConstIntBound b = bound_inside(t.atom, loop->body);
      if (b.min_value <= -kFar || b.max_value >= kFar) return nullptr;
      inner.min += t.coefficient * (t.coefficient > 0 ? b.min_value : b.max_value);
      inner.max += t.coefficient * (t.coefficient > 0 ? b.max_value : b.min_value);
    }
    if (outer.is_constant()) return closed(loop, extent, condition, a, inner);
    const int64_t reach = std::abs(a) * (extent - 1) + (inner.max - inner.min);
    if (reach >= smallest_outer) return nullptr;
    return versions(loop, extent, condition, a, inner, outer, linear->constant);
  }

  arith::ConstIntBound bound_inside(const Expr& atom, const Stmt& body) {
    pre_order(*body, [&](const Node& n) {
      if (const For* l = as<For>(&n))
        analyzer_.bind(l->loop_var, make<Range>(l->min, l->extent), true);
      return !is_expr_kind(n.kind);
    });
    return analyzer_.const_int_bound(atom);
  }
  static std::vector<const Var*> variables_of(const Stmt& body) {
    std::vector<const Var*> out;
    pre_order(*body, [&](const Node& n) {
      if (const For* l = as<For>(&n)) out.push_back(l->loop_var.get());
      if (const LetStmt* l = as<LetStmt>(&n)) out.push_back(l->var.get());
      return !is_expr_kind(n.kind);
    });
    return out;
  }

  enum Truth { kFalse, kTrue, kMixed };
  struct Segment {
    int64_t begin, end;
    Truth truth;
  };

  /// a * v + inner >= 0 with nothing else in it: where it is true, false, or depends on the inside.
  Stmt closed(const Ref<For>& loop, int64_t extent, const Expr& condition, int64_t a,
              Bounds inner) {
    auto clamp = [&](int64_t v) { return std::clamp<int64_t>(v, 0, extent); };
    std::vector<Segment> segments;
    if (a < 0) {
      const int64_t t = clamp(floor_quotient(inner.min, -a) + 1);
      const int64_t f = clamp(floor_quotient(inner.max, -a) + 1);
      segments = {{0, t, kTrue}, {t, f, kMixed}, {f, extent, kFalse}};
    } else {
      const int64_t f = clamp(-floor_quotient(inner.max, a));
      const int64_t t = clamp(-floor_quotient(inner.min, a));
      segments = {{0, f, kFalse}, {f, t, kMixed}, {t, extent, kTrue}};
    }
    std::erase_if(segments, [](const Segment& s) { return s.begin >= s.end; });
    if (segments.size() == 1) {
      return segments[0].truth == kMixed ? Stmt()
                                         : whole(loop, condition, segments[0].truth == kTrue);
    }
    if (loop->kind == ForKind::Parallel || loop->kind == ForKind::Vectorized) {
      // Such a loop may get shorter, where nothing but the condition's branch is in it.
      const bool two =
          segments.size() == 2 && segments[0].truth == kTrue && segments[1].truth == kFalse;
      const IfThenElse* all = as<IfThenElse>(loop->body);
      if (!(two && all && !all->else_case)) return nullptr;
      segments.pop_back();
    }
    return cut(loop, extent, condition, segments);
  }

  Stmt whole(const Ref<For>& loop, const Expr& condition, bool value) {
    auto made = mutate(loop);
    made->body = assume(loop->body, condition, value);
    return split(made);
  }

  Stmt cut(const Ref<For>& loop, int64_t extent, const Expr& condition,
           const std::vector<Segment>& segments) {
    (void)extent;
    std::vector<Stmt> parts;
    for (const Segment& s : segments) {
      Stmt body = s.truth == kMixed ? loop->body : assume(loop->body, condition, s.truth == kTrue);
      const Evaluate* nothing = as<Evaluate>(body);
      if (nothing && nothing->value->kind == Kind::IntImm) continue;
      ++copies_;
      const VarRef& old = loop->loop_var;
      const DType t = old->dtype;
      VarRef var = make<Var>(old->name, t);
      if (s.end - s.begin == 1) {
        body = folded(substitute(renewed(body), VarMap{{old.get(), int_imm(t, s.begin)}}));
        parts.push_back((*this)(body));
        continue;
      }
      body =
          substitute(renewed(body), VarMap{{old.get(), s.begin ? Expr(var) + s.begin : Expr(var)}});
      auto made = mutate(loop);
      made->loop_var = var;
      made->extent = int_imm(t, s.end - s.begin);
      made->body = folded(body);
      parts.push_back(split(made));
    }
    return flatten_seq(parts);
  }

  Stmt versions(const Ref<For>& loop, int64_t extent, const Expr& condition, int64_t a,
                Bounds inner, const Linear& outer, int64_t constant) {
    (void)constant;
    const DType t = loop->loop_var->dtype;
    Linear worst = outer;
    worst.constant += inner.min + (a < 0 ? a * (extent - 1) : 0);
    Expr guard = ge(to_expr(worst, t), make_zero(t));
    copies_ += 2;
    Stmt fast = whole(loop, condition, true);
    // The slow version: a shorter loop where the condition ends it, else the loop as it is.
    Stmt slow = renewed(Stmt(loop));
    const For& copy = cast_to<For>(*slow);
    const IfThenElse* all = as<IfThenElse>(copy.body);
    if (a < 0 && inner.min == inner.max && all && !all->else_case) {
      Linear room = outer;
      room.constant += inner.min;  // room + a * v >= 0
      Expr steps = floordiv(to_expr(room, t), int_imm(t, -a)) + 1;
      auto made = mutate(copy);
      made->kind = ForKind::Serial;
      made->extent = metaschedule::max(make_zero(t), metaschedule::min(int_imm(t, extent), steps));
      made->body = assume(
          copy.body, substitute(condition, VarMap{{loop->loop_var.get(), copy.loop_var}}), true);
      slow = made;
    }
    return make<IfThenElse>(guard, fast, slow);
  }

  /// Folds what a constant in place of a variable left behind.
  static Stmt folded(const Stmt& s) {
    Ref<Node> out = rewrite_post_order(*s, [](const Node& n) -> Ref<Node> {
      if (!is_binary_kind(n.kind)) return nullptr;
      const auto& b = static_cast<const BinaryExpr&>(n);
      if (!b.dtype.is_integral() || b.dtype.lanes != 1) return nullptr;
      Expr folded = binary(n.kind, b.a, b.b);
      return folded->kind == n.kind ? Ref<Node>() : Ref<Node>(folded);
    });
    return out ? cast_to<StmtNode>(out) : s;
  }

  static constexpr int64_t kFar = int64_t{1} << 40;
  arith::Analyzer analyzer_;
  int copies_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef split_tails(const PrimFuncRef& func) {
  return detail::with_body(func, detail::TailSplitter()(func->body));
}

}  // namespace metaschedule::lower
