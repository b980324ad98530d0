// SPDX-License-Identifier: Apache-2.0
// Expressions as linear in some variables, and the bounds of a variable that a condition implies.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/arith/int_set.h"

namespace metaschedule::arith {

/// `c0 * vars[0] + c1 * vars[1] + … + base` as {c0, c1, …, base}, simplified; empty where `expr` is
/// not of this form with coefficients that use none of the variables.
std::vector<Expr> detect_linear_equation(const Expr& expr, const Vars& vars);

/// What a conjunction says about each variable alone, as {min, max} one after the other, null where
/// there is none. Empty where some comparison is not one of a variable, with a factor of 1 or -1,
/// and something that uses none of them.
std::vector<Expr> detect_clip_bound(const Expr& condition, const Vars& vars);

/// The values of `var` for which a comparison, or a conjunction of such, holds whatever the
/// variables of `relaxed` are in their sets. `hints` are sets that signs of factors may be told
/// from. The empty set where nothing can be said: `var` has to be on one side, once, under sums and
/// products.
IntSet deduce_bound(const VarRef& var, const Expr& condition, const DomMap& hints,
                    const DomMap& relaxed);

}  // namespace metaschedule::arith
