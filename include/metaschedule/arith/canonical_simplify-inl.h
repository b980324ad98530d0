// SPDX-License-Identifier: Apache-2.0
// The canonical simplifier: sums, products, quotients and remainders of index types in normal form;
// everything else as the rewriting simplifier does it.
#pragma once

#include <optional>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/canonical_form.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {

namespace detail {
/// Products with the constant factor last.
inline Expr multiply_in_order(const Expr& a, const Expr& b) {
  int64_t scale = 1;
  bool exact = true;
  Expr out = int_imm(a->dtype, 1);
  auto collect = [&](const Expr& factor) {
    const IntImm* imm = as<IntImm>(factor);
    if (!imm) {
      out = out * factor;
      return;
    }
    auto product = checked_mul(scale, imm->value);
    exact = exact && product && fits(a->dtype, *product);
    if (exact) scale = *product;
  };
  for_each_operand(Kind::Mul, a, collect);
  for_each_operand(Kind::Mul, b, collect);
  if (!exact) return a * b;
  return scale == 1 ? out : out * int_imm(a->dtype, scale);
}

/// Removes factors that dividend and divisor share; `common` is their product. False: none.
inline bool cancel_factors(Expr& a, Expr& b, Expr& common) {
  if (as<IntImm>(b)) return false;
  DType t = b->dtype;
  std::vector<Expr> factors;
  int64_t a_scale = 1, b_scale = 1;
  bool exact = true;
  auto scale_by = [&](int64_t& scale, int64_t value) {
    auto product = checked_mul(scale, value);
    exact = exact && product && fits(t, *product);
    if (exact) scale = *product;
  };
  for_each_operand(Kind::Mul, a, [&](const Expr& factor) {
    if (const IntImm* imm = as<IntImm>(factor)) {
      scale_by(a_scale, imm->value);
    } else {
      factors.push_back(factor);
    }
  });
  Expr rest = int_imm(t, 1), shared = int_imm(t, 1);
  bool cancelled = false;
  for_each_operand(Kind::Mul, b, [&](const Expr& factor) {
    if (const IntImm* imm = as<IntImm>(factor)) return scale_by(b_scale, imm->value);
    for (Expr& candidate : factors) {
      if (candidate && expr_equal(candidate, factor)) {
        candidate = nullptr;
        cancelled = true;
        shared = shared * factor;
        return;
      }
    }
    rest = rest * factor;
  });
  if (!exact) return false;
  int64_t divisor = gcd(a_scale, b_scale);
  if (divisor == 0 || (!cancelled && divisor == 1)) return false;
  Expr dividend = int_imm(t, 1);
  for (const Expr& factor : factors) {
    if (factor) dividend = dividend * factor;
  }
  a = dividend * int_imm(t, a_scale / divisor);
  b = rest * int_imm(t, b_scale / divisor);
  common = shared * int_imm(t, divisor);
  return true;
}
/// Folds two constants, or a neutral or absorbing one; nothing when neither is there.
inline std::optional<Canonical> fold_canonical(Kind kind, const Canonical& a, const Canonical& b) {
  const IntImm *x = as<IntImm>(a.expr), *y = as<IntImm>(b.expr);
  bool divides = kind >= Kind::Div && kind <= Kind::FloorMod;
  if (divides && y && y->value == 0) return std::nullopt;
  if (x && y) return Canonical(fold_binary(kind, a.expr, b.expr));
  switch (kind) {
    case Kind::Add:
      if (x && x->value == 0) return b;
      if (y && y->value == 0) return a;
      break;
    case Kind::Sub:
      if (y && y->value == 0) return a;
      break;
    case Kind::Mul:
      if (x && x->value == 1) return b;
      if (y && y->value == 1) return a;
      if (x && x->value == 0) return a;
      if (y && y->value == 0) return b;
      break;
    default:
      if (x && x->value == 0) return a;
      if (y && y->value == 1) {
        if (kind == Kind::Div || kind == Kind::FloorDiv) return a;
        return Canonical(int_imm(b.expr->dtype, 0));
      }
      break;
  }
  return std::nullopt;
}
}  // namespace detail

METASCHEDULE_INLINE Expr CanonicalSimplifier::visit(const Expr& e) { return mutate(e).normalize(); }

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::mutate(const Expr& e) {
  bool index = detail::is_index_type(e->dtype);
  switch (e->kind) {
    case Kind::Add:
    case Kind::Sub:
      if (index) return add_or_sub(e);
      break;
    case Kind::Mul:
      if (index) return mul(e);
      break;
    case Kind::Div:
      if (index) return divide(e, DivMode::Trunc);
      break;
    case Kind::FloorDiv:
      if (index) return divide(e, DivMode::Floor);
      break;
    case Kind::Mod:
      if (index) return modulo(e, DivMode::Trunc);
      break;
    case Kind::FloorMod:
      if (index) return modulo(e, DivMode::Floor);
      break;
    case Kind::Cast:
      if (index) return convert(e);
      break;
    case Kind::LT:
      return less(e);
    default:
      break;
  }
  return dispatch(e);
}

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::add_or_sub(const Expr& e) {
  const auto& node = static_cast<const BinaryExpr&>(*e);
  Canonical a = mutate(node.a), b = mutate(node.b);
  if (auto folded = detail::fold_canonical(node.kind, a, b)) return *folded;
  int64_t sign = node.kind == Kind::Add ? 1 : -1;
  detail::Sum sum = a.to_sum();
  bool exact = b.form == Canonical::Form::Sum ? sum.add(b.sum, sign)
               : as<IntImm>(b.expr)           ? sum.add(b.to_sum(), sign)
                                              : sum.add(b.to_split(), sign);
  if (!exact) return binary(node.kind, a.normalize(), b.normalize());
  return sum;
}

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::mul(const Expr& e) {
  const auto& node = static_cast<const Mul&>(*e);
  Canonical a = mutate(node.a), b = mutate(node.b);
  if (auto folded = detail::fold_canonical(Kind::Mul, a, b)) return *folded;
  if (as<IntImm>(a.expr)) std::swap(a, b);
  if (const IntImm* c = as<IntImm>(b.expr)) {
    if (a.form == Canonical::Form::Sum) {
      detail::Sum sum = a.sum;
      if (sum.multiply(c->value)) return sum;
    } else {
      detail::Split split = a.to_split();
      if (split.multiply(c->value) && detail::fits(e->dtype, split.scale)) return split;
    }
    return Expr(a.normalize() * b.expr);
  }
  Expr product = detail::multiply_in_order(a.normalize(), b.normalize());
  const Mul* same = as<Mul>(product);
  return same && same->a.same_as(node.a) && same->b.same_as(node.b) ? e : product;
}

namespace detail {
/// True when a division by c, or its remainder, may move inside the split. With a negative scale
/// two floors in a row round to different sides.
inline bool moves_inside(const Split& split, int64_t c, DivMode mode) {
  if (split.scale == 0 || c % split.scale != 0) return false;
  return split.scale > 0 || split.lower == 1 || mode == DivMode::Trunc;
}
}  // namespace detail

METASCHEDULE_INLINE detail::Split CanonicalSimplifier::split_div_const(Split lhs, int64_t c,
                                                                       DivMode mode) {
  DType t = lhs.dtype();
  if (!lhs.can_use(mode)) lhs = Split{lhs.normalize()};
  lhs.mode = mode;
  if (lhs.scale % c == 0) {
    lhs.scale /= c;
    return lhs;
  }
  if (detail::moves_inside(lhs, c, mode) && (lhs.scale > 0 || lhs.upper == Split::kInf)) {
    auto lower = detail::checked_mul(lhs.lower, c / lhs.scale);
    if (lower && detail::fits(t, *lower)) {
      if (lhs.upper == Split::kInf || lhs.upper % *lower == 0) {
        lhs.scale = 1;
        lhs.lower = *lower;
        return lhs;
      }
      // (x % c1) // c2 with c2 >= c1
      if (lhs.upper > 0 && lhs.upper <= *lower) return Split{int_imm(t, 0)};
      lhs.index = detail::mod_expr(lhs.index, int_imm(t, lhs.upper), mode);
      lhs.upper = Split::kInf;
      lhs.scale = 1;
      lhs.lower = *lower;
      return lhs;
    }
  }
  Split out{lhs.normalize()};
  out.mode = mode;
  out.lower = c;
  return out;
}

METASCHEDULE_INLINE detail::Split CanonicalSimplifier::split_mod_const(Split lhs, int64_t c,
                                                                       DivMode mode) {
  DType t = lhs.dtype();
  if (!lhs.can_use(mode)) lhs = Split{lhs.normalize()};
  lhs.mode = mode;
  if (lhs.scale % c == 0) {
    lhs.scale = 0;
    return lhs;
  }
  if (detail::moves_inside(lhs, c, mode)) {
    // (x % u / l * s) % c is (x % u % (l * c / s)) / l * s.
    auto upper = detail::checked_mul(lhs.lower, c / lhs.scale);
    if (upper && detail::fits(t, *upper)) {
      if (lhs.upper == Split::kInf) {
        lhs.upper = *upper;
        return lhs;
      }
      if (lhs.upper % *upper == 0) {
        if (*upper >= lhs.upper) {
          lhs.upper = *upper;
          return lhs;
        }
        // The smaller modulus may simplify the index further.
        Expr index = visit(detail::mod_expr(lhs.index, int_imm(t, *upper), mode));
        Split inner = Canonical(index).to_split();
        if (lhs.lower != 1) inner = split_div_const(inner, lhs.lower, mode);
        if (inner.multiply(lhs.scale)) return inner;
      } else if (lhs.scale > 0 && lhs.upper > 0 && *upper % lhs.upper == 0) {
        return lhs;
      }
    }
  }
  Split out{lhs.normalize()};
  out.mode = mode;
  out.upper = c;
  return out;
}

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::divide(const Expr& e, DivMode mode) {
  const auto& node = static_cast<const BinaryExpr&>(*e);
  Canonical a = mutate(node.a), b = mutate(node.b);
  const IntImm* divisor = as<IntImm>(b.expr);
  if (auto folded = detail::fold_canonical(node.kind, a, b)) return *folded;
  if (divisor && divisor->value > 0) {
    int64_t c = divisor->value;
    if (a.form == Canonical::Form::Sum) {
      auto [even, rest] = a.sum.separate(c);
      if (rest.is_zero()) {
        even.divide(c);
        return even;
      }
      Expr remainder = rest.normalize();
      bool splits =
          mode == DivMode::Floor || (analyzer_->can_prove_greater_equal(even.normalize(), 0) &&
                                     analyzer_->can_prove_greater_equal(remainder, 0));
      if (splits) {
        even.divide(c);
        bool exact = true;
        if (const IntImm* imm = as<IntImm>(remainder)) {
          exact =
              even.add(mode == DivMode::Floor ? detail::floor_div(imm->value, c) : imm->value / c);
        } else if (!(try_compare(remainder, c) == Compare::LT &&
                     analyzer_->can_prove_greater_equal(remainder, 0))) {
          exact = even.add(split_div_const(detail::Split{remainder}, c, mode), 1);
        }
        if (exact) return even;
      }
    } else {
      ConstIntBound bound = analyzer_->const_int_bound(a.normalize());
      if (bound.min_value >= 0 && bound.max_value < c) return int_imm(e->dtype, 0);
    }
    return split_div_const(a.to_split(), c, mode);
  }
  Expr x = a.normalize(), y = b.normalize(), common;
  if (detail::cancel_factors(x, y, common)) return detail::div_expr(x, y, mode);
  if (x.same_as(node.a) && y.same_as(node.b)) return e;
  return make_binary(node.kind, x, y);
}

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::modulo(const Expr& e, DivMode mode) {
  const auto& node = static_cast<const BinaryExpr&>(*e);
  Canonical a = mutate(node.a), b = mutate(node.b);
  const IntImm* divisor = as<IntImm>(b.expr);
  if (auto folded = detail::fold_canonical(node.kind, a, b)) return *folded;
  if (divisor && divisor->value > 0) {
    int64_t c = divisor->value;
    if (a.form == Canonical::Form::Sum) {
      auto [even, rest] = a.sum.separate(c);
      Expr remainder = rest.normalize();
      bool drops =
          mode == DivMode::Floor || (analyzer_->can_prove_greater_equal(even.normalize(), 0) &&
                                     analyzer_->can_prove_greater_equal(remainder, 0));
      if (drops) {
        if (const IntImm* imm = as<IntImm>(remainder)) {
          return int_imm(
              e->dtype, mode == DivMode::Floor ? detail::floor_mod(imm->value, c) : imm->value % c);
        }
        if (try_compare(remainder, c) == Compare::LT &&
            analyzer_->can_prove_greater_equal(remainder, 0)) {
          return remainder;
        }
        a = Canonical(std::move(rest));
        if (mode == DivMode::Floor) a.sum.base = detail::floor_mod(a.sum.base, c);
      }
    } else {
      ConstIntBound bound = analyzer_->const_int_bound(a.normalize());
      if (bound.min_value >= 0 && bound.max_value < c) return a;
    }
    return split_mod_const(a.to_split(), c, mode);
  }
  Expr x = a.normalize(), y = b.normalize(), common;
  if (detail::cancel_factors(x, y, common)) return Expr(detail::mod_expr(x, y, mode) * common);
  if (x.same_as(node.a) && y.same_as(node.b)) return e;
  return make_binary(node.kind, x, y);
}

}  // namespace metaschedule::arith
