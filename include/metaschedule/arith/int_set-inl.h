// SPDX-License-Identifier: Apache-2.0
// IntSet: construction, comparisons, unions, intersections, and the analyzer's domains.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {

METASCHEDULE_INLINE IntSet IntSet::nothing() {
  IntSet set;
  set.empty_ = true;
  return set;
}
METASCHEDULE_INLINE IntSet IntSet::single_point(Expr point) {
  IntSet set;
  set.min_ = point;
  set.max_ = std::move(point);
  return set;
}
METASCHEDULE_INLINE IntSet IntSet::interval(Expr min, Expr max) {
  const IntImm *low = as<IntImm>(min), *high = as<IntImm>(max);
  if (low && high && low->value > high->value) return nothing();
  IntSet set;
  set.min_ = std::move(min);
  set.max_ = std::move(max);
  return set;
}
METASCHEDULE_INLINE IntSet IntSet::from_range(const Range& range) {
  return from_min_extent(range.min, range.extent);
}
METASCHEDULE_INLINE IntSet IntSet::from_min_extent(const Expr& min, const Expr& extent) {
  if (is_one(extent)) return single_point(min);
  return interval(min, extent + min - 1);
}
METASCHEDULE_INLINE bool IntSet::is_single_point() const {
  if (empty_ || !min_ || !max_) return false;
  if (min_.same_as(max_)) return true;
  const IntImm *low = as<IntImm>(min_), *high = as<IntImm>(max_);
  return low && high && low->value == high->value;
}
METASCHEDULE_INLINE bool IntSet::can_prove_single_point(Analyzer& analyzer) const {
  if (is_single_point()) return true;
  return !empty_ && min_ && max_ && analyzer.can_prove_equal(min_, max_);
}
METASCHEDULE_INLINE bool IntSet::can_prove_positive() const {
  return has_lower_bound() && Analyzer().can_prove_greater_equal(min_, 1);
}
METASCHEDULE_INLINE bool IntSet::can_prove_negative() const {
  return has_upper_bound() && Analyzer().can_prove_less(max_, 0);
}
METASCHEDULE_INLINE bool IntSet::can_prove_non_positive() const {
  return has_upper_bound() && Analyzer().can_prove_less(max_, 1);
}
METASCHEDULE_INLINE bool IntSet::can_prove_non_negative() const {
  return has_lower_bound() && Analyzer().can_prove_greater_equal(min_, 0);
}
METASCHEDULE_INLINE const Expr& IntSet::point_value() const {
  check<ValueError>(is_single_point(), "expected a set of a single point");
  return min_;
}
METASCHEDULE_INLINE Ref<Range> IntSet::cover_range(const Ref<Range>& fallback) const {
  if (!has_lower_bound() || !has_upper_bound()) return fallback;
  const IntImm *low = as<IntImm>(min_), *high = as<IntImm>(max_);
  if (low && high && low->dtype == high->dtype && high->value - low->value < INT32_MAX)
    return make<Range>(min_, int_imm(low->dtype, high->value - low->value + 1));
  Analyzer analyzer;
  const Add* sum = as<Add>(max_);
  const IntImm* more = sum && sum->a.same_as(min_) ? as<IntImm>(sum->b) : nullptr;
  if (more && more->value < INT32_MAX)
    return make<Range>(analyzer.simplify(min_), int_imm(more->dtype, more->value + 1));
  return make<Range>(analyzer.simplify(min_), analyzer.simplify(max_ - min_ + 1));
}
METASCHEDULE_INLINE bool IntSet::match_range(const Range& range, Analyzer& analyzer) const {
  if (!has_lower_bound() || !has_upper_bound()) return false;
  return analyzer.can_prove_equal(min_, range.min) &&
         analyzer.can_prove_equal(max_, range.min + range.extent - 1);
}

METASCHEDULE_INLINE IntSet union_(const IntSet& a, const IntSet& b, Analyzer&) {
  if (a.is_nothing()) return b;
  if (b.is_nothing()) return a;
  if (a.min() && a.max() && a.min().same_as(b.min()) && a.max().same_as(b.max())) return a;
  Expr low = a.min() && b.min() ? min(a.min(), b.min()) : nullptr;
  Expr high = a.max() && b.max() ? max(a.max(), b.max()) : nullptr;
  return IntSet::interval(low, high);
}
METASCHEDULE_INLINE IntSet intersect(const IntSet& a, const IntSet& b, Analyzer& analyzer) {
  if (a.is_nothing() || b.is_nothing()) return IntSet::nothing();
  Expr low = a.min() && b.min() ? max(a.min(), b.min()) : a.min() ? a.min() : b.min();
  Expr high = a.max() && b.max() ? min(a.max(), b.max()) : a.max() ? a.max() : b.max();
  if (low && high && analyzer.can_prove(lt(high, low))) return IntSet::nothing();
  return IntSet::interval(low, high);
}

namespace detail {
inline IntSet simplified(const IntSet& set, Analyzer& analyzer) {
  if (set.is_nothing()) return set;
  return IntSet::interval(set.min() ? analyzer.simplify(set.min()) : nullptr,
                          set.max() ? analyzer.simplify(set.max()) : nullptr);
}
}  // namespace detail

METASCHEDULE_INLINE IntSet union_(const std::vector<IntSet>& sets) {
  if (sets.empty()) return IntSet::nothing();
  if (sets.size() == 1) return sets[0];
  Analyzer analyzer;
  IntSet out = sets[0];
  for (size_t i = 1; i < sets.size(); ++i) out = union_(out, sets[i], analyzer);
  return detail::simplified(out, analyzer);
}
METASCHEDULE_INLINE IntSet intersect(const std::vector<IntSet>& sets) {
  if (sets.empty()) return IntSet::nothing();
  if (sets.size() == 1) return sets[0];
  Analyzer analyzer;
  IntSet out = sets[0];
  for (size_t i = 1; i < sets.size(); ++i) out = intersect(out, sets[i], analyzer);
  return detail::simplified(out, analyzer);
}

METASCHEDULE_INLINE IntSet union_lower_bound(const std::vector<IntSet>& sets) {
  if (sets.empty()) return IntSet::nothing();
  if (sets.size() == 1) return sets[0];
  Analyzer analyzer;
  bool started = false, finite_low = false, finite_high = false;
  Expr low, high;
  // The next interval counts when it provably touches what there is.
  auto provably = [&](const Expr& a, const Expr& b) {  // a <= b + 1; null is infinite
    return analyzer.can_prove(le(a, b + 1));
  };
  for (const IntSet& set : sets) {
    if (set.is_nothing()) continue;
    if (!started) {
      low = set.min(), high = set.max();
      finite_low = bool(low), finite_high = bool(high);
      started = true;
      continue;
    }
    bool touches_above = !set.min() || !finite_high || provably(set.min(), high);
    bool touches_below = !finite_low || !set.max() || provably(low, set.max());
    if (!touches_above || !touches_below) continue;
    if (finite_low) low = set.min() ? min(low, set.min()) : nullptr, finite_low = bool(low);
    if (finite_high) high = set.max() ? max(high, set.max()) : nullptr, finite_high = bool(high);
  }
  return started ? IntSet::interval(low, high) : IntSet::nothing();
}

namespace detail {
template <class F>
std::vector<IntSet> by_dimension(const std::vector<std::vector<IntSet>>& regions, F&& combine) {
  if (regions.empty()) return {};
  std::vector<IntSet> out;
  for (size_t i = 0; i < regions[0].size(); ++i) {
    std::vector<IntSet> sets;
    for (const std::vector<IntSet>& region : regions) {
      check<ValueError>(region.size() == regions[0].size(),
                        "expected regions of {} dimensions, found one of {}", regions[0].size(),
                        region.size());
      sets.push_back(region[i]);
    }
    out.push_back(combine(sets));
  }
  return out;
}
}  // namespace detail

METASCHEDULE_INLINE std::vector<IntSet> union_region(
    const std::vector<std::vector<IntSet>>& regions) {
  return detail::by_dimension(regions, [](const std::vector<IntSet>& s) { return union_(s); });
}
METASCHEDULE_INLINE std::vector<IntSet> union_region_lower_bound(
    const std::vector<std::vector<IntSet>>& regions) {
  return detail::by_dimension(regions,
                              [](const std::vector<IntSet>& s) { return union_lower_bound(s); });
}

METASCHEDULE_INLINE IntSet IntSetAnalyzer::operator()(const Expr& expr, const DomMap& dom_map) {
  return eval_set(expr, dom_map, *parent_);
}
METASCHEDULE_INLINE IntSet IntSetAnalyzer::operator()(const Expr& expr) {
  if (constraints_.empty()) return eval_set(expr, doms_, *parent_);
  DomMap doms = doms_;
  for (const auto& [var, set] : constraints_) {
    auto [it, fresh] = doms.emplace(var.get(), set);
    if (!fresh) it->second = intersect(it->second, set, *parent_);
  }
  return eval_set(expr, doms, *parent_);
}
METASCHEDULE_INLINE void IntSetAnalyzer::update(const VarRef& var, const IntSet& set,
                                                bool allow_override) {
  auto it = doms_.find(var.get());
  if (it == doms_.end()) {
    keep_alive_.push_back(var);
    doms_.emplace(var.get(), set);
    return;
  }
  if (!allow_override) {
    const IntSet& old = it->second;
    bool same = old.is_nothing() == set.is_nothing() && expr_equal(old.min(), set.min()) &&
                expr_equal(old.max(), set.max());
    check<ValueError>(same, "variable {} is bound already and cannot be bound to another set",
                      var->name);
  }
  it->second = set;
}
METASCHEDULE_INLINE void IntSetAnalyzer::bind(const VarRef& var, const Ref<Range>& range,
                                              bool allow_override) {
  update(var, IntSet::from_range(*range), allow_override);
}

METASCHEDULE_INLINE size_t IntSetAnalyzer::enter_constraint(const Expr& constraint) {
  size_t mark = constraints_.size();
  detail::for_each_conjunct(constraint, [this](const Expr& e) {
    if (!is_compare_kind(e->kind) || e->kind == Kind::NE) return;
    const auto& node = static_cast<const BinaryExpr&>(*e);
    auto note = [this](const Expr& side, const Expr& low, const Expr& high) {
      VarRef var = as_ref<Var>(side);
      if (var && var->dtype.is_int()) constraints_.emplace_back(var, IntSet::interval(low, high));
    };
    const Expr &a = node.a, &b = node.b;
    if (!a->dtype.is_int()) return;
    switch (node.kind) {
      case Kind::EQ:
        note(a, b, b);
        note(b, a, a);
        break;
      case Kind::LT:
        note(a, nullptr, b - 1);
        note(b, a + 1, nullptr);
        break;
      case Kind::LE:
        note(a, nullptr, b);
        note(b, a, nullptr);
        break;
      case Kind::GT:
        note(a, b + 1, nullptr);
        note(b, nullptr, a - 1);
        break;
      default:
        note(a, b, nullptr);
        note(b, nullptr, a);
        break;
    }
  });
  return mark;
}

}  // namespace metaschedule::arith
