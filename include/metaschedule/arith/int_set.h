// SPDX-License-Identifier: Apache-2.0
// IntSet: symbolic intervals of integers, and what an expression can be when variables range over
// such intervals.
#pragma once

#include <unordered_map>
#include <vector>

#include "metaschedule/ir/expr.h"

namespace metaschedule::arith {

class Analyzer;

/// A closed interval whose ends are expressions or infinite; or the empty set.
class IntSet {
 public:
  /// Everything.
  IntSet() = default;
  static IntSet everything() { return {}; }
  static IntSet nothing();
  static IntSet single_point(Expr point);
  /// Ends may be null for infinite. An interval with equal ends (as nodes) is a single point.
  static IntSet interval(Expr min, Expr max);
  /// [min, min + extent - 1].
  static IntSet from_range(const Range& range);
  static IntSet from_min_extent(const Expr& min, const Expr& extent);

  /// The ends; null where infinite. `min()` of the empty set is an error.
  const Expr& min() const { return min_; }
  const Expr& max() const { return max_; }
  bool has_lower_bound() const { return min_ && !empty_; }
  bool has_upper_bound() const { return max_ && !empty_; }
  bool is_nothing() const { return empty_; }
  bool is_everything() const { return !empty_ && !min_ && !max_; }
  /// One end only is the same node as the other, or an equal constant.
  bool is_single_point() const;
  /// Single point by proof.
  bool can_prove_single_point(Analyzer& analyzer) const;
  /// Both ends by proof on the far side of zero, or not.
  bool can_prove_positive() const;
  bool can_prove_negative() const;
  bool can_prove_non_positive() const;
  bool can_prove_non_negative() const;
  /// The point; raises ValueError unless `is_single_point`.
  const Expr& point_value() const;
  /// The interval as a Range, `fallback` where it is not bounded on both sides (or empty).
  Ref<Range> cover_range(const Ref<Range>& fallback) const;
  /// True when either end is unbounded on the side asked.
  bool match_range(const Range& range, Analyzer& analyzer) const;

 private:
  Expr min_, max_;
  bool empty_ = false;
};

/// Variables by the sets that they range over. Keys are alive as long as the map is used.
using DomMap = std::unordered_map<const Var*, IntSet>;

/// A set that holds every value of `expr` when the variables of `dom_map` take any value of theirs;
/// other variables stay as symbols.
IntSet eval_set(const Expr& expr, const DomMap& dom_map);
IntSet eval_set(const Expr& expr, const DomMap& dom_map, Analyzer& analyzer);
IntSet eval_set(const Range& range, const DomMap& dom_map, Analyzer& analyzer);
IntSet eval_set(const IntSet& set, const DomMap& dom_map, Analyzer& analyzer);
std::vector<IntSet> eval_set(const Ranges& region, const DomMap& dom_map, Analyzer& analyzer);

/// The convex hull.
IntSet union_(const IntSet& a, const IntSet& b, Analyzer& analyzer);
IntSet union_(const std::vector<IntSet>& sets);
IntSet intersect(const IntSet& a, const IntSet& b, Analyzer& analyzer);
IntSet intersect(const std::vector<IntSet>& sets);
/// The union of those sets that provably touch the first ones: an under-approximation of the union.
IntSet union_lower_bound(const std::vector<IntSet>& sets);
/// Dimension by dimension.
std::vector<IntSet> union_region(const std::vector<std::vector<IntSet>>& regions);
std::vector<IntSet> union_region_lower_bound(const std::vector<std::vector<IntSet>>& regions);

/// What an analyzer knows of variables as sets, for proofs with symbolic bounds.
class IntSetAnalyzer {
 public:
  explicit IntSetAnalyzer(Analyzer* parent) : parent_(parent) {}
  /// With the given domains.
  IntSet operator()(const Expr& expr, const DomMap& dom_map);
  /// With the domains that were bound.
  IntSet operator()(const Expr& expr);
  void update(const VarRef& var, const IntSet& set, bool allow_override = false);
  void bind(const VarRef& var, const Ref<Range>& range, bool allow_override = false);
  size_t enter_constraint(const Expr& constraint);
  void exit_constraint(size_t mark) { constraints_.resize(mark); }

 private:
  Analyzer* parent_;
  DomMap doms_;
  std::vector<VarRef> keep_alive_;
  std::vector<std::pair<VarRef, IntSet>> constraints_;
};

}  // namespace metaschedule::arith
