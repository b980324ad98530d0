// SPDX-License-Identifier: Apache-2.0
// Rules for comparisons; `<=` and the others are brought to `<` and `!`.
#pragma once

#include "metaschedule/arith/rules_common.h"

namespace metaschedule::arith::detail {

inline constexpr Rule kEqVectorRules[] = {
    {"bcast(x, l) == bcast(y, l) -> bcast(x == y, l)"},
};
inline constexpr Rule kEqRules[] = {
    {"c1 == x -> x == c1"},
    {"x - c1 == c2 -> x == c1 + c2"},
    {"c1 - x == c2 -> x == c1 - c2"},
    {"x + c1 == c2 -> x == c2 - c1"},
    {"x * y == 0 => x == 0 || y == 0"},
};

inline constexpr Rule kLtVectorRules[] = {
    {"bcast(x, l) < bcast(y, l) -> bcast(x < y, l)"},
    {"ramp(x, s, l) < ramp(y, s, l) -> bcast(x < y, l)"},
};

inline bool c1_above_c2_above(const Match& m) { return m.c1() > 0 && m.c2() > 0; }
inline bool c1_below_c2_above(const Match& m) { return m.c1() <= 0 && m.c2() > 0; }
inline bool c1_above_c2_below(const Match& m) { return m.c1() > 0 && m.c2() < 0; }
inline bool c1_below_c2_below(const Match& m) { return m.c1() <= 0 && m.c2() < 0; }

inline constexpr Rule kLtRules[] = {
    // What cancels.
    {"x + y < x + z | x + y < z + x | y + x < x + z | y + x < z + x | y - x < z - x -> y < z"},
    {"x - y < x - z -> z < y"},
    {"x < x + z | x < z + x -> 0 < z"},
    {"x < x - z -> z < 0"},
    {"c1 < x + c2 => c1 - c2 < x"},
    {"c1 < c2 - x => x < c2 - c1"},
    {"x * c1 < y * c1 -> x < y", c1_positive},
    {"x * c1 < y * c1 -> y < x", c1_negative},
    // Multiples against constants.
    {"x * c2 < c1 -> x < div(c1 - 1, c2) + 1", c1_above_c2_above},
    {"x * c2 < c1 -> x < div(c1, c2)", c1_below_c2_above},
    {"x * c2 < c1 -> div(c1 - 1, c2) - 1 < x", c1_above_c2_below},
    {"x * c2 < c1 -> div(c1, c2) < x", c1_below_c2_below},
    {"c1 < x * c2 -> div(c1 + 1, c2) - 1 < x",
     [](const Match& m) { return m.c1() < 0 && m.c2() > 0; }},
    {"c1 < x * c2 -> div(c1, c2) < x", [](const Match& m) { return m.c1() >= 0 && m.c2() > 0; }},
    {"c1 < x * c2 -> x < div(c1 + 1, c2) + 1",
     [](const Match& m) { return m.c1() < 0 && m.c2() < 0; }},
    {"c1 < x * c2 -> x < div(c1, c2)", [](const Match& m) { return m.c1() >= 0 && m.c2() < 0; }},
    // Quotients against constants, truncating.
    {"div(x, c1) < c2 -> x < c1 * c2", c1_c2_positive},
    {"div(x, c1) < c2 -> x < c1 * (c2 - 1) + 1",
     [](const Match& m) { return m.c1() > 0 && m.c2() <= 0; }},
    {"c1 < div(x, c2) -> (c1 + 1) * c2 - 1 < x",
     [](const Match& m) { return m.c1() >= 0 && m.c2() > 0; }},
    {"c1 < div(x, c2) -> c1 * c2 < x", [](const Match& m) { return m.c1() < 0 && m.c2() > 0; }},
    {"div(x, c1) * c1 < x -> 0 < mod(x, c1)", c1_positive},
    {"div(x, c1) * c1 < x + y -> 0 < mod(x, c1) + y", c1_positive},
    {"div(x, c1) * c1 < x - y -> y < mod(x, c1)", c1_positive},
    {"div(x + c2, c1) * c1 < x -> c2 < mod(x + c2, c1)", c1_positive},
    {"div(x + c2, c1) * c1 < x + y -> c2 < mod(x + c2, c1) + y", c1_positive},
    {"div(x + c2, c1) * c1 < x - y -> y < mod(x + c2, c1) + (0 - c2)", c1_positive},
    // Flooring.
    {"x // c1 < c2 -> x < c1 * c2", c1_positive},
    {"c1 < x // c2 -> (c1 + 1) * c2 - 1 < x", c2_positive},
    {"(x // c1) * c1 < x -> 0 < x % c1", c1_positive},
    {"(x // c1) * c1 < x + y -> 0 < x % c1 + y", c1_positive},
    {"(x // c1) * c1 < x - y -> y < x % c1", c1_positive},
    {"((x + c2) // c1) * c1 < x -> c2 < (x + c2) % c1", c1_positive},
    {"((x + c2) // c1) * c1 < x + y -> c2 < (x + c2) % c1 + y", c1_positive},
    {"((x + c2) // c1) * c1 < x - y -> y < (x + c2) % c1 + (0 - c2)", c1_positive},
    // Towards simpler sides.
    {"min(x, y) < z => x < z || y < z"},
    {"max(x, y) < z => x < z && y < z"},
    {"z < min(x, y) => z < x && z < y"},
    {"z < max(x, y) => z < x || z < y"},
    {"c1 - x < c2 => c1 - c2 < x"},
    {"x < c1 - y => x + y < c1"},
    {"c1 - y < x => c1 < x + y"},
    {"x < c1 + y => x - y < c1"},
    {"c1 + y < x => c1 < x - y"},
    {"x + c1 < c2 => x < c2 - c1"},
    {"x - c1 < c2 => x < c2 + c1"},
};

}  // namespace metaschedule::arith::detail
