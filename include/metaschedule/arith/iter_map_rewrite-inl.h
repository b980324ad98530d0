// SPDX-License-Identifier: Apache-2.0
// Rewriting of index expressions into sums of splits: linear operations, floordiv and floormod, and
// the padding that makes divisors divide.
#pragma once

#include <numeric>

#include "metaschedule/arith/integer.h"
#include "metaschedule/arith/iter_map_rewriter.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith::detail {

METASCHEDULE_INLINE bool FactorProver::equal(const Expr& a, const Expr& b) const {
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (x && y) return x->value == y->value;
  return a.same_as(b) || analyzer.can_prove_equal(a, b);
}

METASCHEDULE_INLINE bool FactorProver::divisible(const Expr& a, const Expr& b) const {
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (y && y->value == 0) return false;
  if (x && y) return x->value % y->value == 0;
  if ((x && x->value == 0) || (y && y->value == 1)) return true;
  return equal(a, b) || analyzer.can_prove(eq(floormod(a, b), zero_like(a)));
}

METASCHEDULE_INLINE Expr FactorProver::simplify(const Expr& e, int steps) const {
  return as<IntImm>(e) || as<Var>(e) ? e : analyzer.simplify(e, steps);
}

METASCHEDULE_INLINE Expr multiply_and_normalize(const Expr& a, const Expr& b) {
  if (as<IntImm>(a) && as<IntImm>(b)) return a * b;
  int64_t constant = 1;
  Expr rest = one_like(a);
  auto collect = [&](const Expr& factor) {
    if (const IntImm* imm = as<IntImm>(factor)) {
      constant *= imm->value;
    } else {
      rest = rest * factor;
    }
  };
  for_each_factor(a, collect);
  for_each_factor(b, collect);
  return constant == 1 ? rest : rest * int_imm(rest->dtype, constant);
}

/// A common multiple; the least one where both are constants.
inline Expr common_multiple(const Expr& a, const Expr& b, const FactorProver& prover) {
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (x && y) return int_imm(a->dtype, std::lcm(x->value, y->value));
  if (prover.divisible(a, b)) return a;
  if (prover.divisible(b, a)) return b;
  return prover.simplify(a * b);
}

METASCHEDULE_INLINE IterMapRewriter::IterMapRewriter(Analyzer& analyzer, const IterRanges& iters,
                                                     IterMapLevel level, bool simplify_trivial,
                                                     std::vector<std::string>& errors)
    : analyzer_(analyzer),
      prover_{analyzer},
      level_(level),
      errors_(errors),
      padding_predicate_(false_()) {
  vars_.reserve(iters.size());
  for (const auto& [var, range] : iters) {
    if (simplify_trivial && is_one(range->extent)) {
      vars_.emplace_back(var, iter(IterSumExpr{{}, range->min}));
      continue;
    }
    auto mark =
        std::make_shared<const IterMark>(IterMark{IterLeaf{var, range->min}, range->extent});
    input_marks_.push_back(mark);
    vars_.emplace_back(var, iter(IterSumExpr{{IterSplitExpr::whole(mark)}, range->min}));
  }
}

METASCHEDULE_INLINE IterSumExpr IterMapRewriter::rewrite_and_update_padding(const Expr& index) {
  update_padding_ = true;
  IterSumExpr out = rewrite(index);
  update_padding_ = false;
  return out;
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::iter(IterSplitExpr split) {
  Expr base = zero_like(split.scale);
  IterSumExpr sum;
  sum.args.push_back(std::move(split));
  sum.base = std::move(base);
  return {true, std::move(sum)};
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::unresolved(std::string why,
                                                                       const Expr& e) {
  errors_.push_back(std::move(why));
  return plain(e);
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::direct(const Expr& e) {
  if (const Var* var = as<Var>(e)) {
    for (const auto& [known, value] : vars_)
      if (known.get() == var) return value;
    return plain(e);
  }
  switch (e->kind) {
    case Kind::IntImm:
      return plain(e);
    case Kind::Add:
    case Kind::Sub:
    case Kind::Mul:
    case Kind::FloorDiv:
    case Kind::FloorMod:
      if (is_index_type(e->dtype)) return direct_binary(e, static_cast<const BinaryExpr&>(*e));
      [[fallthrough]];
    default: {
      bool uses_iter = any_node(*e, [&](const Node& node) {
        return std::any_of(vars_.begin(), vars_.end(),
                           [&](const auto& known) { return known.first.get() == &node; });
      });
      if (uses_iter)
        return unresolved("An iterator occurs under an operation other than +, -, *, // and %.", e);
      return plain(e);
    }
  }
}

METASCHEDULE_INLINE void IterMapRewriter::add_split(IterSumExpr& sum, IterSplitExpr split,
                                                    int sign) {
  for (IterSplitExpr& known : sum.args) {
    if (known.source == split.source && expr_equal(known.lower_factor, split.lower_factor) &&
        expr_equal(known.extent, split.extent)) {
      known.scale = sign > 0 ? known.scale + split.scale : known.scale - split.scale;
      return;
    }
  }
  if (sign < 0) split.scale = zero_like(split.scale) - split.scale;
  sum.args.push_back(std::move(split));
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::direct_binary(const Expr& e,
                                                                          const BinaryExpr& op) {
  Value a = direct(op.a), b = direct(op.b);
  if (!a.is_iter && !b.is_iter) {
    bool same = op.a.same_as(a.sum.base) && op.b.same_as(b.sum.base);
    return plain(same && !as<IntImm>(op.b) ? e : binary(e->kind, a.sum.base, b.sum.base));
  }
  // A constant operand may decide, as in the folding of plain expressions.
  bool zero_left = !a.is_iter && is_zero(a.sum.base);
  bool zero_right = !b.is_iter && is_zero(b.sum.base);
  bool one_right = !b.is_iter && is_one(b.sum.base);
  switch (e->kind) {
    case Kind::Add:
    case Kind::Sub: {
      int sign = e->kind == Kind::Add ? 1 : -1;
      for (IterSplitExpr& split : b.sum.args) add_split(a.sum, std::move(split), sign);
      a.sum.base = sign > 0 ? a.sum.base + b.sum.base : a.sum.base - b.sum.base;
      return iter(std::move(a.sum));
    }
    case Kind::Mul:
      if (zero_left) return a;
      if (zero_right) return b;
      return multiply(e, std::move(a), std::move(b));
    default:
      if (b.is_iter) return unresolved("The divisor may not be an iterator.", e);
      check<ValueError>(!zero_right, "Divide by zero");
      if (one_right) {
        return e->kind == Kind::FloorDiv ? std::move(a) : plain(int_imm(e->dtype, 0));
      }
      return divide(e, op, a, b.sum.base);
  }
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::multiply(const Expr& e, Value a,
                                                                     Value b) {
  if (a.is_iter && b.is_iter)
    return unresolved("Product of two iterators cannot be represented as an IterMap.", e);
  if (!a.is_iter) std::swap(a, b);
  const Expr& factor = b.sum.base;
  for (IterSplitExpr& split : a.sum.args) split.scale = split.scale * factor;
  a.sum.base = a.sum.base * factor;
  return a;
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::divide(const Expr& e,
                                                                   const BinaryExpr& op,
                                                                   const Value& dividend,
                                                                   const Expr& divisor) {
  IterSumExpr sum = dividend.sum;
  // A trivial iterator: its value may as well stand under its own name.
  if (sum.args.empty()) return plain(e);
  if (sum.args.size() > 1) {
    std::optional<IterSumExpr> fused = try_fuse(std::move(sum), true);
    if (!fused) return unresolved("A dividend cannot be written as a single fused iterator.", e);
    sum = std::move(*fused);
  }
  IterSplitExpr& split = sum.args.front();
  return op.kind == Kind::FloorDiv ? split_floordiv(std::move(split), sum.base, divisor, e)
                                   : split_floormod(std::move(split), sum.base, divisor, e);
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::split_floordiv(IterSplitExpr split,
                                                                           Expr base, Expr divisor,
                                                                           const Expr& original) {
  if (!is_one(split.scale)) {
    if (prover_.divisible(split.scale, divisor) && prover_.divisible(base, divisor)) {
      split.scale = floordiv(split.scale, divisor);
      return iter(IterSumExpr{{std::move(split)}, floordiv(base, divisor)});
    }
    if (!prover_.divisible(divisor, split.scale) || !prover_.divisible(base, split.scale)) {
      return unresolved("The scale of a dividend and the divisor do not divide each other.",
                        original);
    }
    base = floordiv(base, split.scale);
    divisor = floordiv(divisor, split.scale);
    split.scale = one_like(divisor);
  }
  auto padded = pad_dividend(std::move(split), base, divisor);
  if (!padded) return unresolved("Incompatible padding of an iterator.", original);
  IterSplitExpr& s = padded->first;
  if (prover_.divisible(s.extent, divisor)) {
    // (y % (c * n)) // c = (y // c) % n
    s.extent = prover_.simplify(floordiv(s.extent, divisor));
    s.lower_factor = s.lower_factor * divisor;
  } else if (is_one(s.lower_factor) && prover_.equal(s.extent, s.source->extent)) {
    s.extent = prover_.simplify(ceildiv(s.extent, divisor));
    s.lower_factor = divisor;
  } else {
    Expr extent = s.extent;
    IterSumExpr source{{std::move(s)}, zero_like(extent)};
    auto mark = std::make_shared<const IterMark>(IterMark{std::move(source), extent});
    s = {std::move(mark), divisor, prover_.simplify(ceildiv(extent, divisor)), one_like(divisor)};
  }
  Expr new_base = prover_.simplify(floordiv(base - padded->second, divisor), 6);
  return iter(IterSumExpr{{std::move(s)}, std::move(new_base)});
}

METASCHEDULE_INLINE IterMapRewriter::Value IterMapRewriter::split_floormod(IterSplitExpr split,
                                                                           Expr base, Expr divisor,
                                                                           const Expr& original) {
  if (!is_one(split.scale)) {
    if (prover_.divisible(split.scale, divisor) && prover_.divisible(base, divisor)) {
      return plain(int_imm(original->dtype, 0));
    }
    if (!prover_.divisible(divisor, split.scale) || !prover_.divisible(base, split.scale)) {
      return unresolved("The scale of a dividend and the divisor do not divide each other.",
                        original);
    }
    divisor = floordiv(divisor, split.scale);
    base = floordiv(base, split.scale);
  }
  auto padded = pad_dividend(std::move(split), base, divisor);
  if (!padded) return unresolved("Incompatible padding of an iterator.", original);
  IterSplitExpr& s = padded->first;
  if (!prover_.divisible(s.extent, divisor)) {
    return unresolved("The extent of an iterator is not divisible by the divisor of a modulus.",
                      original);
  }
  // (y % (c * n)) % c = y % c
  s.extent = divisor;
  return iter(std::move(s));
}

/// Pads the iterator of `split + base` so that it starts and ends at multiples of `divisor`.
/// Returns the padded split and the left padding in units of the split: split + base becomes
/// padded + base - left, where base - left is a multiple of the divisor. Nothing when the iterator
/// cannot be padded so that all its uses are served.
METASCHEDULE_INLINE std::optional<std::pair<IterSplitExpr, Expr>> IterMapRewriter::pad_dividend(
    IterSplitExpr split, const Expr& base, const Expr& divisor) {
  Expr zero = zero_like(split.extent);
  Expr left = is_zero(base) ? zero : prover_.simplify(floormod(base, divisor));
  if (update_padding_) {
    // The first pass only collects what each mark needs: the splits of one mark share its padding.
    auto [it, is_new] = padding_.try_emplace(split.source);
    Padding& padding = it->second;
    if (is_new) padding = {one_like(zero), zero, nullptr};
    padding.factor =
        common_multiple(padding.factor, prover_.simplify(divisor * split.lower_factor), prover_);
    Expr right_edge = left + split.extent;
    Expr right = prover_.divisible(right_edge, divisor)
                     ? zero
                     : prover_.simplify(floormod(zero - right_edge, divisor));
    if (is_zero(left) && is_zero(right)) return std::pair{std::move(split), zero};
    requires_padding_ = true;
    padding.left_pad = max(padding.left_pad, left * split.lower_factor);
    split.extent = prover_.simplify(left + split.extent + right);
    return std::pair{std::move(split), std::move(left)};
  }
  auto it = padding_.find(split.source);
  bool needs_padding =
      it != padding_.end() &&
      !(is_zero(it->second.left_pad) && prover_.divisible(split.source->extent, it->second.factor));
  if (!needs_padding) {
    if (!is_zero(left)) return std::nullopt;
    return std::pair{std::move(split), std::move(left)};
  }
  // Only a split that reaches to the end of its mark may grow with it.
  Padding& padding = it->second;
  bool reaches_end =
      is_one(split.lower_factor) && prover_.equal(split.extent, split.source->extent);
  if (!reaches_end || !prover_.divisible(padding.factor, divisor)) return std::nullopt;
  left = padding.left_pad;
  if (!prover_.divisible(base - left, divisor)) return std::nullopt;
  if (!padding.padded && !make_padded(it->first, padding)) return std::nullopt;
  split.source = padding.padded;
  split.extent = padding.padded->extent;
  return std::pair{std::move(split), std::move(left)};
}

METASCHEDULE_INLINE bool IterMapRewriter::make_padded(const IterMarkRef& mark, Padding& padding) {
  const Expr &factor = padding.factor, &left = padding.left_pad;
  Expr right_edge = mark->extent + left;
  Expr right = prover_.divisible(right_edge, factor)
                   ? zero_like(right_edge)
                   : prover_.simplify(floormod(zero_like(right_edge) - right_edge, factor));
  IterSumExpr source{{IterSplitExpr::whole(mark)}, left};
  Expr value = normalize_iter_map_to_expr(source, analyzer_);
  padding.padded = std::make_shared<const IterMark>(
      IterMark{std::move(source), prover_.simplify(right_edge + right), true});
  extent_before_padding_.emplace(padding.padded.get(), mark->extent);
  // 0 ≤ value < left and right_edge ≤ value < right_edge + right, in a form that simplifies well
  // in terms of the indices: by quotient and remainder.
  Expr part = floordiv(value, factor), rest = floormod(value, factor);
  Expr on_left = logical_and(ne(left, zero_like(left)),
                             logical_and(eq(part, zero_like(part)), lt(rest, left)));
  Expr on_right = logical_and(
      ne(right, zero_like(right)),
      logical_and(eq(part, floordiv(right_edge, factor)), ge(rest, floormod(right_edge, factor))));
  padding_predicate_ = logical_or(padding_predicate_, logical_or(on_left, on_right));
  return true;
}

}  // namespace metaschedule::arith::detail
