// SPDX-License-Identifier: Apache-2.0
// Sums of terms, and what inequalities say of variables.
#pragma once

#include <limits>

#include "metaschedule/ir/structural.h"
#include "metaschedule/lower/linear.h"

namespace metaschedule::lower::detail {

METASCHEDULE_INLINE void Linear::add(const Expr& atom, int64_t coefficient) {
  if (coefficient == 0) return;
  for (size_t i = 0; i < terms.size(); ++i) {
    Term& t = terms[i];
    const bool same =
        t.atom == atom || (!as<Var>(atom) && !as<Var>(t.atom) && expr_equal(t.atom, atom));
    if (!same) continue;
    t.coefficient += coefficient;
    if (t.coefficient == 0) terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  terms.push_back({atom, coefficient});
}
METASCHEDULE_INLINE void Linear::add(const Linear& other, int64_t factor) {
  for (const Term& t : other.terms) add(t.atom, t.coefficient * factor);
  constant += other.constant * factor;
}
METASCHEDULE_INLINE int64_t Linear::coefficient_of(const Var* var) const {
  for (const Term& t : terms)
    if (t.atom.get() == var) return t.coefficient;
  return 0;
}

METASCHEDULE_INLINE Linear linear_of(const Expr& e) {
  Linear out;
  switch (e->kind) {
    case Kind::IntImm:
      out.constant = cast_to<IntImm>(*e).value;
      return out;
    case Kind::Add:
    case Kind::Sub: {
      const auto& b = static_cast<const BinaryExpr&>(*e);
      out = linear_of(b.a);
      out.add(linear_of(b.b), e->kind == Kind::Add ? 1 : -1);
      return out;
    }
    case Kind::Mul: {
      const auto& b = static_cast<const BinaryExpr&>(*e);
      Linear x = linear_of(b.a), y = linear_of(b.b);
      if (!x.is_constant() && !y.is_constant()) break;
      out.add(x.is_constant() ? y : x, x.is_constant() ? x.constant : y.constant);
      return out;
    }
    default:
      break;
  }
  out.add(e, 1);
  return out;
}

METASCHEDULE_INLINE Expr to_expr(const Linear& l, DType dtype) {
  Expr sum;
  for (const Linear::Term& t : l.terms) {
    if (t.coefficient < 0 && sum) {
      sum = sum - (t.coefficient == -1 ? t.atom : t.atom * -t.coefficient);
      continue;
    }
    Expr term = t.coefficient == 1 ? t.atom : t.atom * t.coefficient;
    sum = sum ? sum + term : term;
  }
  if (!sum) return int_imm(dtype, l.constant);
  if (l.constant < 0) return sum - int_imm(dtype, -l.constant);
  return l.constant ? sum + int_imm(dtype, l.constant) : sum;
}

METASCHEDULE_INLINE std::optional<Linear> as_non_negative(const Expr& condition) {
  if (!is_compare_kind(condition->kind)) return std::nullopt;
  const auto& c = static_cast<const BinaryExpr&>(*condition);
  if (!c.a->dtype.is_int() || c.a->dtype.lanes != 1) return std::nullopt;
  Linear a = linear_of(c.a), b = linear_of(c.b), out;
  switch (condition->kind) {
    case Kind::LT:
      out.add(b, 1), out.add(a, -1), out.constant -= 1;
      return out;
    case Kind::LE:
      out.add(b, 1), out.add(a, -1);
      return out;
    case Kind::GT:
      out.add(a, 1), out.add(b, -1), out.constant -= 1;
      return out;
    case Kind::GE:
      out.add(a, 1), out.add(b, -1);
      return out;
    default:
      return std::nullopt;
  }
}

METASCHEDULE_INLINE std::vector<LinearBound> bounds_of_variable(const Expr& condition) {
  constexpr int64_t kInf = std::numeric_limits<int64_t>::max();
  std::vector<LinearBound> out;
  if (condition->kind == Kind::EQ) {
    const auto& c = static_cast<const BinaryExpr&>(*condition);
    if (!c.a->dtype.is_int() || c.a->dtype.lanes != 1) return out;
    Linear l = linear_of(c.a);
    l.add(linear_of(c.b), -1);
    if (l.terms.size() != 1) return out;
    const Var* var = as<Var>(l.terms[0].atom);
    const int64_t k = l.terms[0].coefficient;
    if (var && l.constant % k == 0) out.push_back({var, -l.constant / k, -l.constant / k});
    return out;
  }
  auto l = as_non_negative(condition);
  if (!l || l->terms.size() != 1) return out;
  const Var* var = as<Var>(l->terms[0].atom);
  if (!var) return out;
  // k * var + c >= 0
  const int64_t k = l->terms[0].coefficient, c = l->constant;
  auto floor_div = [](int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
  };
  if (k > 0)
    out.push_back({var, -floor_div(c, k), kInf});  // var >= ceil(-c / k)
  else
    out.push_back({var, -kInf, floor_div(c, -k)});
  return out;
}

}  // namespace metaschedule::lower::detail
