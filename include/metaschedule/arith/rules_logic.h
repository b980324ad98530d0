// SPDX-License-Identifier: Apache-2.0
// Rules for conditions: not, and, or, select.
#pragma once

#include "metaschedule/arith/rules_common.h"

namespace metaschedule::arith::detail {

inline constexpr Rule kNotRules[] = {
    {"!bcast(x, l) -> bcast(!x, l)"}, {"!(!x) -> x"},
    {"!(x <= y) -> y < x"},           {"!(x < y) -> y <= x"},
    {"!(x == y) -> x != y"},          {"!(x != y) -> x == y"},
    {"!(x || y) => !x && !y"},        {"!(x && y) => !x || !y"},
};

/// No integer lies above `low` and below `high`.
inline bool empty_open(int64_t low, int64_t high) {
  return low >= high || (low < INT64_MAX && low + 1 >= high);
}
inline bool none_between_c2_c1(const Match& m) { return empty_open(m.c2(), m.c1()); }
inline bool c2_at_least_c1(const Match& m) { return m.c2() >= m.c1(); }
inline bool c2_above_c1(const Match& m) { return m.c2() > m.c1(); }

inline constexpr Rule kAndRules[] = {
    {"bcast(x, l) && bcast(y, l) -> bcast(x && y, l)"},
    {"x == y && x != y | x != y && x == y | x && !x | !x && x | x <= y && y < x | "
     "y < x && x <= y -> false"},
    {"x < c1 && c2 < x | c2 < x && x < c1 -> false", none_between_c2_c1},
    {"x < c1 && c2 <= x | c2 <= x && x < c1 | x <= c1 && c2 < x | c2 < x && x <= c1 -> false",
     c2_at_least_c1},
    {"x <= c1 && c2 <= x | c2 <= x && x <= c1 -> false", c2_above_c1},
    {"x == c1 && x == c2 -> x == c1 && c1 == c2"},
    {"x == c1 && x != c2 | x != c2 && x == c1 -> x == c1 && c1 != c2"},
    {"x // c2 == c1 && x % c2 == c3 | x % c2 == c3 && x // c2 == c1 => x == c1 * c2 + c3",
     [](const Match& m) {  // c3 must be a remainder at all
       return m.c2() > 0 ? m.c3() >= 0 && m.c3() < m.c2() : m.c3() <= 0 && m.c3() > m.c2();
     }},
    {"0 <= x - y * c1 && x - y * c1 < c1 | x - y * c1 < c1 && 0 <= x - y * c1 => y == x // c1",
     c1_positive},
    {"c1 < x - y * c1 && x - y * c1 <= 0 | x - y * c1 <= 0 && c1 < x - y * c1 => y == x // c1",
     c1_negative},
    {"0 <= x + y * c2 && x + y * c2 < c1 | x + y * c2 < c1 && 0 <= x + y * c2 => y == x // c1",
     [](const Match& m) { return m.c1() > 0 && opposite_c1_c2(m); }},
    {"c1 < x + y * c2 && x + y * c2 <= 0 | x + y * c2 <= 0 && c1 < x + y * c2 => y == x // c1",
     [](const Match& m) { return m.c1() < 0 && opposite_c1_c2(m); }},
    {"x && (y && z) => (x && y) && z"},
};

inline constexpr Rule kOrRules[] = {
    {"bcast(x, l) || bcast(y, l) -> bcast(x || y, l)"},
    {"x == y || x != y | x != y || x == y | x || !x | !x || x | x <= y || y < x | "
     "y < x || x <= y -> true"},
    {"x < y || y < x -> x != y"},
    {"x < c1 || c2 < x | c2 < x || x < c1 -> true", [](const Match& m) { return m.c2() < m.c1(); }},
    {"x <= c1 || c2 < x | c2 < x || x <= c1 | x < c1 || c2 <= x | c2 <= x || x < c1 -> true",
     [](const Match& m) { return m.c2() <= m.c1(); }},
    {"x <= c1 || c2 <= x | c2 <= x || x <= c1 -> true",
     [](const Match& m) { return m.c1() >= m.c2() || m.c1() + 1 >= m.c2(); }},
    {"x != c1 || x == c2 | x == c2 || x != c1 -> x != c1 || c1 == c2"},
    {"x < y || x == y | x < y || y == x | x == y || x < y | y == x || x < y => x <= y"},
    {"x || (y || z) => (x || y) || z"},
};

inline constexpr Rule kSelectRules[] = {
    {"select(x, y, y) -> y"},
};

}  // namespace metaschedule::arith::detail
