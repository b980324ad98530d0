// SPDX-License-Identifier: Apache-2.0
// Fusing a sum of splits into one iterator, and constraints on fused iterators.
#pragma once

#include <algorithm>

#include "metaschedule/arith/iter_map_rewriter.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith::detail {

METASCHEDULE_INLINE bool same_split(const IterSplitExpr& a, const IterSplitExpr& b,
                                    bool check_scale) {
  return a.source == b.source && expr_equal(a.lower_factor, b.lower_factor) &&
         (!check_scale || expr_equal(a.scale, b.scale)) && expr_equal(a.extent, b.extent);
}

METASCHEDULE_INLINE size_t
IterMapRewriter::find_fused(const std::vector<IterSplitExpr>& flattened) const {
  for (size_t i = 0; i < fused_.size(); ++i) {
    const auto& known = fused_[i].flattened;
    if (std::equal(known.begin(), known.end(), flattened.begin(), flattened.end(),
                   [](const auto& a, const auto& b) { return same_split(a, b); }))
      return i;
  }
  return fused_.size();
}

METASCHEDULE_INLINE IterSumExpr IterMapRewriter::to_one_split(IterSumExpr sum) {
  if (sum.args.empty()) return sum;
  // A lone split goes through fusion as well: it may be part of a constraint, and equal splits of
  // extent one must come out as one mark. An unconstrained whole input needs neither.
  if (sum.args.size() == 1 && constrained_.empty() && sum.args[0].source->leaf() &&
      sum.args[0].extent.same_as(sum.args[0].source->extent))
    return sum;
  std::optional<IterSumExpr> fused = try_fuse(sum, true);
  if (fused) return std::move(*fused);
  errors_.emplace_back("Could not normalize iterators");
  return sum;
}

/// The innermost split: that of the smallest constant scale, else of the fewest factors. A unit
/// split wins among equals.
METASCHEDULE_INLINE int IterMapRewriter::find_base(const IterSumExpr& sum,
                                                   const std::vector<bool>& skip,
                                                   const IterMark* source, int last) const {
  auto applies = [&](int i) { return !skip[i] && (!source || sum.args[i].source.get() == source); };
  int best = -1;
  int64_t best_scale = 0;
  for (int i = last; i >= 0; --i) {
    const IntImm* scale = as<IntImm>(sum.args[i].scale);
    if (!scale || !applies(i)) continue;
    bool smaller = best == -1 || scale->value < best_scale;
    bool unit_among_equals = !smaller && scale->value == best_scale && is_one(sum.args[i].extent) &&
                             !is_one(sum.args[best].extent);
    if (smaller || unit_among_equals) {
      best = i;
      best_scale = scale->value;
    }
  }
  if (best != -1) return best;
  int best_size = 0;
  for (int i = last; i >= 0; --i) {
    if (!applies(i)) continue;
    int size = 0;
    for_each_factor(sum.args[i].scale, [&](const Expr&) { ++size; });
    if (best == -1 || size < best_size) {
      best = i;
      best_size = size;
    }
  }
  return best;
}

/// A split of the expected scale, from the right; a unit split further left is preferred.
METASCHEDULE_INLINE int IterMapRewriter::find_exact_scale(const IterSumExpr& sum,
                                                          const std::vector<bool>& skip,
                                                          const Expr& expected,
                                                          const IterMark* source, int last,
                                                          int first_unit) const {
  int match = -1;
  for (int i = last; i >= 0; --i) {
    if (skip[i] || (source && sum.args[i].source.get() != source)) continue;
    if (!prover_.equal(sum.args[i].scale, expected)) continue;
    if (is_one(sum.args[i].extent)) return i;
    if (match == -1) match = i;
    if (i <= first_unit) return match;
  }
  return match;
}

/// The split of the largest scale that is smaller than expected.
METASCHEDULE_INLINE int IterMapRewriter::find_smaller_scale(const IterSumExpr& sum,
                                                            const std::vector<bool>& skip,
                                                            const Expr& expected) const {
  const IntImm* limit = as<IntImm>(expected);
  if (!limit) return -1;
  int best = -1;
  int64_t best_scale = 0;
  for (int i = static_cast<int>(sum.args.size()) - 1; i >= 0; --i) {
    const IntImm* scale = as<IntImm>(sum.args[i].scale);
    if (skip[i] || !scale || scale->value >= limit->value || scale->value <= best_scale) continue;
    best = i;
    best_scale = scale->value;
  }
  return best;
}

inline int first_unit_extent(const IterSumExpr& sum) {
  auto it = std::find_if(sum.args.begin(), sum.args.end(),
                         [](const IterSplitExpr& arg) { return is_one(arg.extent); });
  return static_cast<int>(it - sum.args.begin());
}

/// (x // (c * s)) % m * s + (x // c) % s is (x // c) % (m * s).
METASCHEDULE_INLINE std::optional<IterSumExpr> IterMapRewriter::combine_splits_of_same_source(
    const IterSumExpr& sum) const {
  int n = static_cast<int>(sum.args.size());
  auto count = [&](const IterMarkRef& mark) {
    return std::count_if(sum.args.begin(), sum.args.end(),
                         [&](const IterSplitExpr& arg) { return arg.source == mark; });
  };
  bool overlap = std::any_of(sum.args.begin(), sum.args.end(),
                             [&](const IterSplitExpr& arg) { return count(arg.source) > 1; });
  if (!overlap) return std::nullopt;

  std::vector<bool> used(n, false);
  std::vector<IterSplitExpr> inner_to_outer;
  int first_unit = first_unit_extent(sum);
  for (int last = n - 1; last >= 0;) {
    if (used[last]) {
      --last;
      continue;
    }
    const IterMarkRef& source = sum.args[last].source;
    if (count(source) == 1) {
      inner_to_outer.push_back(sum.args[last]);
      used[last--] = true;
      continue;
    }
    int match = find_base(sum, used, source.get(), last);
    used[match] = true;
    IterSplitExpr inner = sum.args[match];
    for (;;) {
      Expr scale = multiply_and_normalize(inner.extent, inner.scale);
      match = find_exact_scale(sum, used, scale, source.get(), last, first_unit);
      if (match == -1) break;
      const IterSplitExpr& outer = sum.args[match];
      Expr factor = multiply_and_normalize(inner.lower_factor, inner.extent);
      if (!prover_.equal(outer.lower_factor, factor)) break;
      used[match] = true;
      inner.extent = multiply_and_normalize(outer.extent, inner.extent);
    }
    inner_to_outer.push_back(std::move(inner));
  }
  return IterSumExpr{{std::make_move_iterator(inner_to_outer.rbegin()),
                      std::make_move_iterator(inner_to_outer.rend())},
                     sum.base};
}

/// Writes a sum as one split of a fused mark. Splits are taken from the smallest scale up; each
/// next one must continue where the last ended. `fused_index` receives the place in `fused_`.
METASCHEDULE_INLINE std::optional<IterSumExpr> IterMapRewriter::try_fuse(IterSumExpr sum,
                                                                         bool allow_early_skip,
                                                                         size_t* fused_index) {
  if (auto combined = combine_splits_of_same_source(sum)) {
    sum = std::move(*combined);
    if (sum.args.size() <= 1 && allow_early_skip) return sum;
  }
  size_t n = sum.args.size();
  std::vector<bool> used(n, false);
  int base_index = find_base(sum, used, nullptr, static_cast<int>(n) - 1);
  if (base_index == -1) return std::nullopt;
  Expr base_scale = sum.args[base_index].scale;
  if (is_zero(base_scale)) return std::nullopt;
  auto by_base = [&](const Expr& scale) {
    return is_one(base_scale) ? scale : prover_.simplify(floordiv(scale, base_scale));
  };

  std::vector<IterSplitExpr> flattened, grouped;  // innermost first
  Expr extra_base = int_imm(sum.base->dtype, 0), tail_extent = extra_base;
  Expr expected = base_scale;
  int first_unit = first_unit_extent(sum);
  for (size_t i = 0; i < n;) {
    int match = i == 0 ? base_index
                       : find_exact_scale(sum, used, expected, nullptr, static_cast<int>(n) - 1,
                                          first_unit);
    bool exact = match != -1;
    if (!exact && level_ != IterMapLevel::Bijective && is_one(base_scale)) {
      match = find_smaller_scale(sum, used, expected);
    }
    if (match == -1) return std::nullopt;
    Expr scale = exact ? expected : sum.args[match].scale;
    if (!exact) tail_extent = tail_extent + (expected - scale);

    // The longest constraint that starts at this split is taken as a group.
    const size_t none = fused_.size();
    size_t group = none;
    for (size_t k : constrained_) {
      const auto& args = fused_[k].flattened;
      if (same_split(sum.args[match], args.back(), false) &&
          (group == none || fused_[group].flattened.size() < args.size()))
        group = k;
    }
    if (group == none) {
      used[match] = true;
      IterSplitExpr arg = sum.args[match];
      arg.scale = by_base(arg.scale);
      expected = multiply_and_normalize(arg.extent, scale);
      flattened.push_back(arg);
      grouped.push_back(std::move(arg));
      ++i;
      continue;
    }
    const Fused& fused = fused_[group];
    for (size_t m = fused.flattened.size(); m-- > 0;) {
      const IterSplitExpr& want = fused.flattened[m];
      size_t k = 0;
      for (; k < n; ++k) {
        if (!used[k] && same_split(sum.args[k], want, false) &&
            prover_.equal(want.scale * scale, sum.args[k].scale))
          break;
      }
      if (k == n) return std::nullopt;
      used[k] = true;
      flattened.push_back(sum.args[k]);
    }
    IterSplitExpr whole = IterSplitExpr::whole(fused.mark);
    whole.scale = by_base(scale);
    grouped.push_back(std::move(whole));
    extra_base = extra_base + fused.offset * scale;
    expected = multiply_and_normalize(fused.mark->extent, scale);
    i += fused.flattened.size();
  }
  std::reverse(flattened.begin(), flattened.end());
  std::reverse(grouped.begin(), grouped.end());
  size_t index = find_fused(flattened);
  if (index == fused_.size()) {
    IterMark mark{IterSumExpr{std::move(grouped), int_imm(sum.base->dtype, 0)},
                  by_base(expected) + tail_extent};
    fused_.push_back({std::move(flattened), std::make_shared<const IterMark>(std::move(mark)),
                      int_imm(sum.base->dtype, 0)});
  } else if (!prover_.equal(extra_base, fused_[index].offset * base_scale)) {
    return std::nullopt;
  }
  if (fused_index) *fused_index = index;
  IterSplitExpr whole = IterSplitExpr::whole(fused_[index].mark);
  whole.scale = base_scale;
  return IterSumExpr{{std::move(whole)}, sum.base + extra_base};
}

METASCHEDULE_INLINE void IterMapRewriter::add_constraint(const IterConstraint& constraint) {
  IterSumExpr sum = to_sum(direct(constraint.iter));
  if (!errors_.empty()) return;
  Expr lower = constraint.lower, upper = constraint.upper;
  if (!is_zero(sum.base)) {
    if (lower) lower = lower - sum.base;
    if (upper) upper = upper - sum.base;
    sum.base = zero_like(sum.base);
  }
  size_t index = 0;
  auto fused = sum.args.empty() ? std::nullopt : try_fuse(std::move(sum), false, &index);
  if (!fused || !is_one(fused->args[0].scale)) {
    errors_.emplace_back("Could not normalize iterators using the constraints given.");
    return;
  }
  Fused& entry = fused_[index];
  Expr from = entry.offset, to = from + entry.mark->extent;
  if (lower) from = max(lower, from);
  // Where the constraint is provably the tighter bound it alone should be seen: symbolic extents
  // stay simple.
  if (upper) to = analyzer_.can_prove(le(upper, to)) ? upper : min(upper, to);
  IterMark mark = *entry.mark;
  if (!is_zero(from)) std::get<IterSumExpr>(mark.source).base = zero_like(from) - from;
  mark.extent = to - from;
  entry.mark = std::make_shared<const IterMark>(std::move(mark));
  entry.offset = from;
  constrained_.push_back(index);
}

METASCHEDULE_INLINE std::vector<IterMarkRef> IterMapRewriter::constrained_marks() const {
  std::vector<IterMarkRef> out;
  for (size_t i : constrained_) out.push_back(fused_[i].mark);
  return out;
}

METASCHEDULE_INLINE bool IterMapRewriter::constraints_are_nested() const {
  for (size_t i = 0; i < constrained_.size(); ++i) {
    for (size_t j = i + 1; j < constrained_.size(); ++j) {
      const auto& small = fused_[constrained_[i]].flattened;
      const auto& large = fused_[constrained_[j]].flattened;
      size_t inside = std::count_if(small.begin(), small.end(), [&](const IterSplitExpr& a) {
        return std::any_of(large.begin(), large.end(),
                           [&](const IterSplitExpr& b) { return same_split(a, b); });
      });
      if (inside != 0 && inside != small.size()) return false;
    }
  }
  return true;
}

METASCHEDULE_INLINE IterSumExpr IterMapRewriter::rewrite_to_ordered_sum(const Expr& index) {
  IterSumExpr sum = to_sum(direct(index));
  if (auto combined = combine_splits_of_same_source(sum)) sum = std::move(*combined);
  // More symbolic factors first, then the larger constant.
  struct Key {
    int64_t symbols = 0, constant = 1;
  };
  std::vector<std::pair<Key, IterSplitExpr>> keyed;
  for (IterSplitExpr& split : sum.args) {
    Key key;
    for_each_factor(split.scale, [&](const Expr& factor) {
      if (const IntImm* imm = as<IntImm>(factor)) {
        key.constant *= imm->value;
      } else {
        ++key.symbols;
      }
    });
    split.scale = multiply_and_normalize(split.scale, one_like(split.scale));
    keyed.emplace_back(key, std::move(split));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
    return a.first.symbols != b.first.symbols ? a.first.symbols > b.first.symbols
                                              : a.first.constant > b.first.constant;
  });
  for (size_t i = 0; i < keyed.size(); ++i) sum.args[i] = std::move(keyed[i].second);
  sum.base = prover_.simplify(sum.base);
  return sum;
}

}  // namespace metaschedule::arith::detail
