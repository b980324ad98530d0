// SPDX-License-Identifier: Apache-2.0
// The walk of the rewriting simplifier through comparisons, logic and choices. Comparisons are
// decided by bounds before rules are tried, `<=` the other way about.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/rules_compare.h"
#include "metaschedule/arith/rules_logic.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_compare(const Expr& e) {
  using namespace detail;
  Expr self = with_operands(static_cast<const BinaryExpr&>(*e), e);
  const auto& node = static_cast<const BinaryExpr&>(*self);
  if (Expr folded = fold_binary(node.kind, node.a, node.b)) return folded;
  if (Expr literal = match_literal(self)) return literal;
  switch (node.kind) {
    case Kind::EQ:
      return rewrite_eq(self);
    case Kind::LT:
      return rewrite_lt(self);
    case Kind::LE:
      return rewrite_le(self);
    default:
      break;
  }
  if (!is_index_type(node.a->dtype)) return self;
  Compare known = try_compare(node.a, node.b);
  if ((known & Compare::EQ) == Compare::Inconsistent) return int_imm(self->dtype, 1);
  if (known == Compare::EQ) return int_imm(self->dtype, 0);
  if (known == Compare::GE) return rewrite_lt(make<LT>(node.b, node.a));
  if (known == Compare::LE) return rewrite_lt(make<LT>(node.a, node.b));
  return rewrite_not(make<Not>(rewrite_eq(make<EQ>(node.a, node.b))));
}

METASCHEDULE_INLINE Expr RewriteSimplifier::rewrite_eq(const Expr& e) {
  using namespace detail;
  const auto& node = static_cast<const EQ&>(*e);
  if (e->dtype.is_vector()) {
    if (Expr out = apply_rules(kEqVectorRules, e, *this)) return out;
  }
  if (!is_index_type(node.a->dtype)) return e;
  Compare known = try_compare(node.a, node.b);
  if (known == Compare::EQ) return int_imm(e->dtype, 1);
  if ((known & Compare::EQ) == Compare::Inconsistent) return int_imm(e->dtype, 0);
  if (Expr out = apply_rules(kEqRules, e, *this)) return out;
  return e;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::rewrite_lt(const Expr& e) {
  using namespace detail;
  const auto& node = static_cast<const LT&>(*e);
  if (e->dtype.is_vector()) {
    if (Expr out = apply_rules(kLtVectorRules, e, *this)) return out;
  }
  if (!is_index_type(node.a->dtype)) return e;
  Compare known = try_compare(node.a, node.b);
  if (known == Compare::LT) return int_imm(e->dtype, 1);
  if ((known & Compare::LT) == Compare::Inconsistent) return int_imm(e->dtype, 0);
  if (Expr out = apply_rules(kLtRules, e, *this)) return out;
  if (Expr merged = merge_offsets(node)) return visit_again(merged);
  // A factor of both sides.
  ModularSet a_set = analyzer_->modular_set(node.a), b_set = analyzer_->modular_set(node.b);
  int64_t factor = gcd(gcd(a_set.base, a_set.coeff), gcd(b_set.base, b_set.coeff));
  if (factor > 1 && fits(node.a->dtype, factor)) {
    Expr divisor = int_imm(node.a->dtype, factor);
    return visit_again(lt(floordiv(node.a, divisor), floordiv(node.b, divisor)));
  }
  return e;
}

/// Constants of both sides meet on one; null when there is nothing to do.
METASCHEDULE_INLINE Expr RewriteSimplifier::merge_offsets(const BinaryExpr& less) {
  using namespace detail;
  auto [lhs, lhs_offset] = split_offset(less.a);
  auto [rhs, rhs_offset] = split_offset(less.b);
  if (!lhs) lhs = less.a, lhs_offset = 0;
  if (!rhs) rhs = less.b, rhs_offset = 0;
  if (lhs_offset == 0 && rhs_offset == 0) return nullptr;
  DType t = less.a->dtype;
  auto distance = checked_sub(rhs_offset, lhs_offset);
  if (!distance || *distance == INT64_MIN || !fits(t, *distance) || !fits(t, -*distance)) {
    return nullptr;
  }
  int64_t d = *distance;
  if (d == 0) return lt(lhs, rhs);
  if (d == 1) return le(lhs, rhs);
  if (d < 0 && rhs_offset != 0) return lt(lhs + int_imm(t, -d), rhs);
  if (d > 0 && lhs_offset != 0) return lt(lhs, rhs + int_imm(t, d));
  return nullptr;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::rewrite_le(const Expr& e) {
  using namespace detail;
  const auto& node = static_cast<const LE&>(*e);
  if (!is_index_type(node.a->dtype)) return e;
  Expr opposite = rewrite_lt(make<LT>(node.b, node.a));
  Expr out = rewrite_not(make<Not>(opposite));
  const LE* weak = as<LE>(out);
  if (!weak) return out;
  // Rules come before the bounds here: A <= B * x becomes ceil(A / B) <= x, not a strict
  // comparison.
  Compare known = try_compare(weak->a, weak->b);
  if ((known & Compare::GT) == Compare::Inconsistent) return int_imm(e->dtype, 1);
  if (known == Compare::GT) return int_imm(e->dtype, 0);
  if (known == Compare::NE) return rewrite_lt(make<LT>(weak->a, weak->b));
  if (known == Compare::GE) return rewrite_eq(make<EQ>(weak->a, weak->b));
  return weak->a.same_as(node.a) && weak->b.same_as(node.b) ? e : out;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::rewrite_not(const Expr& e) {
  Expr out = detail::apply_rules(detail::kNotRules, e, *this);
  return out ? out : e;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_not(const Expr& e) {
  const auto& node = static_cast<const Not&>(*e);
  Expr a = visit(node.a);
  Expr self = a.same_as(node.a) ? e : Expr(make<Not>(a));
  if (as<IntImm>(a)) return logical_not(a);
  if (Expr literal = match_literal(self)) return literal;
  return rewrite_not(self);
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_logic(const Expr& e) {
  Expr self = with_operands(static_cast<const BinaryExpr&>(*e), e);
  const auto& node = static_cast<const BinaryExpr&>(*self);
  if (Expr folded = fold_binary(node.kind, node.a, node.b)) return folded;
  if (Expr literal = match_literal(self)) return literal;
  Expr out = node.kind == Kind::And ? detail::apply_rules(detail::kAndRules, self, *this)
                                    : detail::apply_rules(detail::kOrRules, self, *this);
  return out ? out : self;
}

/// Both values of a choice, each where its condition holds.
METASCHEDULE_INLINE std::pair<Expr, Expr> RewriteSimplifier::visit_choices(const Expr& condition,
                                                                           const Expr& if_true,
                                                                           const Expr& if_false) {
  auto is_constant = [](const Expr& e) {
    return e->kind == Kind::IntImm || e->kind == Kind::FloatImm;
  };
  auto has_conditions = [](const Expr& e) {
    return any_node(*e, [](const Node& node) {
      return is_expr_kind(node.kind) && static_cast<const ExprNode&>(node).dtype.is_bool();
    });
  };
  Expr t = if_true, f = if_false;
  if (!is_constant(if_true)) {
    auto scope = analyzer_->with_constraint(condition, has_conditions(if_true));
    t = visit(if_true);
  }
  if (!is_constant(if_false)) {
    Expr otherwise = analyzer_->rewrite_simplify(make<Not>(condition));
    auto scope = analyzer_->with_constraint(otherwise, has_conditions(if_false));
    f = visit(if_false);
  }
  return {std::move(t), std::move(f)};
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_select(const Expr& e) {
  const auto& node = static_cast<const Select&>(*e);
  Expr condition = visit(node.condition);
  auto [t, f] = visit_choices(condition, node.true_value, node.false_value);
  if (is_zero(condition)) return f;
  if (is_one(condition)) return t;
  bool same = condition.same_as(node.condition) && t.same_as(node.true_value) &&
              f.same_as(node.false_value);
  Expr self = same ? e : Expr(make<Select>(condition, t, f));
  Expr out = detail::apply_rules(detail::kSelectRules, self, *this);
  return out ? out : self;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_call(const Expr& e) {
  static const Op& choice = Op::get("if_then_else");
  const auto& node = static_cast<const Call&>(*e);
  if (node.op.node() != &choice) {
    Expr self = visit_children(e);
    const Call* call = as<Call>(self);
    return call ? intrinsic_rules(*call, self) : self;
  }
  Expr condition = visit(node.args[0]);
  auto [t, f] = visit_choices(condition, node.args[1], node.args[2]);
  if (is_zero(condition)) return f;
  if (is_one(condition)) return t;
  // A choice within a choice with one alternative is a conjunction.
  const Call* inner = as<Call>(t);
  if (inner && inner->op.node() == &choice && is_const_number(inner->args[2]) &&
      is_const_number(f) && expr_equal(inner->args[2], f)) {
    return if_then_else(logical_and(condition, inner->args[0]), inner->args[1], f);
  }
  if (condition.same_as(node.args[0]) && t.same_as(node.args[1]) && f.same_as(node.args[2])) {
    return e;
  }
  return make<Call>(node.dtype, node.op, Exprs{condition, t, f});
}

METASCHEDULE_INLINE Expr RewriteSimplifier::intrinsic_rules(const Call& call, const Expr& self) {
  static const Node *likely_op = &Op::get("likely"), *left = &Op::get("shift_left"),
                    *right = &Op::get("shift_right"), *bit_and = &Op::get("bitwise_and"),
                    *bit_or = &Op::get("bitwise_or"), *bit_xor = &Op::get("bitwise_xor");
  const Node* op = call.op.node();
  if (op == likely_op) {
    if (as<IntImm>(call.args[0])) return call.args[0];
    for (const Expr& literal : literals_) {
      if (expr_equal(literal, call.args[0])) return int_imm(call.dtype, 1);
    }
    return self;
  }
  if (call.args.size() != 2) return self;
  const IntImm *a = as<IntImm>(call.args[0]), *b = as<IntImm>(call.args[1]);
  if (!a || !b || !detail::is_index_type(call.dtype)) return self;
  if (op == bit_and) return bitwise_and(call.args[0], call.args[1]);
  if (op == bit_or) return bitwise_or(call.args[0], call.args[1]);
  if (op == bit_xor) return bitwise_xor(call.args[0], call.args[1]);
  bool in_range = b->value >= 0 && b->value < call.dtype.bits;
  if (op == left && in_range) return shift_left(call.args[0], call.args[1]);
  if (op == right && in_range) return shift_right(call.args[0], call.args[1]);
  return self;
}

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_let(const Expr& e) {
  const auto& node = static_cast<const Let&>(*e);
  Expr value = visit(node.value);
  bool inlined = is_const_number(node.value) || as<Var>(node.value) ||
                 (node.value->dtype.is_int() && detail::is_pure(node.value));
  if (inlined) {
    analyzer_->bind(node.var, value, true);
    return visit(node.body);
  }
  Expr body = visit(node.body);
  if (value.same_as(node.value) && body.same_as(node.body)) return e;
  return make<Let>(node.var, value, body);
}

}  // namespace metaschedule::arith
