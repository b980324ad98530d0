// SPDX-License-Identifier: Apache-2.0
// Modular sets: the integers coeff * k + base that an expression can be.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "metaschedule/arith/var_table.h"

namespace metaschedule::arith {

class Analyzer;

/// {coeff * k + base}; coeff 0 is the constant `base`, coeff 1 base 0 any integer. coeff >= 0 and,
/// unless it is 0, 0 <= base < coeff.
struct ModularSet {
  int64_t coeff = 1;
  int64_t base = 0;

  bool is_const() const { return coeff == 0; }
  friend bool operator==(const ModularSet&, const ModularSet&) = default;
};

class ModularSetAnalyzer {
 public:
  explicit ModularSetAnalyzer(Analyzer* parent) : parent_(parent) {}
  ModularSet operator()(const Expr& expr) { return visit(expr.get()); }
  /// Sets what is known of `var`; raises ValueError where it contradicts what was known, unless
  /// `allow_override`.
  void update(const VarRef& var, const ModularSet& set, bool allow_override = false);
  /// Narrows variables by conjuncts of the form `x % c == b`; undone by `exit_constraint`.
  size_t enter_constraint(const Expr& constraint);
  void exit_constraint(size_t mark);

 private:
  ModularSet visit(const ExprNode* e);
  ModularSet divide(const ExprNode* a, const ExprNode* b, bool floor);

  Analyzer* parent_;
  VarTable<ModularSet> vars_;
  std::vector<std::pair<VarRef, ModularSet>> undo_;
};

}  // namespace metaschedule::arith
