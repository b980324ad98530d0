// SPDX-License-Identifier: Apache-2.0
// The walk of the rewriting simplifier: visits operands, folds constants, applies the rules of the
// kind. Conditions are in rewrite_conditions-inl.h.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/rules_add.h"
#include "metaschedule/arith/rules_div.h"
#include "metaschedule/arith/rules_minmax.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

namespace detail {
/// Visits what a node holds with a simplifier.
template <class F>
class ChildVisitor final : public Rewriter {
 public:
  explicit ChildVisitor(F visit_expr) : visit_expr_(std::move(visit_expr)) {}
  Expr operator()(const Expr& e) {
    Ref<Node> out = rewrite_children(*e);
    return out ? cast_to<ExprNode>(out) : e;
  }
  Ref<Node> visit(const Node& node) override {
    if (!is_expr_kind(node.kind)) return rewrite_children(node);
    Expr old(static_cast<const ExprNode*>(&node)), out = visit_expr_(old);
    return out.same_as(old) ? Ref<Node>() : Ref<Node>(out);
  }

 private:
  F visit_expr_;
};
}  // namespace detail

METASCHEDULE_INLINE Expr RewriteSimplifier::operator()(const Expr& expr) {
  Expr out = expr;
  for (int round = 0; round < 2; ++round) {
    Expr next = visit(out);
    if (next.same_as(out)) return out;
    out = next;
  }
  return out;
}

METASCHEDULE_INLINE void RewriteSimplifier::update(const VarRef& var, const Expr& value,
                                                   bool allow_override) {
  if (!allow_override) {
    const Expr* old = vars_.find(var.get());
    check<ValueError>(!old || expr_equal(*old, value),
                      "variable {} is bound already and cannot be bound to another value",
                      var->name);
  }
  vars_.set(var, value);
}

METASCHEDULE_INLINE size_t RewriteSimplifier::enter_constraint(const Expr& constraint) {
  size_t mark = literals_.size();
  Expr simplified = (*this)(constraint);
  detail::for_each_conjunct(simplified, [&](const Expr& e) {
    if (e->dtype.is_bool() && detail::is_pure(e)) {
      literals_.push_back(e);
      literals_.push_back(make<Not>(rewrite_not(make<Not>(e))));
    }
  });
  return mark;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::match_literal(const Expr& e) const {
  if (literals_.empty()) return nullptr;
  Expr negation = make<Not>(e);
  for (const Expr& literal : literals_) {
    if (expr_equal(literal, e)) return int_imm(e->dtype, 1);
    if (expr_equal(literal, negation)) return int_imm(e->dtype, 0);
  }
  return nullptr;
}

METASCHEDULE_INLINE bool RewriteSimplifier::can_prove_greater_equal(const Expr& e, int64_t lower) {
  return analyzer_->can_prove_greater_equal(e, lower);
}
METASCHEDULE_INLINE bool RewriteSimplifier::can_prove_less(const Expr& e, int64_t upper) {
  return analyzer_->can_prove_less(e, upper);
}
METASCHEDULE_INLINE bool RewriteSimplifier::can_prove_equal(const Expr& a, const Expr& b) {
  return try_compare(a - b, 0) == Compare::EQ;
}

METASCHEDULE_INLINE Compare RewriteSimplifier::try_compare(const Expr& x, int64_t value) {
  Expr difference = visit(x);
  if (const IntImm* imm = as<IntImm>(difference)) {
    return imm->value == value ? Compare::EQ : imm->value > value ? Compare::GT : Compare::LT;
  }
  ConstIntBound bound = analyzer_->const_int_bound(difference);
  if (bound.is_const(value)) return Compare::EQ;
  if (bound.at_least(value) && bound.min_value > value) return Compare::GT;
  if (bound.less_than(value)) return Compare::LT;
  if (bound.at_least(value)) return Compare::GE;
  if (bound.max_value <= value) return Compare::LE;
  if (value == 0 && analyzer_->modular_set(difference).base != 0) return Compare::NE;
  return Compare::Unknown;
}

METASCHEDULE_INLINE Compare RewriteSimplifier::try_compare(const Expr& a, const Expr& b) {
  Compare by_bounds = try_compare(a - b, 0);
  if (by_bounds == Compare::LT || by_bounds == Compare::GT) {
    // The difference of two constants far apart wraps; the bounds of the sides tell.
    ConstIntBound x = analyzer_->const_int_bound(a), y = analyzer_->const_int_bound(b);
    if (by_bounds == Compare::LT ? x.min_value > y.max_value : x.max_value < y.min_value) {
      return flipped(by_bounds);
    }
    return by_bounds;
  }
  if (by_bounds == Compare::EQ) return by_bounds;
  Compare both = by_bounds & analyzer_->try_compare(a, b);
  return both == Compare::Inconsistent ? by_bounds : both;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_again(const Expr& e) {
  constexpr int kMaxDepth = 5;
  if (depth_ >= kMaxDepth) return e;
  ++depth_;
  Expr out = visit(e);
  --depth_;
  return out;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::dispatch(const Expr& e) {
  switch (e->kind) {
    case Kind::Var:
    case Kind::SizeVar:
      if (const Expr* value = vars_.find(static_cast<const Var*>(e.get()))) return *value;
      return e;
    case Kind::IntImm:
    case Kind::FloatImm:
    case Kind::StringImm:
    case Kind::AnyExpr:
      return e;
    case Kind::Add:
    case Kind::Sub:
    case Kind::Mul:
    case Kind::Div:
    case Kind::Mod:
    case Kind::FloorDiv:
    case Kind::FloorMod:
    case Kind::Min:
    case Kind::Max:
      return visit_arithmetic(e);
    case Kind::EQ:
    case Kind::NE:
    case Kind::LT:
    case Kind::LE:
      return visit_compare(e);
    case Kind::GT: {
      const auto& node = static_cast<const GT&>(*e);
      return visit(lt(node.b, node.a));
    }
    case Kind::GE: {
      const auto& node = static_cast<const GE&>(*e);
      return visit(le(node.b, node.a));
    }
    case Kind::And:
    case Kind::Or:
      return visit_logic(e);
    case Kind::Not:
      return visit_not(e);
    case Kind::Select:
      return visit_select(e);
    case Kind::Call:
      return visit_call(e);
    case Kind::Let:
      return visit_let(e);
    case Kind::Cast: {
      Expr out = visit_children(e);
      const auto& node = static_cast<const Cast&>(*out);
      const IntImm* imm = as<IntImm>(node.value);
      if (imm && node.dtype.is_integral() && !detail::fits(node.dtype, imm->value)) return out;
      if (as<FloatImm>(node.value)) return out;
      Expr folded = cast(node.dtype, node.value);
      return folded->kind == Kind::Cast ? out : folded;
    }
    default:
      return visit_children(e);
  }
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_children(const Expr& e) {
  return detail::ChildVisitor([this](const Expr& child) { return visit(child); })(e);
}

METASCHEDULE_INLINE Expr RewriteSimplifier::with_operands(const BinaryExpr& e, const Expr& self) {
  Expr a = visit(e.a), b = visit(e.b);
  if (a.same_as(e.a) && b.same_as(e.b)) return self;
  return make_binary(e.kind, a, b);
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_arithmetic(const Expr& e) {
  using namespace detail;
  Expr self = with_operands(static_cast<const BinaryExpr&>(*e), e);
  const auto& node = static_cast<const BinaryExpr&>(*self);
  if (Expr folded = fold_safely(node.kind, node.a, node.b)) return folded;
  Expr out;
  // Rules for vectors, for indices, and for what is conditional.
  auto rules = [&](const auto& vector, const auto& index) {
    if (self->dtype.is_vector()) return out = apply_rules(vector, self, *this), bool(out);
    if (is_index_type(self->dtype)) return out = apply_rules(index, self, *this), bool(out);
    return false;
  };
  auto conditional = [&](const auto& table) {
    bool both = node.a->kind == Kind::Select || node.b->kind == Kind::Select;
    return both && (out = apply_rules(table, self, *this));
  };
  switch (node.kind) {
    case Kind::Add:
      if (rules(kAddVectorRules, kAddRules) || conditional(kAddSelectRules)) return out;
      break;
    case Kind::Sub:
      if (rules(kSubVectorRules, kSubRules) || conditional(kSubSelectRules)) return out;
      break;
    case Kind::Mul:
      if (rules(kMulVectorRules, kMulRules)) return out;
      break;
    case Kind::Div:
      if (rules(kDivVectorRules, kDivRules)) return out;
      break;
    case Kind::Mod:
      if (rules(kModVectorRules, kModRules)) return out;
      break;
    case Kind::FloorDiv:
      if (rules(kFloorDivVectorRules, kFloorDivRules)) return out;
      break;
    case Kind::FloorMod:
      if (rules(kFloorModVectorRules, kFloorModRules)) return out;
      break;
    case Kind::Min:
      if (rules(kMinVectorRules, kMinHeadRules)) return out;
      if (is_index_type(self->dtype)) {
        if ((out = apply_rules(kMinRoundRules, self, *this))) return out;
        if ((out = apply_rules(kMinTailRules, self, *this))) return out;
      }
      if (conditional(kMinSelectRules)) return out;
      break;
    default:
      if (rules(kMaxVectorRules, kMaxHeadRules)) return out;
      if (is_index_type(self->dtype)) {
        if ((out = apply_rules(kMaxRoundRules, self, *this))) return out;
        if ((out = apply_rules(kMaxTailRules, self, *this))) return out;
      }
      if (conditional(kMaxSelectRules)) return out;
      break;
  }
  return self;
}

}  // namespace metaschedule::arith
