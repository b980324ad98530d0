// SPDX-License-Identifier: Apache-2.0
// Matching patterns and building results.
#pragma once

#include "metaschedule/arith/integer.h"
#include "metaschedule/arith/pattern.h"
#include "metaschedule/arith/rewrite_simplify.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith::detail {

inline bool same_expr(const ExprNode* a, const ExprNode* b) {
  return a == b || (a->kind == b->kind && expr_equal(Expr(a), Expr(b)));
}

METASCHEDULE_INLINE Expr fold_safely(Kind kind, const Expr& a, const Expr& b) {
  bool divides = kind >= Kind::Div && kind <= Kind::FloorMod;
  if (divides && (is_zero(b) || as<FloatImm>(b))) {
    if (as<IntImm>(b)) return nullptr;
    if (static_cast<const FloatImm*>(b.get())->value == 0) return nullptr;
  }
  return fold_binary(kind, a, b);
}

METASCHEDULE_INLINE bool match_pattern(const PatternNode* nodes, int at, const ExprNode* e,
                                       Match& m) {
  const PatternNode& p = nodes[at];
  auto bind = [&] {
    auto slot = static_cast<size_t>(p.a);
    if ((m.bound >> slot) & 1) return same_expr(m.slots[slot], e);
    m.bound |= uint32_t{1} << slot;
    m.slots[slot] = e;
    return true;
  };
  using Type = PatternNode::Type;
  switch (p.type) {
    case Type::Any:
      return bind();
    case Type::Int:
      return e->kind == Kind::IntImm && bind();
    case Type::Literal:
      return e->kind == Kind::IntImm && static_cast<const IntImm*>(e)->value == p.a;
    case Type::Truth:
      return e->kind == Kind::IntImm && static_cast<const IntImm*>(e)->value == p.a;
    case Type::Node:
      break;
  }
  if (e->kind != p.kind) return false;
  switch (p.kind) {
    case Kind::Not:
      return match_pattern(nodes, p.a, static_cast<const Not*>(e)->a.get(), m);
    case Kind::Select: {
      const auto* select = static_cast<const Select*>(e);
      return match_pattern(nodes, p.a, select->condition.get(), m) &&
             match_pattern(nodes, p.b, select->true_value.get(), m) &&
             match_pattern(nodes, p.c, select->false_value.get(), m);
    }
    case Kind::Ramp: {
      const auto* ramp = static_cast<const Ramp*>(e);
      return match_pattern(nodes, p.a, ramp->base.get(), m) &&
             match_pattern(nodes, p.b, ramp->stride.get(), m) &&
             match_pattern(nodes, p.c, ramp->lanes.get(), m);
    }
    case Kind::Broadcast: {
      const auto* broadcast = static_cast<const Broadcast*>(e);
      return match_pattern(nodes, p.a, broadcast->value.get(), m) &&
             match_pattern(nodes, p.b, broadcast->lanes.get(), m);
    }
    default: {
      const auto* node = static_cast<const BinaryExpr*>(e);
      return match_pattern(nodes, p.a, node->a.get(), m) &&
             match_pattern(nodes, p.b, node->b.get(), m);
    }
  }
}

/// Null when a constant overflows. `type` is what a literal becomes that has no other operand.
METASCHEDULE_INLINE Expr build_result(const PatternNode* nodes, int at, const Match& m,
                                      DType type) {
  const PatternNode& p = nodes[at];
  using Type = PatternNode::Type;
  auto is_literal = [&](int i) { return nodes[i].type == Type::Literal; };
  switch (p.type) {
    case Type::Any:
    case Type::Int:
      return Expr(m.slots[static_cast<size_t>(p.a)]);
    case Type::Literal:
      return int_imm(type, p.a);
    case Type::Truth:
      return int_imm(DType::boolean(m.dtype.lanes), p.a);
    case Type::Node:
      break;
  }
  if (p.kind == Kind::Not) {
    Expr a = build_result(nodes, p.a, m, type);
    return a ? Expr(make<Not>(a)) : nullptr;
  }
  if (p.kind == Kind::Select) {
    Expr condition = build_result(nodes, p.a, m, type);
    Expr t = is_literal(p.b) ? nullptr : build_result(nodes, p.b, m, type);
    Expr f = build_result(nodes, p.c, m, t ? t->dtype : type);
    if (!condition || !f) return nullptr;
    if (is_literal(p.b)) t = build_result(nodes, p.b, m, f->dtype);
    return t ? Expr(make<Select>(condition, t, f)) : nullptr;
  }
  if (p.kind == Kind::Ramp) {
    Expr base = build_result(nodes, p.a, m, type), stride = build_result(nodes, p.b, m, type),
         lanes = build_result(nodes, p.c, m, type);
    return base && stride ? Expr(make<Ramp>(base, stride, lanes)) : nullptr;
  }
  if (p.kind == Kind::Broadcast) {
    Expr value = build_result(nodes, p.a, m, type.element()),
         lanes = build_result(nodes, p.b, m, type);
    return value ? Expr(make<Broadcast>(value, lanes)) : nullptr;
  }
  Expr a, b;
  if (is_literal(p.a)) {
    b = build_result(nodes, p.b, m, type);
    if (b) a = build_result(nodes, p.a, m, b->dtype);
  } else {
    a = build_result(nodes, p.a, m, type);
    if (a) b = build_result(nodes, p.b, m, a->dtype);
  }
  if (!a || !b) return nullptr;
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (x && y && !is_compare_kind(p.kind) && p.kind < Kind::EQ) {
    auto value = exact_value(p.kind, x->value, y->value);
    return value && fits(a->dtype, *value) ? int_imm(a->dtype, *value) : nullptr;
  }
  if (Expr folded = fold_safely(p.kind, a, b)) return folded;
  return make_binary(p.kind, a, b);
}

METASCHEDULE_INLINE Expr apply_rules(const Rule* rules, size_t count, const Expr& e,
                                     RewriteSimplifier& self) {
  uint64_t a = 0, b = 0;
  auto bit = [](const Expr& x) { return uint64_t{1} << static_cast<int>(x->kind); };
  if (is_binary_kind(e->kind)) {
    a = bit(static_cast<const BinaryExpr*>(e.get())->a);
    b = bit(static_cast<const BinaryExpr*>(e.get())->b);
  } else {
    a = b = ~uint64_t{0};
  }
  Match m;
  m.self = &self;
  m.root = e.get();
  m.dtype = e->dtype;
  for (const Rule* rule = rules; rule != rules + count; ++rule) {
    for (size_t i = 0; i < static_cast<size_t>(rule->pattern_count); ++i) {
      if (!(rule->masks[i].a & a) || !(rule->masks[i].b & b)) continue;
      m.bound = 0;
      if (!match_pattern(rule->nodes.data(), rule->patterns[i], e.get(), m)) continue;
      if (rule->when && !rule->when(m)) continue;
      Expr out = rule->maker ? rule->maker(m)
                             : build_result(rule->nodes.data(), rule->result, m, e->dtype);
      if (!out) continue;
      return rule->again ? self.visit_again(out) : out;
    }
  }
  return nullptr;
}

}  // namespace metaschedule::arith::detail
