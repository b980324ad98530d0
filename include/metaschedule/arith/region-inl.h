// SPDX-License-Identifier: Apache-2.0
// Estimates of regions by iteration maps, and by intervals where these say nothing.
#pragma once

#include <algorithm>

#include "metaschedule/arith/iter_map_rewriter.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::arith {

namespace detail {

/// Whether a split takes all its values. Padding may give an iterator values at its ends that are
/// never reached.
inline bool reaches_all(const IterSplitExpr& split, Analyzer& analyzer) {
  const IterMark& mark = *split.source;
  const IterSumExpr* sum = mark.sum();
  if (!sum) return true;
  for (const IterSplitExpr& arg : sum->args)
    if (!reaches_all(arg, analyzer)) return false;
  if (!mark.padded) return true;
  // The source is [left, end): every multiple of the lower factor must be met.
  const Expr& left = sum->base;
  Expr end = left + sum->args[0].extent, size = split.lower_factor * split.extent;
  if (analyzer.can_prove(ge(sum->args[0].extent, size))) return true;
  return analyzer.can_prove(eq(size, mark.extent)) &&
         analyzer.can_prove(lt(left, split.lower_factor)) &&
         analyzer.can_prove(gt(end, size - split.lower_factor));
}

/// The iterators of extent one: they may stand in a base under their own names.
inline VarMap trivial_iters(const IterRanges& iters, const Expr& predicate) {
  IterRanges narrowed = iters;
  std::vector<IterConstraint> constraints;
  if (!is_one(predicate)) match_bound_constraints(predicate, narrowed, constraints);
  VarMap out;
  for (const auto& [var, range] : narrowed)
    if (is_one(range->extent)) out.emplace(var.get(), range->min);
  return out;
}

/// Whether the predicate restricts an iterator that the indices use in another way than it does:
/// the indices then run over less than their iterators say.
inline bool is_restricted_otherwise(const IterMapResult& found) {
  if (found.constrained.empty()) return false;
  SplitCollection used, restricting;
  used.collect(found.indices);
  for (const IterMarkRef& mark : found.constrained) {
    if (!used.find(mark.get())) restricting.collect({*mark->sum()});
  }
  return std::any_of(restricting.marks.begin(), restricting.marks.end(),
                     [&](const auto& entry) { return used.find(entry.first.get()) != nullptr; });
}

/// The bound by iteration maps: one that is touched everywhere, or (`exact` false) one that only
/// contains all that is touched.
inline std::optional<std::vector<IntSet>> affine_bound(const Ranges& region,
                                                       const IterRanges& iters,
                                                       const Expr& predicate, Analyzer& analyzer,
                                                       bool exact) {
  std::vector<Expr> mins;
  mins.reserve(region.size());
  for (const Ref<Range>& range : region) {
    if (!as<IntImm>(range->extent)) return std::nullopt;
    mins.push_back(range->min);
  }
  IterMapResult found = detect_iter_map(mins, iters, predicate, IterMapLevel::Surjective, analyzer);
  if (!found) return std::nullopt;
  if (exact && is_restricted_otherwise(found)) return std::nullopt;
  VarMap trivial = trivial_iters(iters, predicate);
  std::vector<IntSet> out;
  out.reserve(region.size());
  for (size_t i = 0; i < region.size(); ++i) {
    IterSumExpr& sum = found.indices[i];
    if (!trivial.empty() && !as<IntImm>(sum.base)) {
      Expr base = substitute(sum.base, trivial);
      if (base != sum.base) sum.base = analyzer.simplify(base);
    }
    const Expr& extent = region[i]->extent;
    if (sum.args.empty()) {
      out.push_back(IntSet::from_min_extent(sum.base, extent));
      continue;
    }
    const IterSplitExpr& split = sum.args[0];
    if (exact && !reaches_all(split, analyzer)) return std::nullopt;
    Expr reach = (split.extent - 1) * split.scale;  // from the first to the last position
    bool negative = analyzer.can_prove(lt(split.scale, int_imm(split.scale->dtype, 0)));
    // Steps longer than the region leave holes.
    Expr step = negative ? int_imm(split.scale->dtype, 0) - split.scale : split.scale;
    if (!analyzer.can_prove(ge(extent, step))) return std::nullopt;
    out.push_back(negative ? IntSet::from_min_extent(sum.base + reach, extent - reach)
                           : IntSet::from_min_extent(sum.base, extent + reach));
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE std::optional<std::vector<IntSet>> estimate_region_strict_bound(
    const Ranges& region, const IterRanges& iters, const Expr& predicate, Analyzer& analyzer) {
  return detail::affine_bound(region, iters, predicate, analyzer, true);
}

METASCHEDULE_INLINE std::vector<IntSet> estimate_region_upper_bound(const Ranges& region,
                                                                    const IterRanges& iters,
                                                                    const Expr& predicate,
                                                                    Analyzer& analyzer) {
  if (auto bound = detail::affine_bound(region, iters, predicate, analyzer, false)) {
    return std::move(*bound);
  }
  std::vector<IntSet> out;
  out.reserve(region.size());
  DomMap domains;
  for (const Ref<Range>& range : region) {
    if (region.size() > 1) {
      auto alone = detail::affine_bound({range}, iters, predicate, analyzer, false);
      if (alone) {
        out.push_back(std::move(alone->front()));
        continue;
      }
    }
    if (domains.empty()) {
      for (const auto& [var, dom] : iters) domains.emplace(var.get(), IntSet::from_range(*dom));
    }
    out.push_back(eval_set(*range, domains, analyzer));
  }
  return out;
}

}  // namespace metaschedule::arith
