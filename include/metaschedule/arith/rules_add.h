// SPDX-License-Identifier: Apache-2.0
// Rules for sums and differences. Order matters: the first that applies wins.
#pragma once

#include "metaschedule/arith/rules_common.h"

namespace metaschedule::arith::detail {

inline constexpr Rule kAddVectorRules[] = {
    {"ramp(x, s, l) + ramp(y, t, l) -> ramp(x + y, s + t, l)"},
    {"ramp(x, s, l) + bcast(y, l) -> ramp(x + y, s, l)"},
    {"bcast(y, l) + ramp(x, s, l) -> ramp(y + x, s, l)"},
    {"bcast(x, l) + bcast(y, l) -> bcast(x + y, l)"},
};

inline constexpr Rule kAddRules[] = {
    // What cancels.
    {"(x - y) + y -> x"},
    {"x + (y - x) -> y"},
    {"(x - y) + (y - z) -> x - z"},
    {"(x - y) + (z - x) -> z - y"},
    {"min(x, y - z) + z -> min(x + z, y)"},
    {"min(x - z, y) + z -> min(x, y + z)"},
    {"max(x, y - z) + z -> max(x + z, y)"},
    {"max(x - z, y) + z -> max(x, y + z)"},
    {"min(x, y + z * c1) + z * c2 -> min(x + z * c2, y)", opposite_c1_c2},
    {"max(x, y + z * c1) + z * c2 -> max(x + z * c2, y)", opposite_c1_c2},
    {"min(y + z * c1, x) + z * c2 -> min(x + z * c2, y)", opposite_c1_c2},
    {"max(y + z * c1, x) + z * c2 -> max(x + z * c2, y)", opposite_c1_c2},
    {"max(x, y) + min(x, y) | min(x, y) + max(x, y) | max(x, y) + min(y, x) | "
     "min(x, y) + max(y, x) -> x + y"},
    {"min(x, y + c1) + c2 -> min(x + c2, y)", opposite_c1_c2},
    {"min(x + c1, y) + c2 -> min(x, y + c2)", opposite_c1_c2},
    {"max(x, y + c1) + c2 -> max(x + c2, y)", opposite_c1_c2},
    {"max(x + c1, y) + c2 -> max(x, y + c2)", opposite_c1_c2},
    // Constants and coefficients.
    {"(x + c1) + c2 -> x + (c1 + c2)"},
    {"x + x -> x * 2"},
    {"x * y + x | y * x + x | x + y * x | x + x * y -> x * (y + 1)"},
    {"x * y + x * z | y * x + x * z | x * y + z * x | y * x + z * x -> x * (y + z)"},
    // Quotient and remainder of one division.
    {"div(x, c1) * c1 + mod(x, c1) -> x"},
    {"(x // y) * y + x % y | y * (x // y) + x % y | x % y + (x // y) * y | "
     "x % y + y * (x // y) -> x"},
    {"(x % c2 + c1) // c2 + x // c2 -> (x + c1) // c2", c2_positive},
    // Towards one order of operands.
    {"x + (c1 - y) => (x - y) + c1"},
    {"(c1 - y) + x => (x - y) + c1"},
    {"(x + c1) + y => (x + y) + c1"},
    {"x + (c1 + y) | x + (y + c1) => (x + y) + c1"},
    {"x + max(y, z) => max(y, z) + x"},
    {"x + min(y, z) => min(y, z) + x"},
    {"mod(y, c1) + x * c1 => x * c1 + mod(y, c1)"},
    {"y % c1 + x * c1 => x * c1 + y % c1"},
};

inline constexpr Rule kAddSelectRules[] = {
    {"select(x, y, z) + select(x, s, t) -> select(x, y + s, z + t)"},
};

inline constexpr Rule kSubVectorRules[] = {
    {"ramp(x, s, l) - ramp(y, t, l) -> ramp(x - y, s - t, l)"},
    {"ramp(x, s, l) - bcast(y, l) -> ramp(x - y, s, l)"},
    {"bcast(y, l) - ramp(x, s, l) -> ramp(y - x, 0 - s, l)"},
    {"bcast(x, l) - bcast(y, l) -> bcast(x - y, l)"},
};

inline constexpr Rule kSubRules[] = {
    // What cancels.
    {"(x + y) - y -> x"},
    {"(x + y) - x -> y"},
    {"x - (y + x) | x - (x + y) -> 0 - y"},
    {"min(x, y) - x -> min(0, y - x)"},
    {"min(x, y) - y -> min(x - y, 0)"},
    {"max(x, y) - x -> max(0, y - x)"},
    {"max(x, y) - y -> max(x - y, 0)"},
    {"x - max(x, y) -> min(0, x - y)"},
    {"y - max(x, y) -> min(y - x, 0)"},
    {"x - min(x, y) -> max(0, x - y)"},
    {"y - min(x, y) -> max(y - x, 0)"},
    {"x - x -> 0"},
    {"x * y - x | y * x - x -> x * (y - 1)"},
    {"x - y * x | x - x * y -> x * (1 - y)"},
    {"x * y - x * z | y * x - x * z | x * y - z * x | y * x - z * x -> x * (y - z)"},
    {"(x + c1) - c2 -> x + (c1 - c2)"},
    {"(c1 - x) - (c2 - y) -> (y - x) + (c1 - c2)"},
    {"(x + y) - (x + z) | (x + y) - (z + x) | (y + x) - (z + x) | (y + x) - (x + z) -> y - z"},
    {"min(x + y, z) - x | min(y + x, z) - x -> min(y, z - x)"},
    {"min(z, x + y) - x | min(z, y + x) - x -> min(z - x, y)"},
    {"max(x + y, z) - x | max(y + x, z) - x -> max(y, z - x)"},
    {"max(z, x + y) - x | max(z, y + x) - x -> max(z - x, y)"},
    {"x - min(x + y, z) | x - min(y + x, z) -> max(0 - y, x - z)"},
    {"x - min(z, x + y) | x - min(z, y + x) -> max(x - z, 0 - y)"},
    {"x - max(x + y, z) | x - max(y + x, z) -> min(0 - y, x - z)"},
    {"x - max(z, x + y) | x - max(z, y + x) -> min(x - z, 0 - y)"},
    {"min(x, y) - min(y, x) | max(x, y) - max(y, x) -> 0"},
    {"min(x, y) - min(s, t) -> x - s", same_step_straight},
    {"min(x, y) - min(s, t) -> x - t", same_step_crossed},
    {"max(x, y) - max(s, t) -> x - s", same_step_straight},
    {"max(x, y) - max(s, t) -> x - t", same_step_crossed},
    // Remainders written out, truncating.
    {"x - div(x, c1) * c1 -> mod(x, c1)", c1_nonzero},
    {"div(x, c1) * c1 - x -> 0 - mod(x, c1)", c1_nonzero},
    {"x - div(x + y, c1) * c1 -> mod(x + y, c1) - y", c1_nonzero},
    {"div(x + y, c1) * c1 - x -> y - mod(x + y, c1)", c1_nonzero},
    {"x - div(x - y, c1) * c1 -> mod(x - y, c1) + y", c1_nonzero},
    {"div(x - y, c1) * c1 - x -> 0 - mod(x - y, c1) - y", c1_nonzero},
    {"x * c2 - div(x, c1) * c3 -> mod(x, c1) * c2", c3_is_c1_c2},
    {"div(x, c1) * c3 - x * c2 -> 0 - mod(x, c1) * c2", c3_is_c1_c2},
    {"x * c2 - div(x + y, c1) * c3 -> (mod(x + y, c1) - y) * c2", c3_is_c1_c2},
    {"div(x + y, c1) * c3 - x * c2 -> (y - mod(x + y, c1)) * c2", c3_is_c1_c2},
    {"x * c2 - div(x - y, c1) * c3 -> (mod(x - y, c1) + y) * c2", c3_is_c1_c2},
    {"div(x - y, c1) * c3 - x * c2 -> (0 - mod(x - y, c1) - y) * c2", c3_is_c1_c2},
    {"div(x + c1, c3) - div(x + c2, c3) -> div(mod(x + c2 % c3, c3) + (c1 - c2), c3)",
     [](const Match& m) {
       // Not only x + c2, also x + c2 % c3 must not be negative.
       return m.c3() > 0 && m.c1() >= m.c2() && m.c2() > INT64_MIN &&
              ge(m, 'x', std::max(-m.c2(), -floor_mod(m.c2(), m.c3())));
     }},
    {"div(x + c1, c3) - div(x, c3) -> div(mod(x, c3) + c1, c3)",
     [](const Match& m) { return m.c3() > 0 && m.c1() >= 0 && ge(m, 'x', 0); }},
    // Remainders written out, flooring.
    {"x - (x // c1) * c1 -> x % c1", c1_nonzero},
    {"(x // c1) * c1 - x -> 0 - x % c1", c1_nonzero},
    {"x - ((x + y) // c1) * c1 -> (x + y) % c1 - y", c1_nonzero},
    {"((x + y) // c1) * c1 - x -> y - (x + y) % c1", c1_nonzero},
    {"x - ((x - y) // c1) * c1 -> (x - y) % c1 + y", c1_nonzero},
    {"((x - y) // c1) * c1 - x -> 0 - (x - y) % c1 - y", c1_nonzero},
    {"x * c2 - (x // c1) * c3 -> (x % c1) * c2", c3_is_c1_c2},
    {"(x // c1) * c3 - x * c2 -> 0 - (x % c1) * c2", c3_is_c1_c2},
    {"x * c2 - ((x + y) // c1) * c3 -> ((x + y) % c1 - y) * c2", c3_is_c1_c2},
    {"((x + y) // c1) * c3 - x * c2 -> (y - (x + y) % c1) * c2", c3_is_c1_c2},
    {"x * c2 - ((x - y) // c1) * c3 -> ((x - y) % c1 + y) * c2", c3_is_c1_c2},
    {"((x - y) // c1) * c3 - x * c2 -> (0 - (x - y) % c1 - y) * c2", c3_is_c1_c2},
    {"(x + c1) // c3 - (x + c2) // c3 -> ((x + c2 % c3) % c3 + (c1 - c2)) // c3", c3_positive},
    {"(x + c1) // c3 - x // c3 -> (x % c3 + c1) // c3", c3_positive},
    // Towards sums with the constant last.
    {"x - c1 -> x + (0 - c1)"},
    {"(x + c1) - y => (x - y) + c1"},
    {"x - (y + c1) => (x - y) + (0 - c1)"},
    {"x - (y - z) => (x + z) - y"},
    {"x - y * c1 => x + y * (0 - c1)"},
};

inline constexpr Rule kSubSelectRules[] = {
    {"select(x, y, z) - select(x, s, t) -> select(x, y - s, z - t)"},
    {"select(x, y, z) - z -> select(x, y - z, 0)"},
    {"select(x, y, z) - y -> select(x, 0, z - y)"},
};

}  // namespace metaschedule::arith::detail
