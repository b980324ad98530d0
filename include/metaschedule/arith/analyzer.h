// SPDX-License-Identifier: Apache-2.0
// Analyzer: what is known about integers at one point of a program, and the simplifications and
// proofs that follow from it. Cheap to make, not shared between threads.
#pragma once

#include <cstdint>

#include "metaschedule/arith/canonical_simplify.h"
#include "metaschedule/arith/comparisons.h"
#include "metaschedule/arith/const_int_bound.h"
#include "metaschedule/arith/int_set.h"
#include "metaschedule/arith/modular_set.h"
#include "metaschedule/arith/rewrite_simplify.h"

namespace metaschedule::arith {

/// How hard to try: `SymbolicBound` also bounds the difference of the two sides of a comparison by
/// the symbolic ranges of the variables.
enum class ProofStrength { Default = 0, SymbolicBound = 1 };

/// Integer arithmetic on int32 and int64 scalars is taken not to overflow.
class Analyzer {
 public:
  Analyzer();
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;
  ~Analyzer();

  /// `var` lies in `range` (is `range->min` when the extent is one). Binding a variable twice to
  /// different things raises ValueError unless `allow_override`.
  void bind(const VarRef& var, const Ref<Range>& range, bool allow_override = false);
  /// `var` is `value`, and is replaced by it.
  void bind(const VarRef& var, const Expr& value, bool allow_override = false);
  /// All variables of loops or blocks at once.
  void bind(const std::vector<std::pair<VarRef, Ref<Range>>>& ranges, bool allow_override = false);
  /// The symbol in `value` (as in `n`, `n * 4` or `n + 1`) keeps `value` from being negative
  /// everywhere.
  void mark_global_non_negative(const Expr& value);

  /// Canonical simplification, then up to `steps` rounds of rewriting and canonicalization in turn.
  Expr simplify(const Expr& expr, int steps = 2);
  /// The same with two steps; `settled` tells that simplifying the result again, under the same
  /// bindings and constraints, is known to give it back.
  Expr simplify(const Expr& expr, bool& settled);
  /// Applies rules bottom up, at most twice.
  Expr rewrite_simplify(const Expr& expr) { return rewrite_(expr); }
  /// Brings sums of products, quotients and remainders by constants into normal form.
  Expr canonical_simplify(const Expr& expr) { return canonical_(expr); }

  /// True when the condition holds wherever the bindings and constraints do; false when unknown.
  bool can_prove(const Expr& condition, ProofStrength strength = ProofStrength::Default);
  bool can_prove_equal(const Expr& a, const Expr& b);
  bool can_prove_greater_equal(const Expr& expr, int64_t lower);
  bool can_prove_less(const Expr& expr, int64_t upper);
  /// `a <= shape`, where a constant factor of the shape may decide.
  bool can_prove_less_equal_than_symbolic_shape(const Expr& a, const Expr& shape);

  ConstIntBound const_int_bound(const Expr& expr) { return bounds_(expr); }
  ModularSet modular_set(const Expr& expr) { return modular_(expr); }
  IntSet int_set(const Expr& expr, const DomMap& dom_map) { return sets_(expr, dom_map); }
  /// Over the ranges that were bound.
  IntSet int_set(const Expr& expr) { return sets_(expr); }
  Compare try_compare(const Expr& a, const Expr& b) { return comparisons_.try_compare(a, b); }

  /// The scope of a condition: while it lives, the condition holds.
  class Constraint {
   public:
    Constraint(Analyzer& analyzer, const Expr& condition, bool literals = true);
    ~Constraint();
    Constraint(const Constraint&) = delete;
    Constraint& operator=(const Constraint&) = delete;

   private:
    Analyzer& analyzer_;
    size_t bounds_, modular_, rewrite_, sets_, comparisons_;
  };
  /// Without `literals` a comparison that is the condition itself does not become true: cheaper,
  /// for what holds no comparisons.
  [[nodiscard]] Constraint with_constraint(const Expr& condition, bool literals = true) {
    return {*this, condition, literals};
  }

  /// The parts, for each other and for tests.
  ConstIntBoundAnalyzer& bounds() { return bounds_; }
  ModularSetAnalyzer& modular() { return modular_; }
  RewriteSimplifier& rewriter() { return rewrite_; }
  IntSetAnalyzer& sets() { return sets_; }
  KnownComparisons& comparisons() { return comparisons_; }

 private:
  bool prove_by_symbolic_bound(const Expr& condition);

  ConstIntBoundAnalyzer bounds_;
  ModularSetAnalyzer modular_{this};
  RewriteSimplifier rewrite_{this};
  CanonicalSimplifier canonical_{this};
  IntSetAnalyzer sets_{this};
  KnownComparisons comparisons_;
};

}  // namespace metaschedule::arith
