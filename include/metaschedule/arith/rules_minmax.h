// SPDX-License-Identifier: Apache-2.0
// Rules for minima; those for maxima are the same ones with min and max exchanged, except where
// rounding breaks the symmetry.
#pragma once

#include "metaschedule/arith/rules_common.h"

namespace metaschedule::arith::detail {

/// The operand that is never the greater (for a maximum: the smaller) by constant bounds.
Expr extreme_by_bounds(const Match& m);
/// c2 is a multiple of c1, divided out of min(x * c1, c2).
Expr divide_extremum(const Match& m);

inline bool c1_is_extreme(const Match& m) { return m.is_max() ? m.c1() > m.c2() : m.c1() < m.c2(); }
inline bool c2_is_extreme(const Match& m) { return !c1_is_extreme(m); }

inline constexpr Rule kMinHeadRules[] = {
    {"min(x, x) -> x"},
    {"min(x, y)", nullptr, extreme_by_bounds},
    {"min(x + c1, x + c2) -> x + c1", c1_is_extreme},
    {"min(x + c1, x + c2) -> x + c2", c2_is_extreme},
    {"min(x + c1, x) | min(x, x + c1) -> x + c1",
     [](const Match& m) { return m.is_max() ? m.c1() > 0 : m.c1() < 0; }},
    {"min(x + c1, x) | min(x, x + c1) -> x",
     [](const Match& m) { return m.is_max() ? m.c1() <= 0 : m.c1() >= 0; }},
    {"min(c1 - x, c2 - x) -> c1 - x", c1_is_extreme},
    {"min(c1 - x, c2 - x) -> c2 - x", c2_is_extreme},
};

inline constexpr Rule kMinRoundRules[] = {
    {"min(div(x + c1, c2) * c2, x) | min(x, div(x + c1, c2) * c2) -> x", rounds_up},
    {"min(div(x + c1, c2) * c2, max(x, c2)) | min(max(x, c2), div(x + c1, c2) * c2) -> max(x, c2)",
     [](const Match& m) { return rounds_up(m) && ge(m, 'x', 1); }},
    {"min((x + c1) // c2 * c2, x) | min(x, (x + c1) // c2 * c2) -> x", rounds_up},
    {"min((x + c1) // c2 * c2, max(x, c2)) | min(max(x, c2), (x + c1) // c2 * c2) -> max(x, c2)",
     [](const Match& m) { return rounds_up(m) && ge(m, 'x', 1); }},
    {"min(x, x // c2 * c2) | min(x // c2 * c2, x) -> x // c2 * c2", c2_positive},
};
inline constexpr Rule kMaxRoundRules[] = {
    {"max(div(x + c1, c2) * c2, x) | max(x, div(x + c1, c2) * c2) -> div(x + c1, c2) * c2",
     rounds_up},
    {"max((x + c1) // c2 * c2, x) | max(x, (x + c1) // c2 * c2) -> (x + c1) // c2 * c2", rounds_up},
    {"max(x // c2 * c2, x) | max(x, x // c2 * c2) -> x", c2_positive},
};

inline constexpr Rule kMinTailRules[] = {
    // Absorption.
    {"min(max(x, y), min(x, y)) | min(max(x, y), min(y, x)) | min(min(x, y), max(x, y)) | "
     "min(min(x, y), max(y, x)) -> min(x, y)"},
    {"min(max(x, y), x) -> x"},
    {"min(max(x, y), y) -> y"},
    {"min(min(x, y), x) | min(min(x, y), y) -> min(x, y)"},
    {"min(x, max(x, y)) -> x"},
    {"min(y, max(x, y)) -> y"},
    {"min(x, min(x, y)) | min(y, min(x, y)) -> min(x, y)"},
    {"min(min(min(x, y), z), y) -> min(min(x, y), z)"},
    {"min(min(min(min(x, y), z), s), y) -> min(min(min(x, y), z), s)"},
    {"min(min(min(min(min(x, y), z), s), t), y) -> min(min(min(min(x, y), z), s), t)"},
    // Distribution.
    {"min(max(x, y), max(x, z)) | min(max(x, y), max(z, x)) | min(max(y, x), max(x, z)) | "
     "min(max(y, x), max(z, x)) -> max(min(y, z), x)"},
    {"min(min(x, y), min(x, z)) | min(min(x, y), min(z, x)) | min(min(y, x), min(x, z)) | "
     "min(min(y, x), min(z, x)) -> min(min(y, z), x)"},
    {"min(y + x, z + x) | min(y + x, x + z) | min(x + y, x + z) | min(x + y, z + x) -> "
     "min(y, z) + x"},
    {"min(y - x, z - x) -> min(y, z) - x"},
    {"min(x - y, x - z) -> x - max(y, z)"},
    // Constants and scales.
    {"min(min(x, c1), c2) -> min(x, min(c1, c2))"},
    {"min(div(x, c1), div(y, c1)) -> div(min(x, y), c1)", c1_positive},
    {"min(div(x, c1), div(y, c1)) -> div(max(x, y), c1)", c1_negative},
    {"min(x // c1, y // c1) -> min(x, y) // c1", c1_positive},
    {"min(x // c1, y // c1) -> max(x, y) // c1", c1_negative},
    {"min(x * c1, y * c1) -> min(x, y) * c1", c1_positive},
    {"min(x * c1, y * c1) -> max(x, y) * c1", c1_negative},
    {"min(x * c1, c2)", nullptr, divide_extremum},
    // Constants last.
    {"min(min(x, c1), y) => min(min(x, y), c1)"},
    {"min(c1 - x, c2) => c1 - max(x, c1 - c2)", [](const Match& m) { return m.c2() != 0; }},
};

inline constexpr Rule kMinSelectRules[] = {
    {"min(select(x, y, z), select(x, s, t)) -> select(x, min(y, s), min(z, t))"},
};
inline constexpr Rule kMinVectorRules[] = {
    {"min(bcast(x, l), bcast(y, l)) -> bcast(min(x, y), l)"},
    {"min(min(x, bcast(y, l)), bcast(z, l)) -> min(x, bcast(min(y, z), l))"},
};

template <size_t N, size_t... I>
constexpr std::array<Rule, N> mirrored(const Rule (&rules)[N], std::index_sequence<I...>) {
  return {rules[I].with_min_and_max_exchanged()...};
}
template <size_t N>
constexpr std::array<Rule, N> mirrored(const Rule (&rules)[N]) {
  return mirrored(rules, std::make_index_sequence<N>());
}

inline constexpr auto kMaxHeadRules = mirrored(kMinHeadRules);
inline constexpr auto kMaxTailRules = mirrored(kMinTailRules);
inline constexpr auto kMaxSelectRules = mirrored(kMinSelectRules);
inline constexpr auto kMaxVectorRules = mirrored(kMinVectorRules);

}  // namespace metaschedule::arith::detail
