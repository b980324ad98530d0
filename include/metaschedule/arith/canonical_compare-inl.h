// SPDX-License-Identifier: Apache-2.0
// The canonical simplifier on casts and on `<`: both look through the normal form.
#pragma once

#include <cstdlib>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/canonical_form.h"

namespace metaschedule::arith {

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::convert(const Expr& e) {
  const auto& node = static_cast<const Cast&>(*e);
  if (!detail::is_index_type(node.value->dtype)) return dispatch(e);
  Canonical value = mutate(node.value);
  if (value.form == Canonical::Form::Plain) return dispatch(e);
  DType t = e->dtype;
  // Casting part by part is right when no part leaves the narrower type.
  auto safe = [&](const Expr& part) {
    ConstIntBound bound = analyzer_->const_int_bound(part);
    return detail::fits(t, bound.min_value) && detail::fits(t, bound.max_value);
  };
  detail::Sum sum = value.to_sum();
  bool widens = t.bits >= sum.dtype.bits;
  bool good = detail::fits(t, sum.base);
  Expr partial = int_imm(sum.dtype, 0);
  for (const Split& arg : sum.args) {
    if (widens || !good) break;
    Expr index = arg.index;
    good = safe(index);
    if (arg.upper != Split::kInf) {
      index = detail::mod_expr(index, int_imm(sum.dtype, arg.upper), arg.mode);
      good = good && safe(index) && detail::fits(t, arg.upper);
    }
    if (arg.lower != 1) {
      index = detail::div_expr(index, int_imm(sum.dtype, arg.lower), arg.mode);
      good = good && safe(index) && detail::fits(t, arg.lower);
    }
    if (arg.scale != 1) {
      index = index * int_imm(sum.dtype, arg.scale);
      good = good && safe(index) && detail::fits(t, arg.scale);
    }
    partial = partial + index;
    good = good && safe(partial);
  }
  if (!good) return dispatch(e);
  sum.dtype = t;
  for (Split& arg : sum.args) arg.index = cast(t, arg.index);
  if (value.form == Canonical::Form::Split) return sum.args[0];
  return sum;
}

METASCHEDULE_INLINE detail::Canonical CanonicalSimplifier::less(const Expr& e) {
  const auto& node = static_cast<const LT&>(*e);
  DType t = node.a->dtype;
  if (!detail::is_index_type(t)) return dispatch(e);
  Canonical difference = mutate(node.a - node.b);
  if (difference.form != Canonical::Form::Sum) return dispatch(e);
  const detail::Sum& sum = difference.sum;
  if (sum.base == INT64_MIN) return dispatch(e);
  // The common divisor of all scales but those of one, and of the base.
  int64_t divisor = std::abs(sum.base);
  bool scaled = false;
  for (const Split& arg : sum.args) {
    if (arg.scale > 1 || arg.scale < -1) {
      scaled = true;
      divisor = detail::gcd(divisor, arg.scale);
    }
  }
  if (!scaled || divisor <= 1 || !detail::fits(t, divisor)) return dispatch(e);
  auto [even, rest] = sum.separate(divisor);
  Expr extra = rest.normalize();
  // d * n + extra < 0 is n < 0 for an extra in [0, d). (The reference asks for (-d, d) only, where
  // n = 0 with a negative extra goes wrong.)
  if (analyzer_->can_prove(lt(extra, int_imm(t, divisor))) &&
      analyzer_->can_prove(ge(extra, int_imm(t, 0)))) {
    even.divide(divisor);
    return mutate(make<LT>(even.normalize(), int_imm(t, 0)));
  }
  if (rest.args.size() == 1) {
    const Split& split = rest.args[0];
    auto lower = detail::checked_mul(divisor, split.lower);
    bool remainder = split.scale == 1 && split.upper != Split::kInf && split.upper > 0 &&
                     split.mode == DivMode::Floor;
    if (remainder && lower && split.upper % *lower == 0) {
      even.divide(divisor);
      Expr quotient =
          floormod(floordiv(split.index, int_imm(t, *lower)), int_imm(t, split.upper / *lower));
      return mutate(lt(even.normalize() + quotient, int_imm(t, 0)));
    }
  }
  return dispatch(e);
}

}  // namespace metaschedule::arith
