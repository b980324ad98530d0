// SPDX-License-Identifier: Apache-2.0
// Constant bounds of integer expressions: what every value of a variable within its range allows.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "metaschedule/arith/var_table.h"

namespace metaschedule::arith {

/// A closed interval of integers; the two ends of int64 stand for infinity.
struct ConstIntBound {
  static constexpr int64_t kPosInf = std::numeric_limits<int64_t>::max();
  static constexpr int64_t kNegInf = -kPosInf;
  int64_t min_value = kNegInf;
  int64_t max_value = kPosInf;

  bool is_const() const { return min_value == max_value; }
  /// By what is known; an infinite end promises nothing, not even about the least int64.
  bool at_least(int64_t v) const { return min_value >= v && min_value > kNegInf; }
  bool less_than(int64_t v) const { return max_value < v; }
  bool is_finite() const { return min_value > kNegInf && max_value < kPosInf; }
  bool is_const(int64_t v) const { return min_value == v && max_value == v; }
  friend bool operator==(const ConstIntBound&, const ConstIntBound&) = default;
};

/// Computes bounds. Arithmetic of index types is taken not to overflow, so the bound of a sum may
/// lie outside its dtype; a variable of unknown range has the bound of its dtype.
class ConstIntBoundAnalyzer {
 public:
  ConstIntBound operator()(const Expr& expr) { return visit(expr.get()); }
  /// Sets what is known of `var`; raises ValueError where it contradicts what was known, unless
  /// `allow_override`.
  void update(const VarRef& var, const ConstIntBound& bound, bool allow_override = false);
  void bind(const VarRef& var, const Ref<Range>& range, bool allow_override = false);
  bool is_bound(const Var* var) const { return vars_.find(var) != nullptr; }
  /// Adds what `constraint` says about expressions; returns the mark to give to `exit_constraint`.
  size_t enter_constraint(const Expr& constraint);
  void exit_constraint(size_t mark) { facts_.resize(mark); }

 private:
  struct Fact {
    Expr expr;
    ConstIntBound bound;
  };
  ConstIntBound visit(const ExprNode* e);
  ConstIntBound visit_node(const ExprNode* e);
  ConstIntBound visit_call(const Call* e);
  void detect(const Expr& constraint);

  VarTable<ConstIntBound> vars_;
  std::vector<Fact> facts_;
};

}  // namespace metaschedule::arith
