// SPDX-License-Identifier: Apache-2.0
// Conditions that rules share.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/arith/pattern.h"
#include "metaschedule/arith/rewrite_simplify.h"

namespace metaschedule::arith::detail {

/// Proofs about what a letter stands for.
inline bool ge(const Match& m, char name, int64_t lower) {
  return m.self->can_prove_greater_equal(m[name], lower);
}
inline ModularSet modular_set_of(const Match& m, char name) {
  return m.self->analyzer().modular_set(m[name]);
}
/// a is a multiple of b.
inline bool multiple(int64_t a, int64_t b) { return b != 0 && (b == -1 || a % b == 0); }
/// a + b is zero, exactly.
inline bool opposite(int64_t a, int64_t b) { return checked_add(a, b) == int64_t{0}; }

inline bool c1_nonzero(const Match& m) { return m.c1() != 0; }
inline bool c1_positive(const Match& m) { return m.c1() > 0; }
inline bool c1_negative(const Match& m) { return m.c1() < 0; }
inline bool c2_nonzero(const Match& m) { return m.c2() != 0; }
inline bool c2_positive(const Match& m) { return m.c2() > 0; }
inline bool c3_positive(const Match& m) { return m.c3() > 0; }
inline bool c1_c2_positive(const Match& m) { return m.c1() > 0 && m.c2() > 0; }
inline bool opposite_c1_c2(const Match& m) { return opposite(m.c1(), m.c2()); }
inline bool c3_is_c1_c2(const Match& m) {
  return m.c1() != 0 && checked_mul(m.c1(), m.c2()) == m.c3();
}
/// c1 is a multiple of c2 > 0.
inline bool c2_divides_c1(const Match& m) { return m.c2() > 0 && m.c1() % m.c2() == 0; }
/// The same for truncating division, which also wants the signs known.
inline bool c2_divides_c1_xy(const Match& m) {
  return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0) && ge(m, 'y', 0);
}
/// c1 + 1 == c2 > 0: rounding up to a multiple of c2.
inline bool rounds_up(const Match& m) { return m.c2() > 0 && m.c1() == m.c2() - 1; }

/// x - s and y - t (or the crossed pairs) are equal.
inline bool same_step_straight(const Match& m) {
  return m.self->can_prove_equal((m['x'] - m['s']) - (m['y'] - m['t']), make_zero(m.dtype));
}
inline bool same_step_crossed(const Match& m) {
  return m.self->can_prove_equal((m['x'] - m['t']) - (m['y'] - m['s']), make_zero(m.dtype));
}

}  // namespace metaschedule::arith::detail
