// SPDX-License-Identifier: Apache-2.0
// The rewriting simplifier: rules of patterns, applied bottom up. The rules themselves are the
// tables in rules_*.h.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "metaschedule/arith/comparisons.h"
#include "metaschedule/arith/var_table.h"

namespace metaschedule::arith {

class Analyzer;

/// Also the base of the canonical simplifier, which replaces how sums and quotients are visited.
class RewriteSimplifier {
 public:
  explicit RewriteSimplifier(Analyzer* analyzer) : analyzer_(analyzer) {}
  virtual ~RewriteSimplifier() = default;
  /// Two rounds at most.
  Expr operator()(const Expr& expr);
  /// `var` is replaced by `value`.
  void update(const VarRef& var, const Expr& value, bool allow_override = false);
  /// Conditions that hold are replaced by true, their negations by false.
  size_t enter_constraint(const Expr& constraint);
  /// The mark of entering nothing.
  size_t mark_constraints() const { return literals_.size(); }
  void exit_constraint(size_t mark) { literals_.resize(mark); }

  /// What the conditions of rules ask.
  bool can_prove_greater_equal(const Expr& e, int64_t lower);
  bool can_prove_less(const Expr& e, int64_t upper);
  bool can_prove_equal(const Expr& a, const Expr& b);
  Compare try_compare(const Expr& a, const Expr& b);
  Compare try_compare(const Expr& a, int64_t value);
  Analyzer& analyzer() { return *analyzer_; }
  /// Visits a result again; stops at a depth, so that rules cannot chase each other.
  Expr visit_again(const Expr& e);

 protected:
  virtual Expr visit(const Expr& e) { return dispatch(e); }
  /// By kind, with rules.
  Expr dispatch(const Expr& e);

  Analyzer* analyzer_;

 private:
  /// The node with its operands visited; the same node when none changed.
  Expr with_operands(const BinaryExpr& e, const Expr& self);
  Expr visit_arithmetic(const Expr& e);
  Expr visit_compare(const Expr& e);
  Expr visit_logic(const Expr& e);
  Expr visit_not(const Expr& e);
  Expr visit_select(const Expr& e);
  Expr visit_call(const Expr& e);
  std::pair<Expr, Expr> visit_choices(const Expr& condition, const Expr& if_true,
                                      const Expr& if_false);
  Expr visit_let(const Expr& e);
  Expr visit_children(const Expr& e);
  Expr rewrite_eq(const Expr& e);
  Expr rewrite_lt(const Expr& e);
  Expr merge_offsets(const BinaryExpr& less);
  Expr rewrite_le(const Expr& e);
  Expr rewrite_not(const Expr& e);
  /// True or false when a constraint decides it; else null.
  Expr match_literal(const Expr& e) const;
  Expr intrinsic_rules(const Call& call, const Expr& self);

  VarTable<Expr> vars_;
  std::vector<Expr> literals_;
  int depth_ = 0;
};

}  // namespace metaschedule::arith
