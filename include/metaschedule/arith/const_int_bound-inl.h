// SPDX-License-Identifier: Apache-2.0
// Constant bounds: one case a kind. Infinite ends absorb finite ones; what overflows is infinite.
#pragma once

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {

namespace detail {
using Bound = ConstIntBound;
inline constexpr int64_t kInf = ConstIntBound::kPosInf;

inline bool is_inf(int64_t v) { return v >= kInf || v <= -kInf; }
inline int64_t inf_add(int64_t a, int64_t b) {
  if (is_inf(a)) return a;
  if (is_inf(b)) return b;
  if (auto sum = checked_add(a, b)) return std::clamp(*sum, -kInf, kInf);
  return b > 0 ? kInf : -kInf;
}
inline int64_t inf_mul(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  if (auto product = checked_mul(a, b)) return std::clamp(*product, -kInf, kInf);
  return (a > 0) == (b > 0) ? kInf : -kInf;
}
inline int64_t inf_div(int64_t a, int64_t b) {
  if (is_inf(a)) return b > 0 ? a : -a;
  return a / b;
}
inline int64_t inf_floor_div(int64_t a, int64_t b) {
  if (is_inf(a)) return b > 0 ? a : -a;
  return floor_div(a, b);
}

inline Bound everything_of(DType t) {
  if (!t.is_integral()) return {};
  int bits = t.bits - (t.is_int() ? 1 : 0);
  int64_t max = bits >= 63 ? kInf : (int64_t{1} << bits) - 1;
  if (t.is_uint()) return {0, max};
  return {bits >= 63 ? -kInf : -(int64_t{1} << bits), max};
}
inline Bound hull(Bound a, Bound b) {
  return {std::min(a.min_value, b.min_value), std::max(a.max_value, b.max_value)};
}
inline Bound meet(Bound a, Bound b) {
  return {std::max(a.min_value, b.min_value), std::min(a.max_value, b.max_value)};
}
/// The hull of an operation that is monotonic in each operand.
template <class F>
Bound corners(Bound a, Bound b, F op) {
  auto [low, high] = std::minmax({op(a.min_value, b.min_value), op(a.min_value, b.max_value),
                                  op(a.max_value, b.min_value), op(a.max_value, b.max_value)});
  return {low, high};
}
/// A quotient is largest for the divisors nearest to zero, so a divisor on both sides of zero is
/// looked at from each side.
template <class F>
Bound quotient(Bound a, Bound b, DType t, F op) {
  if (b.min_value > 0 || b.max_value < 0) return corners(a, b, op);
  if (t.is_uint()) return corners(a, {1, std::max<int64_t>(b.max_value, 1)}, op);
  if (b.is_const(0)) return everything_of(t);
  if (b.min_value == 0) return corners(a, {1, b.max_value}, op);
  if (b.max_value == 0) return corners(a, {b.min_value, -1}, op);
  return hull(corners(a, {b.min_value, -1}, op), corners(a, {1, b.max_value}, op));
}
inline Bound truncated_remainder(Bound a, Bound b, DType t) {
  if (b.min_value == 0) b.min_value = 1;
  if (b.min_value <= 0) return everything_of(t);
  int64_t cap = inf_add(b.max_value, -1);
  if (a.min_value >= 0) {
    if (a.max_value < b.min_value) return a;
    return {0, std::min(a.max_value, cap)};
  }
  return {std::max(a.min_value, -cap), std::min(std::max<int64_t>(a.max_value, 0), cap)};
}
inline Bound floored_remainder(Bound a, Bound b, DType t) {
  if (b.min_value == 0) b.min_value = 1;
  if (b.min_value > 0) {
    int64_t cap = inf_add(b.max_value, -1);
    if (a.min_value >= 0) {
      if (a.max_value < b.min_value) return a;
      return {0, std::min(a.max_value, cap)};
    }
    return {0, cap};
  }
  return meet({std::min<int64_t>(0, inf_add(b.min_value, 1)),
               std::max<int64_t>(0, inf_add(b.max_value, -1))},
              everything_of(t));
}
}  // namespace detail

METASCHEDULE_INLINE void ConstIntBoundAnalyzer::update(const VarRef& var, const ConstIntBound& b,
                                                       bool allow_override) {
  if (!allow_override) {
    const ConstIntBound* old = vars_.find(var.get());
    if (old && !(*old == b)) {
      fail<ValueError>("variable {} is bound to [{}, {}] and cannot be bound to [{}, {}]",
                       var->name, old->min_value, old->max_value, b.min_value, b.max_value);
    }
  }
  vars_.set(var, b);
}

METASCHEDULE_INLINE void ConstIntBoundAnalyzer::bind(const VarRef& var, const Ref<Range>& range,
                                                     bool allow_override) {
  ConstIntBound first = visit(range->min.get()), extent = visit(range->extent.get());
  update(var,
         {first.min_value, detail::inf_add(first.max_value, detail::inf_add(extent.max_value, -1))},
         allow_override);
}

METASCHEDULE_INLINE size_t ConstIntBoundAnalyzer::enter_constraint(const Expr& constraint) {
  size_t mark = facts_.size();
  detail::for_each_conjunct(constraint, [&](const Expr& e) { detect(e); });
  return mark;
}

METASCHEDULE_INLINE void ConstIntBoundAnalyzer::detect(const Expr& e) {
  if (!is_compare_kind(e->kind)) return;
  const auto& node = static_cast<const BinaryExpr&>(*e);
  const IntImm *left = as<IntImm>(node.a), *right = as<IntImm>(node.b);
  if (!left == !right) return;
  const Expr& x = left ? node.b : node.a;
  int64_t c = left ? left->value : right->value;
  if (detail::is_inf(c)) return;
  Kind kind = node.kind;
  if (left) {  // read from right to left
    if (kind == Kind::LT)
      kind = Kind::GT;
    else if (kind == Kind::LE)
      kind = Kind::GE;
    else if (kind == Kind::GT)
      kind = Kind::LT;
    else if (kind == Kind::GE)
      kind = Kind::LE;
  }
  constexpr int64_t inf = detail::kInf;
  switch (kind) {
    case Kind::EQ:
      facts_.push_back({x, {c, c}});
      break;
    case Kind::LT:
      facts_.push_back({x, {-inf, c - 1}});
      break;
    case Kind::LE:
      facts_.push_back({x, {-inf, c}});
      break;
    case Kind::GT:
      facts_.push_back({x, {c + 1, inf}});
      break;
    case Kind::GE:
      facts_.push_back({x, {c, inf}});
      break;
    default:
      break;
  }
}

METASCHEDULE_INLINE ConstIntBound ConstIntBoundAnalyzer::visit(const ExprNode* e) {
  ConstIntBound bound = visit_node(e);
  for (const Fact& fact : facts_) {
    if (fact.expr.get() == e || (fact.expr->kind == e->kind && expr_equal(fact.expr, Expr(e)))) {
      bound = detail::meet(bound, fact.bound);
    }
  }
  // Only the outer ends may be infinite: a constant out there must not absorb what is added to it.
  bound.min_value = std::min(bound.min_value, detail::kInf - 1);
  bound.max_value = std::max(bound.max_value, 1 - detail::kInf);
  return bound;
}

METASCHEDULE_INLINE ConstIntBound ConstIntBoundAnalyzer::visit_node(const ExprNode* e) {
  using namespace detail;
  switch (e->kind) {
    case Kind::IntImm: {
      int64_t v = std::max(static_cast<const IntImm*>(e)->value, -kInf);
      return {v, v};
    }
    case Kind::Var:
      if (const Bound* known = vars_.find(static_cast<const Var*>(e))) return *known;
      return everything_of(e->dtype);
    case Kind::SizeVar:
      if (const Bound* known = vars_.find(static_cast<const Var*>(e))) return *known;
      return {0, kInf};
    case Kind::Cast:
      return meet(visit(static_cast<const Cast*>(e)->value.get()), everything_of(e->dtype));
    case Kind::Broadcast:
      return visit(static_cast<const Broadcast*>(e)->value.get());
    case Kind::Ramp: {
      const auto* ramp = static_cast<const Ramp*>(e);
      const IntImm* lanes = as<IntImm>(ramp->lanes);
      if (!lanes) return everything_of(e->dtype);
      Bound base = visit(ramp->base.get()), stride = visit(ramp->stride.get());
      int64_t last = lanes->value - 1;
      return hull(base, {inf_add(base.min_value, inf_mul(stride.min_value, last)),
                         inf_add(base.max_value, inf_mul(stride.max_value, last))});
    }
    case Kind::Select: {
      const auto* select = static_cast<const Select*>(e);
      return hull(visit(select->true_value.get()), visit(select->false_value.get()));
    }
    case Kind::Let: {
      const auto* let = static_cast<const Let*>(e);
      if (!vars_.find(let->var.get())) vars_.set(let->var, visit(let->value.get()));
      return visit(let->body.get());
    }
    case Kind::Call:
      return visit_call(static_cast<const Call*>(e));
    default:
      break;
  }
  if (!is_binary_kind(e->kind) || is_compare_kind(e->kind) || e->kind > Kind::Max) {
    return everything_of(e->dtype);
  }
  const auto* node = static_cast<const BinaryExpr*>(e);
  Bound a = visit(node->a.get()), b = visit(node->b.get());
  switch (e->kind) {
    case Kind::Add:
      return {inf_add(a.min_value, b.min_value), inf_add(a.max_value, b.max_value)};
    case Kind::Sub:
      return {inf_add(a.min_value, -b.max_value), inf_add(a.max_value, -b.min_value)};
    case Kind::Mul:
      return corners(a, b, inf_mul);
    case Kind::Div:
      return quotient(a, b, e->dtype, inf_div);
    case Kind::FloorDiv:
      return quotient(a, b, e->dtype, inf_floor_div);
    case Kind::Mod:
      return truncated_remainder(a, b, e->dtype);
    case Kind::FloorMod:
      return floored_remainder(a, b, e->dtype);
    case Kind::Min:
      return {std::min(a.min_value, b.min_value), std::min(a.max_value, b.max_value)};
    default:
      return {std::max(a.min_value, b.min_value), std::max(a.max_value, b.max_value)};
  }
}

METASCHEDULE_INLINE ConstIntBound ConstIntBoundAnalyzer::visit_call(const Call* e) {
  using namespace detail;
  static const Node *right = &Op::get("shift_right"), *left = &Op::get("shift_left"),
                    *bit_and = &Op::get("bitwise_and"), *scale = &Op::get("vscale");
  const Node* op = e->op.node();
  if (op == scale) return {1, kInf};
  if (op != right && op != left && op != bit_and) return everything_of(e->dtype);
  Bound a = visit(e->args[0].get()), b = visit(e->args[1].get());
  if (op == bit_and) {
    if (b.min_value >= 0) {
      return {0, a.min_value >= 0 ? std::min(a.max_value, b.max_value) : b.max_value};
    }
    return a.min_value >= 0 ? Bound{0, a.max_value} : everything_of(e->dtype);
  }
  if (b.min_value < 0 || b.max_value > 62) return everything_of(e->dtype);
  if (op == right) {
    return corners(a, b, [](int64_t x, int64_t y) { return is_inf(x) ? x : x >> y; });
  }
  return corners(a, b, [](int64_t x, int64_t y) { return inf_mul(x, int64_t{1} << y); });
}

}  // namespace metaschedule::arith
