// SPDX-License-Identifier: Apache-2.0
// Linear forms and what follows from comparisons of them.
#pragma once

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/linear.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

namespace detail {

inline bool uses_any(const Expr& e, const Vars& vars, size_t from = 0) {
  return uses_var(*e, [&](const Var* var) {
    for (size_t i = from; i < vars.size(); ++i)
      if (vars[i].get() == var) return true;
    return false;
  });
}

/// `coeff * var + base`; a null part is zero.
struct LinearForm {
  Expr coeff, base;
};
inline Expr plus(const Expr& a, const Expr& b) { return !a ? b : !b ? a : a + b; }
inline Expr minus(const Expr& a, const Expr& b) {
  if (!b) return a;
  return (a ? a : make_const(b->dtype, 0)) - b;
}
inline Expr times(const Expr& a, const Expr& b) { return a && b ? a * b : Expr(nullptr); }

inline std::optional<LinearForm> linear_form(const Expr& e, const Var* var) {
  if (e.get() == var) return LinearForm{make_const(e->dtype, 1), nullptr};
  if (!uses_var(*e, var)) return LinearForm{nullptr, e};
  if (e->kind != Kind::Add && e->kind != Kind::Sub && e->kind != Kind::Mul) return std::nullopt;
  const auto& node = static_cast<const BinaryExpr&>(*e);
  auto a = linear_form(node.a, var), b = linear_form(node.b, var);
  if (!a || !b) return std::nullopt;
  if (e->kind == Kind::Add) return LinearForm{plus(a->coeff, b->coeff), plus(a->base, b->base)};
  if (e->kind == Kind::Sub) return LinearForm{minus(a->coeff, b->coeff), minus(a->base, b->base)};
  if (a->coeff && b->coeff) return std::nullopt;
  // One side is free of the variable.
  const LinearForm& with = a->coeff ? *a : *b;
  const Expr& factor = a->coeff ? node.b : node.a;
  return LinearForm{times(with.coeff, factor), times(with.base, factor)};
}

/// A comparison with its sides in order: `a <= b`, `a < b` or `a == b`.
struct Ordered {
  Kind kind;
  Expr a, b;
};
inline std::optional<Ordered> ordered(const Expr& e) {
  if (e->kind < Kind::EQ || e->kind > Kind::GE || e->kind == Kind::NE) return std::nullopt;
  const auto& node = static_cast<const BinaryExpr&>(*e);
  if (!node.a->dtype.is_integral() || node.a->dtype.is_bool()) return std::nullopt;
  if (e->kind == Kind::GT) return Ordered{Kind::LT, node.b, node.a};
  if (e->kind == Kind::GE) return Ordered{Kind::LE, node.b, node.a};
  return Ordered{e->kind, node.a, node.b};
}

/// Solves comparisons for one variable.
class BoundDeducer {
 public:
  BoundDeducer(const VarRef& var, const DomMap& hints, const DomMap& relaxed)
      : var_(var), hints_(hints), relaxed_(relaxed) {}

  IntSet run(const Expr& condition) {
    IntSet out = IntSet::everything();
    bool understood = true;
    for_each_conjunct(condition, [&](const Expr& e) {
      IntSet one = understood ? comparison(e) : IntSet::nothing();
      understood = understood && !one.is_nothing();
      if (understood) out = intersect(out, one, analyzer_);
    });
    return understood ? out : IntSet::nothing();
  }

 private:
  IntSet comparison(const Expr& e) {
    auto order = ordered(e);
    if (!order) return IntSet::nothing();
    bool left = uses_var(*order->a, var_.get()), right = uses_var(*order->b, var_.get());
    if (left == right) return IntSet::nothing();
    if (order->kind == Kind::EQ) {
      const Expr &with = left ? order->a : order->b, &other = left ? order->b : order->a;
      IntSet above = solve(with, other, true), below = solve(with, other, false);
      if (above.is_nothing() || below.is_nothing()) return IntSet::nothing();
      return intersect(above, below, analyzer_);
    }
    // a < b is a <= b - 1, and a + 1 <= b.
    Expr one = make_const(order->a->dtype, 1);
    if (left) return solve(order->a, order->kind == Kind::LT ? order->b - one : order->b, false);
    return solve(order->b, order->kind == Kind::LT ? order->a + one : order->a, true);
  }

  /// The values for which `with >= bound` (or <=).
  IntSet solve(Expr with, Expr bound, bool at_least) {
    while (with.get() != var_.get()) {
      const bool arithmetic = with->kind == Kind::Add || with->kind == Kind::Sub ||
                              with->kind == Kind::Mul || with->kind == Kind::FloorDiv;
      if (!arithmetic) return IntSet::nothing();
      const auto& node = static_cast<const BinaryExpr&>(*with);
      bool left = uses_var(*node.a, var_.get());
      if (left && uses_var(*node.b, var_.get())) return IntSet::nothing();
      const Expr inside = left ? node.a : node.b, other = left ? node.b : node.a;
      if (!undo(node.kind, left, other, bound, at_least)) return IntSet::nothing();
      with = inside;
    }
    bound = analyzer_.simplify(bound);
    if (uses_var(*bound, var_.get())) return IntSet::nothing();
    // Whatever the relaxed variables are: the largest of the least values, or the least of the
    // largest.
    IntSet range = eval_set(bound, relaxed_, analyzer_);
    if (range.is_nothing()) return IntSet::nothing();
    const Expr& end = at_least ? range.max() : range.min();
    if (!end) return IntSet::nothing();
    return at_least ? IntSet::interval(analyzer_.simplify(end), nullptr)
                    : IntSet::interval(nullptr, analyzer_.simplify(end));
  }

  /// Takes one operation off the side of the variable.
  bool undo(Kind kind, bool left, const Expr& other, Expr& bound, bool& at_least) {
    if (kind == Kind::Add) {
      bound = bound - other;
      return true;
    }
    if (kind == Kind::Sub) {
      bound = left ? bound + other : other - bound;
      if (!left) at_least = !at_least;
      return true;
    }
    if (kind == Kind::FloorDiv) {
      // x // c >= b is x >= b * c; x // c <= b is x <= b * c + c - 1.
      if (!left || sign(other) <= 0) return false;
      bound = at_least ? bound * other : bound * other + other - make_const(other->dtype, 1);
      return true;
    }
    const int s = sign(other);
    if (s == 0) return false;
    Expr factor = other;
    if (s < 0) {
      factor = make_const(other->dtype, 0) - other;
      bound = make_const(bound->dtype, 0) - bound;
      at_least = !at_least;
    }
    bound = at_least ? floordiv(bound + factor - make_const(factor->dtype, 1), factor)
                     : floordiv(bound, factor);
    return true;
  }

  /// 1, -1, or 0 where it is not known.
  int sign(const Expr& e) {
    IntSet set = eval_set(analyzer_.simplify(e), hints_, analyzer_);
    if (set.can_prove_positive()) return 1;
    if (set.can_prove_negative()) return -1;
    return 0;
  }

  const VarRef& var_;
  const DomMap &hints_, &relaxed_;
  Analyzer analyzer_;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<Expr> detect_linear_equation(const Expr& expr, const Vars& vars) {
  Analyzer analyzer;
  std::vector<Expr> out;
  Expr rest = expr;
  for (size_t i = 0; i < vars.size(); ++i) {
    auto form = detail::linear_form(rest, vars[i].get());
    if (!form) return {};
    Expr coeff = form->coeff ? form->coeff : make_const(expr->dtype, 0);
    if (detail::uses_any(coeff, vars)) return {};
    out.push_back(analyzer.simplify(coeff));
    rest = form->base ? form->base : make_const(expr->dtype, 0);
  }
  out.push_back(analyzer.simplify(rest));
  return out;
}

METASCHEDULE_INLINE std::vector<Expr> detect_clip_bound(const Expr& condition, const Vars& vars) {
  Analyzer analyzer;
  std::vector<Expr> out(2 * vars.size());
  bool understood = true;
  auto narrow = [&](size_t at, const Expr& bound, bool is_max) {
    Expr& known = out[at];
    if (!known) {
      known = bound;
    } else {
      known = is_max ? min(known, bound) : max(known, bound);
    }
  };
  detail::for_each_conjunct(condition, [&](const Expr& e) {
    auto order = detail::ordered(e);
    if (!order) return void(understood = false);
    // order->a - order->b <= 0, or < 0, or == 0.
    std::vector<Expr> form = detect_linear_equation(order->a - order->b, vars);
    if (form.empty()) return void(understood = false);
    size_t which = vars.size();
    for (size_t i = 0; i < vars.size(); ++i) {
      if (is_zero(form[i])) continue;
      if (which != vars.size()) return void(understood = false);
      which = i;
    }
    if (which == vars.size()) return void(understood = false);
    bool positive = is_const_int(form[which], 1);
    if (!positive && !is_const_int(form[which], -1)) return void(understood = false);
    // x + base <= 0 is x <= -base; -x + base <= 0 is x >= base.
    Expr strict = make_const(form.back()->dtype, order->kind == Kind::LT ? 1 : 0);
    if (positive || order->kind == Kind::EQ) {
      Expr bound = positive ? make_const(strict->dtype, 0) - form.back() - strict : form.back();
      narrow(2 * which + 1, bound, true);
    }
    if (!positive || order->kind == Kind::EQ) {
      Expr bound = positive ? make_const(strict->dtype, 0) - form.back() : form.back() + strict;
      narrow(2 * which, bound, false);
    }
  });
  if (!understood) return {};
  for (Expr& bound : out)
    if (bound) bound = analyzer.simplify(bound);
  return out;
}

METASCHEDULE_INLINE IntSet deduce_bound(const VarRef& var, const Expr& condition,
                                        const DomMap& hints, const DomMap& relaxed) {
  return detail::BoundDeducer(var, hints, relaxed).run(condition);
}

}  // namespace metaschedule::arith
