// SPDX-License-Identifier: Apache-2.0
// The walk of the rewriting simplifier: visits operands, folds constants, applies the rules of the
// kind. Comparisons are decided by bounds before rules are tried.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/rules_add.h"
#include "metaschedule/arith/rules_compare.h"
#include "metaschedule/arith/rules_div.h"
#include "metaschedule/arith/rules_logic.h"
#include "metaschedule/arith/rules_minmax.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

namespace detail {
/// Folding that leaves a division by a constant zero alone: it is an error of the program.
inline Expr fold_safely(Kind kind, const Expr& a, const Expr& b) {
  bool divides = kind >= Kind::Div && kind <= Kind::FloorMod;
  if (divides && (is_zero(b) || as<FloatImm>(b))) {
    if (as<IntImm>(b)) return nullptr;
    if (static_cast<const FloatImm*>(b.get())->value == 0) return nullptr;
  }
  return fold_binary(kind, a, b);
}

METASCHEDULE_INLINE Expr divide_scaled(const Match& m) {
  int64_t c1 = m.c1(), c2 = m.c2();
  if (c2 == 0 || c2 == -1) return nullptr;
  DType t = m.dtype;
  Expr x = m['x'], y = m.has('y') ? m['y'] : int_imm(t, 0), divisor = m.c2_expr();
  Expr y_quotient = floordiv(y, divisor);
  if (m.self->can_prove_equal(y_quotient, int_imm(t, 0))) y_quotient = int_imm(t, 0);
  // What remains of both parts may have one quotient only.
  Expr rest = floordiv(x * int_imm(t, floor_mod(c1, c2)) + floormod(y, divisor), divisor);
  ConstIntBound bound = m.self->analyzer().const_int_bound(rest);
  if (bound.is_const() && fits(t, bound.max_value)) {
    return x * int_imm(t, floor_div(c1, c2)) + (y_quotient + int_imm(t, bound.max_value));
  }
  if (c1 > 0 && c2 > 0 && c2 % c1 == 0 && m.self->can_prove_less(floormod(y, divisor), c1)) {
    return floordiv(x, int_imm(t, c2 / c1)) + y_quotient;
  }
  return nullptr;
}

METASCHEDULE_INLINE Expr remainder_by_facts(const Match& m) {
  ModularSet set = modular_set_of(m, 'x');
  if (set.coeff % m.c1() == 0) {
    int64_t value = floor_mod(set.base, m.c1());
    return fits(m.dtype, value) ? int_imm(m.dtype, value) : nullptr;
  }
  ConstIntBound bound = m.self->analyzer().const_int_bound(m['x']);
  if (bound.min_value >= 0 && bound.max_value < m.c1()) return m['x'];
  return nullptr;
}

METASCHEDULE_INLINE Expr extreme_by_bounds(const Match& m) {
  ConstIntBound x = m.self->analyzer().const_int_bound(m['x']),
                y = m.self->analyzer().const_int_bound(m['y']);
  bool max = m.is_max();
  // The left operand where the two are equal.
  if (max ? x.min_value >= y.max_value : x.max_value <= y.min_value) return m['x'];
  if (max ? y.min_value >= x.max_value : y.max_value <= x.min_value) return m['y'];
  return nullptr;
}

METASCHEDULE_INLINE Expr divide_extremum(const Match& m) {
  int64_t c1 = m.c1(), c2 = m.c2();
  bool max = m.is_max();
  if (c1 == 0) return int_imm(m.dtype, max ? std::max<int64_t>(c2, 0) : std::min<int64_t>(c2, 0));
  if (c1 == -1 || c2 % c1 != 0) {
    if (c1 != -1 || c2 == INT64_MIN || !fits(m.dtype, -c2)) return nullptr;
  }
  Expr inner = int_imm(m.dtype, c1 == -1 ? -c2 : c2 / c1);
  bool keep = c1 > 0;
  return (max == keep ? metaschedule::max(m['x'], inner) : metaschedule::min(m['x'], inner)) *
         m.c1_expr();
}

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
  if (bound.min_value > value) return Compare::GT;
  if (bound.max_value < value) return Compare::LT;
  if (bound.min_value >= value) return Compare::GE;
  if (bound.max_value <= value) return Compare::LE;
  if (value == 0 && analyzer_->modular_set(difference).base != 0) return Compare::NE;
  return Compare::Unknown;
}

METASCHEDULE_INLINE Compare RewriteSimplifier::try_compare(const Expr& a, const Expr& b) {
  Compare by_bounds = try_compare(a - b, 0);
  if (by_bounds == Compare::EQ || by_bounds == Compare::LT || by_bounds == Compare::GT) {
    return by_bounds;
  }
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

METASCHEDULE_INLINE Expr RewriteSimplifier::visit_select(const Expr& e) {
  const auto& node = static_cast<const Select&>(*e);
  Expr condition = visit(node.condition), t, f;
  {
    auto scope = analyzer_->with_constraint(condition);
    t = visit(node.true_value);
  }
  {
    auto scope = analyzer_->with_constraint(analyzer_->rewrite_simplify(make<Not>(condition)));
    f = visit(node.false_value);
  }
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
  Expr condition = visit(node.args[0]), t, f;
  {
    auto scope = analyzer_->with_constraint(condition);
    t = visit(node.args[1]);
  }
  {
    auto scope = analyzer_->with_constraint(analyzer_->rewrite_simplify(make<Not>(condition)));
    f = visit(node.args[2]);
  }
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
