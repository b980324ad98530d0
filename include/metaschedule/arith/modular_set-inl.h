// SPDX-License-Identifier: Apache-2.0
// Modular sets: one case a kind. Where a coefficient would overflow, any integer is possible.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/integer.h"

namespace metaschedule::arith {

namespace detail {
inline ModularSet modular(int64_t coeff, int64_t base) {
  if (coeff < 0) coeff = -coeff;
  if (coeff != 0) base = floor_mod(base, coeff);
  return {coeff, base};
}
inline ModularSet modular(std::optional<int64_t> coeff, std::optional<int64_t> base) {
  if (!coeff || !base || *coeff == INT64_MIN) return {};
  return modular(*coeff, *base);
}
inline ModularSet modular_union(ModularSet a, ModularSet b) {
  int64_t coeff = gcd(a.coeff, b.coeff);
  if (coeff == 0) return a.base == b.base ? a : ModularSet{};
  int64_t x = floor_mod(a.base, coeff), y = floor_mod(b.base, coeff);
  if (x == y) return modular(coeff, x);
  return modular(gcd(gcd(x, y), coeff), x);
}
/// Nothing when the two cannot both hold.
inline std::optional<ModularSet> modular_intersect(ModularSet x, ModularSet y) {
  if (x.coeff == 0) std::swap(x, y);
  if (x.coeff == 0) return x.base == y.base ? std::optional(x) : std::nullopt;
  if (y.coeff == 0) return floor_mod(y.base, x.coeff) == x.base ? std::optional(y) : std::nullopt;
  // Steps through the coarser set until it meets the finer one; gives up where that takes long.
  if (x.coeff < y.coeff) std::swap(x, y);
  int64_t common = gcd(x.coeff, y.coeff);
  if (floor_mod(x.base - y.base, common) != 0) return std::nullopt;
  auto lcm = checked_mul(x.coeff, y.coeff / common);
  if (!lcm || y.coeff / common > 4096) return x;
  int64_t base = x.base;
  while (floor_mod(base, y.coeff) != y.base) base += x.coeff;
  return modular(*lcm, base);
}
}  // namespace detail

METASCHEDULE_INLINE void ModularSetAnalyzer::update(const VarRef& var, const ModularSet& set,
                                                    bool allow_override) {
  if (!allow_override) {
    const ModularSet* old = vars_.find(var.get());
    if (old && !(*old == set)) {
      fail<ValueError>("variable {} is bound to {} k + {} and cannot be bound to {} k + {}",
                       var->name, old->coeff, old->base, set.coeff, set.base);
    }
  }
  vars_.set(var, set);
}

METASCHEDULE_INLINE size_t ModularSetAnalyzer::enter_constraint(const Expr& constraint) {
  size_t mark = undo_.size();
  detail::for_each_conjunct(constraint, [&](const Expr& e) {
    const EQ* equal = as<EQ>(e);
    if (!equal) return;
    const IntImm* value = as<IntImm>(equal->b);
    const FloorMod* mod = as<FloorMod>(equal->a);
    if (!mod) value = as<IntImm>(equal->a), mod = as<FloorMod>(equal->b);
    if (!value || !mod) return;
    const IntImm* divisor = as<IntImm>(mod->b);
    VarRef var = as_ref<Var>(mod->a);
    if (!var || !divisor || divisor->value <= 0) return;
    ModularSet known = visit(var.get());
    auto both = detail::modular_intersect(known, detail::modular(divisor->value, value->value));
    if (!both) return;
    undo_.emplace_back(var, known);
    vars_.set(var, *both);
  });
  return mark;
}

METASCHEDULE_INLINE void ModularSetAnalyzer::exit_constraint(size_t mark) {
  for (; undo_.size() > mark; undo_.pop_back()) vars_.set(undo_.back().first, undo_.back().second);
}

METASCHEDULE_INLINE ModularSet ModularSetAnalyzer::visit(const ExprNode* e) {
  using namespace detail;
  switch (e->kind) {
    case Kind::IntImm:
      return {0, static_cast<const IntImm*>(e)->value};
    case Kind::Var:
    case Kind::SizeVar:
      if (const ModularSet* known = vars_.find(static_cast<const Var*>(e))) return *known;
      return {};
    case Kind::Cast:
      return visit(static_cast<const Cast*>(e)->value.get());
    case Kind::Select: {
      const auto* select = static_cast<const Select*>(e);
      return modular_union(visit(select->true_value.get()), visit(select->false_value.get()));
    }
    case Kind::Let: {
      const auto* let = static_cast<const Let*>(e);
      if (!vars_.find(let->var.get())) vars_.set(let->var, visit(let->value.get()));
      return visit(let->body.get());
    }
    case Kind::Call: {
      const auto* call = static_cast<const Call*>(e);
      static const Op &shift = Op::get("shift_right"), &bit_and = Op::get("bitwise_and");
      const Node* op = call->op.node();
      if (op != &shift && op != &bit_and) return {};
      const IntImm* c = as<IntImm>(call->args[1]);
      if (!c || c->value < 0) return {};
      if (op == &shift) {
        if (c->value > 62) return {};
        ModularSet a = visit(call->args[0].get());
        int64_t divisor = int64_t{1} << c->value;
        if (a.coeff % divisor != 0) return {};
        return modular(a.coeff / divisor, floor_div(a.base, divisor));
      }
      // A mask of low bits is a remainder.
      if (c->value == INT64_MAX || (c->value & (c->value + 1)) != 0) return {};
      ModularSet a = visit(call->args[0].get());
      int64_t coeff = gcd(a.coeff, c->value + 1);
      return modular(coeff, floor_mod(a.base, coeff));
    }
    default:
      break;
  }
  if (!is_binary_kind(e->kind) || e->kind > Kind::Max) return {};
  const auto* node = static_cast<const BinaryExpr*>(e);
  switch (e->kind) {
    case Kind::Add: {
      ModularSet a = visit(node->a.get()), b = visit(node->b.get());
      return modular(gcd(a.coeff, b.coeff), checked_add(a.base, b.base));
    }
    case Kind::Sub: {
      ModularSet a = visit(node->a.get()), b = visit(node->b.get());
      return modular(gcd(a.coeff, b.coeff), checked_sub(a.base, b.base));
    }
    case Kind::Mul: {
      ModularSet a = visit(node->a.get()), b = visit(node->b.get());
      auto both = checked_mul(a.coeff, b.coeff), left = checked_mul(a.coeff, b.base),
           right = checked_mul(a.base, b.coeff);
      if (!both || !left || !right) return {};
      return modular(gcd(*both, gcd(*left, *right)), checked_mul(a.base, b.base));
    }
    case Kind::Div:
    case Kind::FloorDiv:
      return divide(node->a.get(), node->b.get(), e->kind == Kind::FloorDiv);
    case Kind::Mod:
    case Kind::FloorMod: {
      const IntImm* c = as<IntImm>(node->b);
      if (!c || c->value == 0 || c->value == INT64_MIN) return {};
      ModularSet a = visit(node->a.get());
      int64_t coeff = gcd(a.coeff, c->value);
      // The remainder differs from the dividend by a multiple of the divisor. (Of a negative base
      // the reference makes nothing.)
      return a.base % coeff == 0 || a.base > 0 ? modular(coeff, a.base) : ModularSet{};
    }
    default:
      return modular_union(visit(node->a.get()), visit(node->b.get()));
  }
}

METASCHEDULE_INLINE ModularSet ModularSetAnalyzer::divide(const ExprNode* a, const ExprNode* b,
                                                          bool floor) {
  const IntImm* c = as<IntImm>(b);
  if (!c || c->value == 0 || c->value == INT64_MIN) return {};
  ModularSet set = visit(a);
  if (set.coeff % c->value != 0) return {};
  if (set.base == 0) return detail::modular(set.coeff / c->value, 0);
  if (floor) {
    if (c->value > 0 && set.base >= 0) {
      return detail::modular(set.coeff / c->value, detail::floor_div(set.base, c->value));
    }
  } else if (parent_->can_prove_greater_equal(Expr(a), 0)) {
    return detail::modular(set.coeff / c->value, set.base / c->value);
  }
  return {};
}

}  // namespace metaschedule::arith
