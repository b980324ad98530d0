// SPDX-License-Identifier: Apache-2.0
// Results of rules that take more than a pattern to say.
#pragma once

#include "metaschedule/arith/rules_div.h"
#include "metaschedule/arith/rules_minmax.h"

namespace metaschedule::arith::detail {

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
  if (bound.is_const() && bound.is_finite() && fits(t, bound.max_value)) {
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

}  // namespace metaschedule::arith::detail
