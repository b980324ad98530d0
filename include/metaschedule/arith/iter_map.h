// SPDX-License-Identifier: Apache-2.0
// Iteration maps: index expressions understood as fusions and splits of iterators, and what follows
// from that: normal forms, inverses, division into an outer and an inner space.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

struct IterMark;
/// Marks are compared by identity: two splits share an iterator when they share its mark.
using IterMarkRef = std::shared_ptr<const IterMark>;

/// `(source // lower_factor) % extent * scale`.
struct IterSplitExpr {
  IterMarkRef source;
  Expr lower_factor, extent, scale;

  /// The whole of a mark.
  static IterSplitExpr whole(IterMarkRef mark);
};

/// The sum of `args`, outermost first, and `base`, in which no iterator occurs.
struct IterSumExpr {
  std::vector<IterSplitExpr> args;
  Expr base;
};

/// An input iterator counted from zero: `var - min`.
struct IterLeaf {
  VarRef var;
  Expr min;
  /// `var` where the minimum is zero, else `var - min`.
  Expr value() const;
};

/// An iterator with values 0 ≤ source < extent: an input or a combination of others.
struct IterMark {
  std::variant<IterLeaf, IterSumExpr> source;
  Expr extent;
  /// The source does not take all values below the extent: points were added at its ends.
  bool padded = false;

  const IterLeaf* leaf() const { return std::get_if<IterLeaf>(&source); }
  const IterSumExpr* sum() const { return std::get_if<IterSumExpr>(&source); }
};

/// What is asked of a map from iterators to indices.
enum class IterMapLevel : int {
  Bijective = 0,   // every point of the index space comes from exactly one point
  Surjective = 1,  // the indices are independent of each other and have no holes
  NoCheck = 3,     // as Surjective, but iterators may be padded
};

/// The input iterators and their ranges. No range may mention another iterator.
using IterRanges = std::vector<std::pair<VarRef, Ref<Range>>>;

struct IterMapResult {
  /// One sum for each index, with at most one split each; empty when the map was not understood.
  std::vector<IterSumExpr> indices;
  /// Why not; empty on success.
  std::vector<std::string> errors;
  /// Holds on the points that padding of iterators introduced; false where there was none.
  Expr padding_predicate;
  /// The fused iterators that the predicate narrowed.
  std::vector<IterMarkRef> constrained;

  explicit operator bool() const { return errors.empty(); }
};

/// Understands `indices` as a map of `iters`. `predicate` restricts the iterators: a conjunction of
/// comparisons, each with an iterator-free side. With `simplify_trivial`, iterators of extent 1 are
/// replaced by their value.
IterMapResult detect_iter_map(const std::vector<Expr>& indices, const IterRanges& iters,
                              const Expr& predicate, IterMapLevel level, Analyzer& analyzer,
                              bool simplify_trivial = true);

/// The plain expression that a sum or split stands for.
Expr normalize_iter_map_to_expr(const IterSumExpr& sum, Analyzer& analyzer);
Expr normalize_iter_map_to_expr(const IterSplitExpr& split, Analyzer& analyzer);

/// `indices` in the normal form of iteration maps, or as they are where they are not understood.
/// `predicate` is left out of account when it cannot be used.
std::vector<Expr> iter_map_simplify(const std::vector<Expr>& indices, const IterRanges& iters,
                                    const Expr& predicate, IterMapLevel level, Analyzer& analyzer,
                                    bool simplify_trivial = true);

/// One index as a sum of splits ordered by scale, largest first; nothing is fused. Raises
/// ValueError when a range mentions another iterator.
IterSumExpr normalize_to_iter_sum(const Expr& index, const IterRanges& iters, Analyzer& analyzer);

/// Solves `iter_map[i] == outputs[i]` for the input iterators. An iterator that no index uses is
/// absent. Raises ValueError when the map is not a composition of fusions and splits with scale ±1.
VarMap inverse_affine_iter_map(const std::vector<IterSumExpr>& iter_map,
                               const std::vector<Expr>& outputs, Analyzer& analyzer);

/// One binding as `outer * inner_extent + inner`.
struct DividedBinding {
  Expr outer, outer_extent, inner, inner_extent;
};
struct SubspaceDivision {
  std::vector<DividedBinding> bindings;
  Expr outer_predicate, inner_predicate;
};
/// Divides each binding into a part of the iterators outside `inner_iters` and a part of those in
/// it; nothing when some binding mixes them. Requires at least Surjective to be sound.
std::optional<SubspaceDivision> subspace_divide(const std::vector<Expr>& bindings,
                                                const IterRanges& iters, const Vars& inner_iters,
                                                const Expr& predicate, IterMapLevel level,
                                                Analyzer& analyzer, bool simplify_trivial = true);

}  // namespace metaschedule::arith
