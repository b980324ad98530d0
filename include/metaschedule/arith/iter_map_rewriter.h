// SPDX-License-Identifier: Apache-2.0
// The engine of iter_map.h: turns expressions over input iterators into sums of splits, fuses sums
// into single iterators, pads iterators that do not divide, and checks independence.
#pragma once

#include <unordered_map>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::arith::detail {

/// `lower ≤ iter < upper`; either bound may be null.
struct IterConstraint {
  Expr iter, lower, upper;
};
/// Splits a conjunction of comparisons into narrower `iters` (for comparisons of one iterator) and
/// `constraints`. False when a part is anything else.
bool match_bound_constraints(const Expr& predicate, IterRanges& iters,
                             std::vector<IterConstraint>& constraints);
/// False when a range mentions an iterator.
bool iter_ranges_are_independent(const IterRanges& iters);

inline Expr zero_like(const Expr& e) { return int_imm(e->dtype, 0); }
inline Expr one_like(const Expr& e) { return int_imm(e->dtype, 1); }

/// Proofs about factors and extents: constants are decided here, the rest by the analyzer.
struct FactorProver {
  Analyzer& analyzer;
  bool equal(const Expr& a, const Expr& b) const;
  bool divisible(const Expr& a, const Expr& b) const;
  Expr simplify(const Expr& e, int steps = 2) const;
};
/// The product with constant factors collected at the end.
Expr multiply_and_normalize(const Expr& a, const Expr& b);
/// Calls `f` on each factor of a product.
template <class F>
void for_each_factor(const Expr& e, F&& f) {
  if (const Mul* mul = as<Mul>(e)) {
    for_each_factor(mul->a, f);
    for_each_factor(mul->b, f);
  } else {
    f(e);
  }
}

/// The splits of each mark that the indices use, marks in the order in which they are met.
struct SplitCollection {
  std::vector<std::pair<IterMarkRef, std::vector<IterSplitExpr>>> marks;

  void collect(const std::vector<IterSumExpr>& sums);
  const std::vector<IterSplitExpr>* find(const IterMark* mark) const;

 private:
  void visit(const IterMarkRef& mark);
  void add(const IterSplitExpr& split);
};

bool same_split(const IterSplitExpr& a, const IterSplitExpr& b, bool check_scale = true);

class IterMapRewriter {
 public:
  IterMapRewriter(Analyzer& analyzer, const IterRanges& iters, IterMapLevel level,
                  bool simplify_trivial, std::vector<std::string>& errors);

  /// An index as one split and a base.
  IterSumExpr rewrite(const Expr& index) { return to_one_split(to_sum(direct(index))); }
  /// The same in the first of two passes, which finds out how iterators must be padded.
  IterSumExpr rewrite_and_update_padding(const Expr& index);
  /// Fuses the iterators of a constraint and narrows the extent of the result.
  void add_constraint(const IterConstraint& constraint);
  /// Any two constraints must be about disjoint iterators or one inside the other.
  bool constraints_are_nested() const;
  /// Whether the indices are independent, and complete as far as `level` asks.
  bool check_mapping(const std::vector<IterSumExpr>& indices);
  /// An index as splits ordered by scale.
  IterSumExpr rewrite_to_ordered_sum(const Expr& index);

  bool requires_padding() const { return requires_padding_; }
  const Expr& padding_predicate() const { return padding_predicate_; }
  /// The marks of the constraints.
  std::vector<IterMarkRef> constrained_marks() const;

 private:
  /// An expression under rewriting: a sum of splits, or (`is_iter` false) its base alone.
  struct Value {
    bool is_iter = false;
    IterSumExpr sum;
  };
  struct Fused {
    std::vector<IterSplitExpr> flattened;
    IterMarkRef mark;
    Expr offset;  // the fused sum is mark + offset
  };
  struct Padding {
    Expr factor;    // the mark is padded to a multiple of it
    Expr left_pad;  // largest that a split of it needs
    IterMarkRef padded;
  };

  // iter_map_rewrite-inl.h
  static Value plain(Expr e) { return {false, {{}, std::move(e)}}; }
  static Value iter(IterSplitExpr split);
  static Value iter(IterSumExpr sum) { return {true, std::move(sum)}; }
  static IterSumExpr to_sum(Value value) { return std::move(value.sum); }
  Value direct(const Expr& e);
  Value direct_binary(const Expr& e, const BinaryExpr& op);
  Value multiply(const Expr& e, Value a, Value b);
  Value divide(const Expr& e, const BinaryExpr& op, const Value& dividend, const Expr& divisor);
  static void add_split(IterSumExpr& sum, IterSplitExpr split, int sign);
  Value split_floordiv(IterSplitExpr split, Expr base, Expr divisor, const Expr& original);
  Value split_floormod(IterSplitExpr split, Expr base, Expr divisor, const Expr& original);
  std::optional<std::pair<IterSplitExpr, Expr>> pad_dividend(IterSplitExpr split, const Expr& base,
                                                             const Expr& divisor);
  bool make_padded(const IterMarkRef& mark, Padding& padding);
  Value unresolved(std::string why, const Expr& e);

  // iter_map_fuse-inl.h
  IterSumExpr to_one_split(IterSumExpr sum);
  std::optional<IterSumExpr> combine_splits_of_same_source(const IterSumExpr& sum) const;
  std::optional<IterSumExpr> try_fuse(IterSumExpr sum, bool allow_early_skip,
                                      size_t* fused_index = nullptr);
  int find_base(const IterSumExpr& sum, const std::vector<bool>& skip, const IterMark* source,
                int last) const;
  int find_exact_scale(const IterSumExpr& sum, const std::vector<bool>& skip, const Expr& expected,
                       const IterMark* source, int last, int first_unit) const;
  int find_smaller_scale(const IterSumExpr& sum, const std::vector<bool>& skip,
                         const Expr& expected) const;
  size_t find_fused(const std::vector<IterSplitExpr>& flattened) const;

  // iter_map_check-inl.h
  bool splits_cover(const IterMark* mark, const std::vector<IterSplitExpr>& splits);
  size_t find_next_factor(const std::vector<IterSplitExpr>& splits, const std::vector<bool>& used,
                          const Expr& expected) const;

  Analyzer& analyzer_;
  FactorProver prover_;
  IterMapLevel level_;
  std::vector<std::string>& errors_;
  std::vector<std::pair<VarRef, Value>> vars_;
  std::vector<IterMarkRef> input_marks_;

  std::vector<Fused> fused_;
  std::vector<size_t> constrained_;  // indices into fused_, by size of the constraint
  bool update_padding_ = false;
  bool requires_padding_ = false;
  Expr padding_predicate_;
  std::unordered_map<IterMarkRef, Padding> padding_;
  std::unordered_map<const IterMark*, Expr> extent_before_padding_;
};

}  // namespace metaschedule::arith::detail
