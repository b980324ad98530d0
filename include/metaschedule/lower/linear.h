// SPDX-License-Identifier: Apache-2.0
// Integer expressions as sums of terms with constant coefficients, where what is not a sum, a
// difference or a product by a constant is a term of its own. Cheap: no analyzer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metaschedule/ir/op.h"

namespace metaschedule::lower::detail {

struct Linear {
  struct Term {
    Expr atom;  // a variable, or an opaque expression
    int64_t coefficient;
  };
  std::vector<Term> terms;  // no coefficient is zero; atoms differ (by expr_equal)
  int64_t constant = 0;

  void add(const Expr& atom, int64_t coefficient);
  void add(const Linear& other, int64_t factor);
  int64_t coefficient_of(const Var* var) const;
  bool is_constant() const { return terms.empty(); }
};
Linear linear_of(const Expr& e);
/// The expression again, terms in order, folded.
Expr to_expr(const Linear& l, DType dtype);

/// `var` is between `min` and `max`, both included, wherever the condition holds.
struct LinearBound {
  const Var* var;
  int64_t min, max;
};
/// What a comparison of an affine expression of one variable with a constant says of the variable.
std::vector<LinearBound> bounds_of_variable(const Expr& condition);
/// The condition as `linear >= 0`; nothing when it is not an inequality of integers.
std::optional<Linear> as_non_negative(const Expr& condition);

}  // namespace metaschedule::lower::detail
