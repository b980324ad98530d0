// SPDX-License-Identifier: Apache-2.0
// Solving by a diagonal form: row operations on both sides, column operations on the variables.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/arith/linear.h"
#include "metaschedule/arith/solve_linear.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

namespace detail {

using Row = std::vector<int64_t>;

inline int64_t exact(std::optional<int64_t> value) {
  check<ValueError>(value.has_value(), "solve_linear_equations: factors grow beyond 64 bits");
  return *value;
}
/// a - q * b.
inline int64_t reduced(int64_t a, int64_t q, int64_t b) {
  return exact(checked_sub(a, exact(checked_mul(q, b))));
}

/// `factors * x == rhs`, brought to a diagonal; `x == basis * y` and `y == inverse * x` all along.
class DiagonalForm {
 public:
  DiagonalForm(std::vector<Row> factors, std::vector<Expr> rhs, size_t width)
      : factors_(std::move(factors)), rhs_(std::move(rhs)), width_(width) {
    basis_ = inverse_ = std::vector<Row>(width, Row(width, 0));
    for (size_t i = 0; i < width; ++i) basis_[i][i] = inverse_[i][i] = 1;
    while (rank_ < std::min(factors_.size(), width) && choose_pivot()) {
      while (!clear_row() || !clear_column()) {
      }
      ++rank_;
    }
  }

  size_t rank() const { return rank_; }
  size_t height() const { return factors_.size(); }
  int64_t pivot(size_t i) const { return factors_[i][i]; }
  const Expr& rhs(size_t i) const { return rhs_[i]; }
  const Row& basis(size_t i) const { return basis_[i]; }
  const Row& inverse(size_t i) const { return inverse_[i]; }

 private:
  /// The factor of least size goes to the next place of the diagonal; false when only zeros are
  /// left.
  bool choose_pivot() {
    size_t row = 0, column = 0;
    int64_t least = 0;
    for (size_t i = rank_; i < factors_.size(); ++i)
      for (size_t j = rank_; j < width_; ++j) {
        int64_t size = std::abs(factors_[i][j]);
        if (size && (!least || size < least)) least = size, row = i, column = j;
      }
    if (!least) return false;
    std::swap(factors_[rank_], factors_[row]);
    std::swap(rhs_[rank_], rhs_[row]);
    swap_columns(rank_, column);
    return true;
  }
  void swap_columns(size_t a, size_t b) {
    if (a == b) return;
    for (Row& row : factors_) std::swap(row[a], row[b]);
    for (Row& row : basis_) std::swap(row[a], row[b]);
    std::swap(inverse_[a], inverse_[b]);
  }

  /// Makes the other factors of the pivot's row zero by column operations; true when they were.
  bool clear_row() {
    bool clear = true;
    for (size_t j = rank_ + 1; j < width_; ++j) {
      while (factors_[rank_][j]) {
        clear = false;
        int64_t q = factors_[rank_][j] / factors_[rank_][rank_];
        for (Row& row : factors_) row[j] = reduced(row[j], q, row[rank_]);
        for (Row& row : basis_) row[j] = reduced(row[j], q, row[rank_]);
        for (size_t k = 0; k < width_; ++k)
          inverse_[rank_][k] = reduced(inverse_[rank_][k], -q, inverse_[j][k]);
        if (factors_[rank_][j]) swap_columns(rank_, j);
      }
    }
    return clear;
  }
  /// The same for its column by row operations.
  bool clear_column() {
    bool clear = true;
    for (size_t i = rank_ + 1; i < factors_.size(); ++i) {
      while (factors_[i][rank_]) {
        clear = false;
        int64_t q = factors_[i][rank_] / factors_[rank_][rank_];
        for (size_t k = 0; k < width_; ++k)
          factors_[i][k] = reduced(factors_[i][k], q, factors_[rank_][k]);
        rhs_[i] = rhs_[i] - rhs_[rank_] * int_imm(rhs_[i]->dtype, q);
        if (factors_[i][rank_]) {
          std::swap(factors_[i], factors_[rank_]);
          std::swap(rhs_[i], rhs_[rank_]);
        }
      }
    }
    return clear;
  }

  std::vector<Row> factors_;
  std::vector<Expr> rhs_;
  size_t width_, rank_ = 0;
  std::vector<Row> basis_, inverse_;
};

inline Expr combination(const Row& factors, const std::vector<Expr>& values, DType dtype) {
  Expr out = int_imm(dtype, 0);
  for (size_t i = 0; i < values.size(); ++i)
    if (factors[i]) out = out + values[i] * int_imm(dtype, factors[i]);
  return out;
}

inline DiagonalForm diagonal_form(const std::vector<Expr>& equations, const Vars& variables) {
  std::vector<Row> factors;
  std::vector<Expr> rhs;
  for (const Expr& e : equations) {
    const EQ* equal = as<EQ>(e);
    std::vector<Expr> form =
        equal ? detect_linear_equation(equal->a - equal->b, variables) : std::vector<Expr>{};
    Row row;
    for (size_t i = 0; i + 1 < form.size(); ++i)
      if (const IntImm* imm = as<IntImm>(form[i])) row.push_back(imm->value);
    check<ValueError>(
        !form.empty() && row.size() == variables.size(),
        "solve_linear_equations: expected an equation that is linear in the variables "
        "with constant factors, found something else at position {}",
        factors.size());
    factors.push_back(std::move(row));
    rhs.push_back(int_imm(form.back()->dtype, 0) - form.back());
  }
  return {std::move(factors), std::move(rhs), variables.size()};
}

}  // namespace detail

METASCHEDULE_INLINE LinearSolution solve_linear_equations(const std::vector<Expr>& equations,
                                                          const Vars& variables,
                                                          const IterRanges& ranges) {
  detail::DiagonalForm form = detail::diagonal_form(equations, variables);
  const DType dtype = variables.empty() ? kInt32 : variables[0]->dtype;
  Analyzer analyzer;
  LinearSolution out;
  auto demand = [&](const Expr& condition) {
    Expr simple = analyzer.simplify(condition);
    if (!is_one(simple)) out.relations.push_back(simple);
  };
  std::vector<Expr> values;  // of y
  std::vector<VarRef> fresh;
  for (size_t i = 0; i < form.height(); ++i) {
    // A row with a pivot p says p * y == rhs, one without 0 == rhs.
    const Expr zero = int_imm(form.rhs(i)->dtype, 0);
    if (i < form.rank()) {
      Expr pivot = int_imm(zero->dtype, form.pivot(i));
      demand(eq(floormod(form.rhs(i), pivot), zero));
      values.push_back(analyzer.simplify(floordiv(form.rhs(i), pivot)));
    } else {
      demand(eq(form.rhs(i), zero));
    }
  }
  bool solvable = std::none_of(out.relations.begin(), out.relations.end(),
                               [](const Expr& relation) { return is_zero(relation); });
  if (!solvable) {
    out.relations = {false_()};
    return out;
  }
  DomMap domains;
  for (const auto& [var, range] : ranges) domains[var.get()] = IntSet::from_range(*range);
  const std::vector<Expr> old(variables.begin(), variables.end());
  for (size_t i = form.rank(); i < variables.size(); ++i) {
    fresh.push_back(make<Var>(fmt::format("n{}", fresh.size()), dtype));
    values.push_back(fresh.back());
    Expr meaning = analyzer.simplify(detail::combination(form.inverse(i), old, dtype));
    out.new_to_old.emplace(fresh.back().get(), meaning);
    IntSet set = eval_set(meaning, domains, analyzer);
    bool uses_unbounded = uses_var(*meaning, [&](const Var* var) {
      return !domains.count(var) &&
             std::any_of(old.begin(), old.end(), [&](const Expr& e) { return e.get() == var; });
    });
    if (uses_unbounded || !set.has_lower_bound() || !set.has_upper_bound()) continue;
    Expr min = analyzer.simplify(set.min());
    out.ranges.emplace_back(fresh.back(), make<Range>(min, analyzer.simplify(set.max() - min + 1)));
    analyzer.bind(fresh.back(), out.ranges.back().second);
  }
  for (size_t i = 0; i < variables.size(); ++i)
    out.old_to_new.emplace(variables[i].get(),
                           analyzer.simplify(detail::combination(form.basis(i), values, dtype)));
  for (const auto& [var, range] : ranges) {
    auto known = out.old_to_new.find(var.get());
    if (known == out.old_to_new.end()) continue;
    demand(ge(known->second, range->min));
    demand(lt(known->second, range->min + range->extent));
  }
  out.variables = fresh;
  return out;
}

}  // namespace metaschedule::arith
