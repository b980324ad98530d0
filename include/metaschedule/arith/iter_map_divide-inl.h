// SPDX-License-Identifier: Apache-2.0
// Division of bindings into an outer and an inner space: binding = outer * inner_extent + inner.
#pragma once

#include <unordered_set>

#include "metaschedule/arith/iter_map_rewriter.h"

namespace metaschedule::arith {

namespace detail {

class SubspaceDivider {
 public:
  /// `outer * inner_extent + inner`; both are sums.
  struct Division {
    IterSumExpr outer, inner;
    Expr outer_extent, inner_extent;
    enum class Kind : uint8_t { Mixed, Outer, Inner } kind = Kind::Mixed;
  };

  SubspaceDivider(Analyzer& analyzer, const SplitCollection& collection, const Vars& inner_iters)
      : analyzer_(analyzer), prover_{analyzer}, collection_(collection) {
    for (const VarRef& var : inner_iters) inner_iters_.insert(var.get());
  }

  /// `mark_extent` is that of the mark whose source the sum is; null for a whole binding.
  std::optional<Division> divide(const IterSumExpr& sum, const Expr& mark_extent) {
    DType type = sum.base->dtype;
    if (sum.args.empty()) {
      return Division{{{}, int_imm(type, 0)}, sum, int_imm(type, 1), int_imm(type, 1)};
    }
    if (sum.args.size() == 1) return divide_single(sum, mark_extent);
    return divide_fused(sum, mark_extent);
  }

  /// Adds what the predicate says of fused iterators that no binding uses as such; false when that
  /// is about both sides at once.
  bool restrict_unused(const std::vector<IterMarkRef>& constrained) {
    for (const IterMarkRef& mark : constrained) {
      if (collection_.find(mark.get())) continue;
      Expr value = normalize_iter_map_to_expr(*mark->sum(), analyzer_);
      auto used_inside = [&](bool inside) {
        return any_node(*value, [&](const Node& n) {
          const Var* var = as<Var>(&n);
          return var && (inner_iters_.count(var) != 0) == inside;
        });
      };
      bool is_inner = used_inside(true);
      if (is_inner && used_inside(false)) return false;
      Expr& side = is_inner ? inner_predicate : outer_predicate;
      if (!is_zero(mark->sum()->base)) {
        side = logical_and(side, ge(value, int_imm(value->dtype, 0)));
      }
      side = logical_and(side, lt(value, mark->extent));
    }
    return true;
  }
  /// Adds what the predicate says of single iterators, which narrowed their ranges.
  void restrict_iters(const IterRanges& iters, const Expr& predicate) {
    if (is_one(predicate)) return;
    IterRanges narrowed = iters;
    std::vector<IterConstraint> constraints;
    match_bound_constraints(predicate, narrowed, constraints);
    for (size_t i = 0; i < iters.size(); ++i) {
      const auto& [var, range] = iters[i];
      const Range& now = *narrowed[i].second;
      bool is_inner = inner_iters_.count(var.get()) != 0;
      Expr& side = is_inner ? inner_predicate : outer_predicate;
      Expr end = range->min + range->extent, new_end = now.min + now.extent;
      if (!prover_.equal(range->min, now.min)) side = logical_and(side, ge(var, now.min));
      if (!prover_.equal(end, new_end)) side = logical_and(side, lt(var, new_end));
    }
  }

  Expr outer_predicate = true_(), inner_predicate = true_();

 private:
  static Division pure(Division::Kind kind, IterSumExpr sum, Expr extent) {
    Expr zero = int_imm(extent->dtype, 0), one = int_imm(extent->dtype, 1);
    IterSumExpr nothing{{}, zero};
    if (kind == Division::Kind::Outer)
      return {std::move(sum), std::move(nothing), std::move(extent), one, kind};
    return {std::move(nothing), std::move(sum), one, std::move(extent), kind};
  }
  static Division pure(Division::Kind kind, IterSplitExpr split) {
    Expr extent = split.extent, zero = int_imm(extent->dtype, 0);
    return pure(kind, IterSumExpr{{std::move(split)}, zero}, extent);
  }
  /// A split's scale belongs to the sum that it stands in: not to what it is divided into.
  static IterSplitExpr unscaled(IterSplitExpr split) {
    split.scale = int_imm(split.scale->dtype, 1);
    return split;
  }

  std::optional<Division> divide_single(const IterSumExpr& sum, const Expr& mark_extent) {
    const IterSplitExpr& arg = sum.args[0];
    if (!is_one(arg.scale)) return std::nullopt;
    std::optional<Division> out = divide(arg);
    if (!out) return std::nullopt;
    if (!mark_extent || (is_zero(sum.base) && prover_.equal(arg.extent, mark_extent))) {
      out->inner.base = out->inner.base + sum.base;
      return out;
    }
    // The mark is a padded or constrained form of its only part.
    if (out->kind == Division::Kind::Mixed) return std::nullopt;
    Expr zero = int_imm(sum.base->dtype, 0);
    bool contains_part = analyzer_.can_prove(ge(sum.base, zero)) &&
                         analyzer_.can_prove(ge(mark_extent, sum.base + arg.extent));
    if (contains_part) return pure(out->kind, sum, mark_extent);
    bool is_inner = out->kind == Division::Kind::Inner;
    return divide_trimmed(sum, mark_extent, is_inner, !is_inner);
  }

  /// A sum with contiguous outer splits, then contiguous inner ones.
  std::optional<Division> divide_fused(const IterSumExpr& sum, const Expr& mark_extent) {
    std::vector<IterSplitExpr> outer, inner;  // innermost first
    bool some_scale_is_one = false;
    Expr extent = int_imm(sum.base->dtype, 1);
    for (size_t i = sum.args.size(); i-- > 0;) {
      const IterSplitExpr& arg = sum.args[i];
      some_scale_is_one |= is_one(arg.scale);
      std::optional<Division> part = divide(arg);
      if (!part || part->kind == Division::Kind::Mixed) return std::nullopt;
      bool is_inner = part->kind == Division::Kind::Inner;
      if (is_inner && !outer.empty()) return std::nullopt;
      std::optional<IterSplitExpr> split = as_split(
          is_inner ? part->inner : part->outer, is_inner ? part->inner_extent : part->outer_extent);
      if (!split) return std::nullopt;
      extent = extent * split->extent;
      (is_inner ? inner : outer).push_back(std::move(*split));
    }
    if (!some_scale_is_one) return std::nullopt;
    if (mark_extent && !prover_.equal(extent, mark_extent)) {
      return divide_trimmed(sum, mark_extent, outer.empty(), inner.empty());
    }
    auto [outer_sum, outer_extent] = stack(std::move(outer), int_imm(sum.base->dtype, 0));
    auto [inner_sum, inner_extent] = stack(std::move(inner), sum.base);
    return Division{std::move(outer_sum), std::move(inner_sum), std::move(outer_extent),
                    std::move(inner_extent)};
  }

  /// A sum that a predicate restricts to [0, mark_extent): only a side that holds all of it can
  /// keep the predicate.
  std::optional<Division> divide_trimmed(const IterSumExpr& sum, const Expr& mark_extent,
                                         bool is_inner, bool is_outer) {
    Expr value = normalize_iter_map_to_expr(sum, analyzer_);
    Expr holds = lt(value, mark_extent);
    if (is_inner) {
      if (!is_zero(sum.base)) holds = logical_and(ge(value, int_imm(value->dtype, 0)), holds);
      inner_predicate = logical_and(inner_predicate, holds);
      return pure(Division::Kind::Inner, sum, mark_extent);
    }
    if (!is_outer || !is_zero(sum.base)) return std::nullopt;
    outer_predicate = logical_and(outer_predicate, holds);
    return pure(Division::Kind::Outer, sum, mark_extent);
  }

  /// A pure division as a split: itself if it is one, else the whole of a new mark.
  static std::optional<IterSplitExpr> as_split(const IterSumExpr& sum, const Expr& extent) {
    if (sum.args.size() == 1 && is_zero(sum.base)) return sum.args[0];
    if (sum.args.empty()) return std::nullopt;
    return IterSplitExpr::whole(std::make_shared<const IterMark>(IterMark{sum, extent}));
  }

  /// Splits, innermost first, under fresh contiguous scales; and the product of their extents.
  static std::pair<IterSumExpr, Expr> stack(std::vector<IterSplitExpr> args, const Expr& base) {
    Expr extent = int_imm(base->dtype, 1);
    for (IterSplitExpr& arg : args) {
      arg.scale = extent;
      extent = extent * arg.extent;
    }
    return {
        IterSumExpr{{std::make_move_iterator(args.rbegin()), std::make_move_iterator(args.rend())},
                    base},
        extent};
  }

  std::optional<Division> divide(const IterSplitExpr& split) {
    for (const auto& [known, division] : divided_)
      if (same_split(known, split, false)) return division;
    const IterMark& mark = *split.source;
    if (const IterLeaf* leaf = mark.leaf()) {
      bool inner = inner_iters_.count(leaf->var.get()) != 0;
      return pure(inner ? Division::Kind::Inner : Division::Kind::Outer, unscaled(split));
    }
    std::optional<Division> whole = divide(*mark.sum(), mark.extent);
    if (!whole) return std::nullopt;
    const std::vector<IterSplitExpr>& splits = *collection_.find(&mark);
    if (splits.size() == 1 && is_one(split.lower_factor) &&
        prover_.equal(split.extent, mark.extent)) {
      return whole;
    }
    return divide_splits(split, splits, *whole);
  }

  /// The splits of a divided mark can be divided if the boundary of its parts falls between two.
  std::optional<Division> divide_splits(const IterSplitExpr& wanted,
                                        const std::vector<IterSplitExpr>& splits,
                                        const Division& whole) {
    auto mark_of = [](const IterSumExpr& sum, const Expr& extent) {
      return std::make_shared<const IterMark>(IterMark{sum, extent});
    };
    IterMarkRef outer_mark = mark_of(whole.outer, whole.outer_extent);
    IterMarkRef inner_mark = mark_of(whole.inner, whole.inner_extent);
    bool in_outer = whole.kind == Division::Kind::Outer;
    std::vector<bool> used(splits.size(), false);
    Expr expected = int_imm(wanted.extent->dtype, 1), boundary = expected;
    for (size_t i = 0; i < splits.size(); ++i) {
      size_t j = 0;
      while (j < splits.size() && (used[j] || !prover_.equal(splits[j].lower_factor, expected)))
        ++j;
      if (j == splits.size()) return std::nullopt;
      used[j] = true;
      IterSplitExpr part = unscaled(splits[j]);
      part.source = in_outer ? outer_mark : inner_mark;
      if (in_outer) part.lower_factor = floordiv(part.lower_factor, boundary);
      divided_.emplace_back(
          splits[j],
          pure(in_outer ? Division::Kind::Outer : Division::Kind::Inner, std::move(part)));
      expected = expected * splits[j].extent;
      if (!in_outer && prover_.equal(expected, whole.inner_extent)) {
        in_outer = true;
        boundary = expected;
      }
    }
    if (!in_outer) return std::nullopt;
    return divide(wanted);
  }

  Analyzer& analyzer_;
  FactorProver prover_;
  const SplitCollection& collection_;
  std::unordered_set<const Var*> inner_iters_;
  std::vector<std::pair<IterSplitExpr, Division>> divided_;
};

}  // namespace detail

METASCHEDULE_INLINE std::optional<SubspaceDivision> subspace_divide(
    const std::vector<Expr>& bindings, const IterRanges& iters, const Vars& inner_iters,
    const Expr& predicate, IterMapLevel level, Analyzer& analyzer, bool simplify_trivial) {
  IterMapResult found =
      detect_iter_map(bindings, iters, predicate, level, analyzer, simplify_trivial);
  if (!found || found.indices.empty()) return std::nullopt;
  detail::SplitCollection collection;
  collection.collect(found.indices);
  detail::SubspaceDivider divider(analyzer, collection, inner_iters);
  SubspaceDivision out;
  for (const IterSumExpr& sum : found.indices) {
    auto division = divider.divide(sum, nullptr);
    if (!division) return std::nullopt;
    out.bindings.push_back(
        {normalize_iter_map_to_expr(division->outer, analyzer), division->outer_extent,
         normalize_iter_map_to_expr(division->inner, analyzer), division->inner_extent});
  }
  if (!divider.restrict_unused(found.constrained)) return std::nullopt;
  divider.restrict_iters(iters, predicate);
  out.outer_predicate = divider.outer_predicate;
  out.inner_predicate = divider.inner_predicate;
  return out;
}

}  // namespace metaschedule::arith
