// SPDX-License-Identifier: Apache-2.0
// Rules for products, quotients and remainders.
#pragma once

#include "metaschedule/arith/rules_common.h"

namespace metaschedule::arith::detail {

inline constexpr Rule kMulVectorRules[] = {
    {"bcast(x, l) * bcast(y, l) -> bcast(x * y, l)"},
    {"ramp(x, s, l) * bcast(y, l) -> ramp(x * y, s * y, l)"},
    {"bcast(y, l) * ramp(x, s, l) -> ramp(x * y, s * y, l)"},
};

inline constexpr Rule kMulRules[] = {
    {"(x + c1) * c2 -> x * c2 + c1 * c2"},
    {"(x * c1) * c2 -> x * (c1 * c2)"},
    {"min(x, y) * max(x, y) | max(x, y) * min(x, y) -> x * y"},
    {"((x - x % c2) // c1) * c1 -> x - x % c2", opposite_c1_c2},
    {"x * (c1 * y) => (x * y) * c1"},
    {"c1 * x => x * c1"},
    {"(x - y) * c1 => (y - x) * (0 - c1)", c1_negative},
};

inline constexpr Rule kDivVectorRules[] = {
    {"div(bcast(x, l), bcast(y, l)) -> bcast(div(x, y), l)"},
};

/// Truncating division: nearly everything needs to know signs.
inline constexpr Rule kDivRules[] = {
    {"div(div(x, c1), c2) -> div(x, c1 * c2)", c1_c2_positive},
    {"div(div(x, c1) + c2, c3) -> div(x + c1 * c2, c1 * c3)",
     [](const Match& m) { return m.c1() > 0 && m.c2() >= 0 && m.c3() > 0 && ge(m, 'x', 0); }},
    {"div(x * c1, c2) -> x * div(c1, c2)",
     [](const Match& m) { return m.c1() > 0 && c2_divides_c1(m); }},
    {"div(x * c1, c2) -> div(x, div(c2, c1))",
     [](const Match& m) { return m.c1() > 0 && m.c2() > 0 && m.c2() % m.c1() == 0; }},
    {"div(x, x) -> 1"},
    {"div(x * c1, x) | div(c1 * x, x) -> c1"},
    {"div(x * c1 + y, c2) -> x * div(c1, c2) + div(y, c2)", c2_divides_c1_xy},
    {"div(min(x * c1, y), c2) -> min(x * div(c1, c2), div(y, c2))", c2_divides_c1_xy},
    {"div(max(x * c1, y), c2) -> max(x * div(c1, c2), div(y, c2))", c2_divides_c1_xy},
    {"div(y + x * c1, c2) -> div(y, c2) + x * div(c1, c2)", c2_divides_c1_xy},
    {"div(min(y, x * c1), c2) -> min(div(y, c2), x * div(c1, c2))", c2_divides_c1_xy},
    {"div(max(y, x * c1), c2) -> max(div(y, c2), x * div(c1, c2))", c2_divides_c1_xy},
    {"div(x * c1 + y + z, c2) -> x * div(c1, c2) + div(y + z, c2)",
     [](const Match& m) {
       return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0) &&
              m.self->can_prove_greater_equal(m['y'] + m['z'], 0);
     }},
    {"div(x * c1 - y + z, c2) -> x * div(c1, c2) + div(z - y, c2)",
     [](const Match& m) {
       return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0) &&
              m.self->can_prove_greater_equal(m['z'] - m['y'], 0);
     }},
    {"div(x * c1 + y - z, c2) -> x * div(c1, c2) + div(y - z, c2)",
     [](const Match& m) {
       return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0) &&
              m.self->can_prove_greater_equal(m['y'] - m['z'], 0);
     }},
    {"div(y + x * c1 + z, c2) -> x * div(c1, c2) + div(y + z, c2)",
     [](const Match& m) {
       return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0) &&
              m.self->can_prove_greater_equal(m['y'] + m['z'], 0);
     }},
    {"div(x + c1, c2) -> div(x, c2) + div(c1, c2)",
     [](const Match& m) { return m.c1() > 0 && c2_divides_c1(m) && ge(m, 'x', 0); }},
    {"div(x + y, x) | div(y + x, x) -> div(y, x) + 1",
     [](const Match& m) { return ge(m, 'x', 0) && ge(m, 'y', 0); }},
    {"div((x + y) + z, x) | div((y + x) + z, x) | div(y + (z + x), x) | div(y + (x + z), x) -> "
     "div(y + z, x) + 1",
     [](const Match& m) {
       return ge(m, 'x', 0) && m.self->can_prove_greater_equal(m['y'] + m['z'], 0);
     }},
    {"div(x * y, y) | div(y * x, y) -> x",
     [](const Match& m) { return ge(m, 'x', 0) && ge(m, 'y', 0); }},
    {"div(x * z + y, z) | div(z * x + y, z) | div(y + x * z, z) | div(y + z * x, z) -> "
     "x + div(y, z)",
     [](const Match& m) { return ge(m, 'x', 0) && ge(m, 'y', 0) && ge(m, 'z', 0); }},
};

inline constexpr Rule kModVectorRules[] = {
    {"mod(bcast(x, l), bcast(y, l)) -> bcast(mod(x, y), l)"},
};

inline constexpr Rule kModRules[] = {
    {"mod(x * c1, c2) -> 0", [](const Match& m) { return multiple(m.c1(), m.c2()); }},
    {"mod(x * c1 + y, c2) -> mod(y, c2)", c2_divides_c1_xy},
    {"mod(x + c1, c2) -> mod(x, c2)",
     [](const Match& m) { return m.c1() >= 0 && c2_divides_c1(m) && ge(m, 'x', 0); }},
    {"mod(x + y * c1, c2) -> mod(x, c2)", c2_divides_c1_xy},
    {"mod(x, c1)", c1_positive,
     [](const Match& m) -> Expr {
       ModularSet set = modular_set_of(m, 'x');
       if (set.coeff % m.c1() != 0 || !ge(m, 'x', 0)) return nullptr;
       return int_imm(m.dtype, set.base % m.c1());
     }},
};

inline constexpr Rule kFloorDivVectorRules[] = {
    {"bcast(x, l) // bcast(y, l) -> bcast(x // y, l)"},
};

/// (x * c1 + y) // c2 where the quotient is known up to what is left of x.
Expr divide_scaled(const Match& m);

inline constexpr Rule kFloorDivRules[] = {
    {"(x // c1) // c2 -> x // (c1 * c2)", c1_c2_positive},
    {"(x // c1 + c2) // c3 -> (x + c1 * c2) // (c1 * c3)",
     [](const Match& m) { return m.c1() > 0 && m.c3() > 0; }},
    {"(x * c1 + y) // c2 | (x * c1) // c2 | (y + x * c1) // c2", nullptr, divide_scaled},
    {"x // x -> 1"},
    {"(x * c1) // x | (c1 * x) // x -> c1"},
    {"(x % 2 + 1) // 2 -> x % 2"},
    {"min(x * c1, y) // c2 -> min(x * (c1 // c2), y // c2)", c2_divides_c1},
    {"max(x * c1, y) // c2 -> max(x * (c1 // c2), y // c2)", c2_divides_c1},
    {"min(y, x * c1) // c2 -> min(y // c2, x * (c1 // c2))", c2_divides_c1},
    {"max(y, x * c1) // c2 -> max(y // c2, x * (c1 // c2))", c2_divides_c1},
    {"(x * c1 + y + z) // c2 -> x // (c2 // c1)",
     [](const Match& m) {
       return m.c1() > 0 && m.c2() > 0 && m.c2() % m.c1() == 0 &&
              m.self->can_prove_equal(floordiv(m['y'] + m['z'], m.c1_expr()), make_zero(m.dtype));
     }},
    {"(x * c1 + y + z) // c2 -> x * (c1 // c2) + (y + z) // c2", c2_divides_c1},
    {"(x * c1 - y + z) // c2 -> x * (c1 // c2) + (z - y) // c2", c2_divides_c1},
    {"(x * c1 + y - z) // c2 -> x * (c1 // c2) + (y - z) // c2", c2_divides_c1},
    {"(y + x * c1 + z) // c2 -> x * (c1 // c2) + (y + z) // c2", c2_divides_c1},
    {"(x + c1) // c2 -> x // c2 + c1 // c2", c2_divides_c1},
    {"(x + y) // x | (y + x) // x -> y // x + 1", [](const Match& m) { return ge(m, 'x', 0); }},
    {"((x + y) + z) // x | ((y + x) + z) // x | (y + (z + x)) // x | (y + (x + z)) // x -> "
     "(y + z) // x + 1",
     [](const Match& m) { return ge(m, 'x', 0); }},
    {"(x * y) // y | (y * x) // y -> x", [](const Match& m) { return ge(m, 'y', 0); }},
    {"(x * z + y) // z | (z * x + y) // z | (y + x * z) // z | (y + z * x) // z -> x + y // z",
     [](const Match& m) { return ge(m, 'z', 0); }},
    {"(x * z * c1 + y) // (z * c1) | (y + x * z * c1) // (z * c1) -> x + y // (z * c1)",
     [](const Match& m) { return m.self->can_prove_greater_equal(m['z'] * m.c1_expr(), 0); }},
    {"(x - x % c1) // c1 -> x // c1", c1_nonzero},
};

inline constexpr Rule kFloorModVectorRules[] = {
    {"bcast(x, l) % bcast(y, l) -> bcast(x % y, l)"},
};

/// x % c1 by what is known of x: its modular set or its bounds.
Expr remainder_by_facts(const Match& m);

inline constexpr Rule kFloorModRules[] = {
    {"(x * c1) % c2 -> (x * (c1 % c2)) % c2", c2_nonzero},
    {"(x * c1 + y) % c2 -> (x % (c2 // c1)) * c1 + y",
     [](const Match& m) {
       return m.c1() > 0 && m.c2() > 0 && m.c2() % m.c1() == 0 &&
              m.self->can_prove_equal(floordiv(m['y'], m.c1_expr()), make_zero(m.dtype));
     }},
    {"(x * c1 + y) % c2 -> (x * (c1 % c2) + y) % c2", c2_positive},
    {"(x + c1) % c2 -> (x + c1 % c2) % c2",
     [](const Match& m) { return m.c2() > 0 && (m.c1() >= m.c2() || m.c1() < 0); }},
    {"(x + y * c1) % c2 -> (x + y * (c1 % c2)) % c2", c2_positive},
    {"(x * c1) % (x * c2) -> x * (c1 % c2)", [](const Match& m) { return m.c2() != 0; }},
    {"(x * y) % y | (y * x) % y -> 0"},
    {"(x + x % 2) % 2 -> 0"},
    {"x % c1", c1_positive, remainder_by_facts},
};

}  // namespace metaschedule::arith::detail
