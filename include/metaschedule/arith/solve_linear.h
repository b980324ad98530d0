// SPDX-License-Identifier: Apache-2.0
// Systems of linear equations over the integers.
#pragma once

#include <vector>

#include "metaschedule/arith/iter_map.h"

namespace metaschedule::arith {

/// All integer solutions of a system: the old variables in terms of new ones, which are free.
struct LinearSolution {
  Vars variables;     // the new ones: n0, n1, …
  IterRanges ranges;  // of those whose old variables have bounded ranges
  /// What must hold besides: that the old variables lie in their ranges, as far as that is not
  /// known, and that a system with symbols has solutions. A false one: it has none.
  std::vector<Expr> relations;
  VarMap old_to_new, new_to_old;
};

/// Solves equations (`==`, linear in the variables with constant factors; other symbols stay) over
/// the integers. `ranges` are those of some of the variables. Raises ValueError where an equation
/// is not of this form.
LinearSolution solve_linear_equations(const std::vector<Expr>& equations, const Vars& variables,
                                      const IterRanges& ranges);

}  // namespace metaschedule::arith
