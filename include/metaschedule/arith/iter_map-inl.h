// SPDX-License-Identifier: Apache-2.0
// Reading predicates, the steps of detection, and conversion back to expressions.
#pragma once

#include <algorithm>

#include "metaschedule/arith/iter_map_rewriter.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

METASCHEDULE_INLINE IterSplitExpr IterSplitExpr::whole(IterMarkRef mark) {
  Expr one = int_imm(mark->extent->dtype, 1), extent = mark->extent;
  return {std::move(mark), one, std::move(extent), one};
}

METASCHEDULE_INLINE Expr IterLeaf::value() const {
  return is_zero(min) ? Expr(var) : Expr(var) - min;
}

namespace detail {

inline const Ref<Range>* find_range(const IterRanges& iters, const Node* var) {
  for (const auto& [known, range] : iters)
    if (known.get() == var) return &range;
  return nullptr;
}
inline bool uses_iter(const Expr& e, const IterRanges& iters) {
  return any_node(*e, [&](const Node& n) { return find_range(iters, &n) != nullptr; });
}

METASCHEDULE_INLINE bool iter_ranges_are_independent(const IterRanges& iters) {
  return std::none_of(iters.begin(), iters.end(), [&](const auto& entry) {
    return uses_iter(entry.second->min, iters) || uses_iter(entry.second->extent, iters);
  });
}

/// Moves the terms of `e` that use iterators to `iter_part` and the others, negated, to `bound`.
inline void separate_terms(const Expr& e, bool positive, const IterRanges& iters, Expr& iter_part,
                           Expr& bound) {
  if (e->kind == Kind::Add || e->kind == Kind::Sub) {
    const auto& op = static_cast<const BinaryExpr&>(*e);
    separate_terms(op.a, positive, iters, iter_part, bound);
    separate_terms(op.b, e->kind == Kind::Add ? positive : !positive, iters, iter_part, bound);
  } else if (uses_iter(e, iters)) {
    iter_part = positive ? iter_part + e : iter_part - e;
  } else {
    bound = positive ? bound - e : bound + e;
  }
}

/// Adds what one comparison says.
inline bool match_comparison(const BinaryExpr& op, IterRanges& iters,
                             std::vector<IterConstraint>& constraints) {
  Expr lhs = op.a, rhs = op.b;
  if (!lhs->dtype.is_integral()) return false;
  bool left_iter = uses_iter(lhs, iters), right_iter = uses_iter(rhs, iters);
  if (!left_iter && !right_iter) return true;
  if (left_iter && right_iter) {
    Expr difference = lhs - rhs;
    lhs = rhs = int_imm(difference->dtype, 0);
    separate_terms(difference, true, iters, lhs, rhs);
    Analyzer fresh;
    lhs = fresh.simplify(lhs);
    rhs = fresh.simplify(rhs);
  }
  bool greater = op.kind == Kind::GT || op.kind == Kind::GE;
  bool or_equal = op.kind == Kind::LE || op.kind == Kind::GE;
  bool bound_at_left = !left_iter;
  const Expr& bound = bound_at_left ? lhs : rhs;
  IterConstraint found{bound_at_left ? rhs : lhs, nullptr, nullptr};
  if (greater == bound_at_left) {
    found.upper = or_equal ? bound + 1 : bound;
  } else {
    found.lower = or_equal ? bound : bound + 1;
  }
  if (!as<Var>(found.iter)) {
    constraints.push_back(std::move(found));
    return true;
  }
  for (auto& [var, range] : iters) {
    if (var.get() != found.iter.get()) continue;
    Expr from = range->min, to = range->min + range->extent;
    if (found.lower) from = max(from, found.lower);
    if (found.upper) to = min(to, found.upper);
    range = make<Range>(from, to - from);
    return true;
  }
  return false;
}

METASCHEDULE_INLINE bool match_bound_constraints(const Expr& predicate, IterRanges& iters,
                                                 std::vector<IterConstraint>& constraints) {
  constexpr Kind order[] = {Kind::LT, Kind::LE, Kind::GT, Kind::GE};
  Expr rest = predicate;
  for (;;) {
    const And* both = as<And>(rest);
    const Node* comparison = nullptr;
    Expr next;
    // Each round takes one comparison off the conjunction, by kind and then from the right.
    for (Kind kind : order) {
      if (both && both->b->kind == kind) {
        comparison = both->b.get();
        next = both->a;
      } else if (both && both->a->kind == kind) {
        comparison = both->a.get();
        next = both->b;
      } else if (rest->kind == kind) {
        comparison = rest.get();
      }
      if (comparison) break;
    }
    if (!comparison) return false;
    if (!match_comparison(static_cast<const BinaryExpr&>(*comparison), iters, constraints))
      return false;
    if (!next) return true;
    rest = next;
  }
}

/// The number of nodes: a constraint on an iterator is handled after those on its parts.
inline int expression_size(const Expr& e) {
  int size = 0;
  post_order(*e, [&](const Node&) { ++size; });
  return size;
}

}  // namespace detail

METASCHEDULE_INLINE IterMapResult detect_iter_map(const std::vector<Expr>& indices,
                                                  const IterRanges& iters, const Expr& predicate,
                                                  IterMapLevel level, Analyzer& analyzer,
                                                  bool simplify_trivial) {
  IterMapResult result;
  result.padding_predicate = false_();
  auto failed = [&](const char* why) {
    if (why) result.errors.emplace_back(why);
    return result;
  };
  if (!detail::iter_ranges_are_independent(iters))
    return failed("Invalid iterators. Iterators may not be expressions of each other.");
  IterRanges narrowed = iters;
  std::vector<detail::IterConstraint> constraints;
  if (!is_one(predicate) && !detail::match_bound_constraints(predicate, narrowed, constraints)) {
    return failed("Could not parse predicate as constraints on the input iterators.");
  }
  if (constraints.size() > 1) {
    std::stable_sort(constraints.begin(), constraints.end(), [](const auto& a, const auto& b) {
      return detail::expression_size(a.iter) < detail::expression_size(b.iter);
    });
  }

  detail::IterMapRewriter rewriter(analyzer, narrowed, level, simplify_trivial, result.errors);
  for (const auto& constraint : constraints) {
    rewriter.add_constraint(constraint);
    if (!result.errors.empty()) return result;
  }
  if (!rewriter.constraints_are_nested()) return failed("Invalid constraints.");

  std::vector<IterSumExpr> sums;
  sums.reserve(indices.size());
  bool allow_padding = level != IterMapLevel::Bijective;
  if (allow_padding) {
    for (const Expr& index : indices) {
      sums.push_back(rewriter.rewrite_and_update_padding(index));
      if (!result.errors.empty()) return result;
    }
  }
  if (!allow_padding || rewriter.requires_padding()) {
    sums.clear();
    for (const Expr& index : indices) {
      sums.push_back(rewriter.rewrite(index));
      if (!result.errors.empty()) return result;
    }
  }
  if (!rewriter.check_mapping(sums)) {
    return failed(level == IterMapLevel::Bijective
                      ? "Index mapping does not form a bijective transform."
                      : "Mapped indices are not independent.");
  }
  result.padding_predicate = rewriter.padding_predicate();
  result.constrained = rewriter.constrained_marks();
  result.indices = std::move(sums);
  return result;
}

METASCHEDULE_INLINE Expr normalize_iter_map_to_expr(const IterSplitExpr& split,
                                                    Analyzer& analyzer) {
  const IterMark& mark = *split.source;
  Expr source =
      mark.sum() ? normalize_iter_map_to_expr(*mark.sum(), analyzer) : mark.leaf()->value();
  auto equal = [&](const Expr& a, const Expr& b) {
    return a.same_as(b) || analyzer.can_prove(eq(a, b));
  };
  if (is_one(split.lower_factor) && equal(split.extent, mark.extent)) return source * split.scale;
  Expr end = split.lower_factor * split.extent;
  if (equal(mark.extent, end)) {
    if (is_one(split.extent) && !is_one(mark.extent)) return int_imm(split.extent->dtype, 0);
    return floordiv(source, split.lower_factor) * split.scale;
  }
  return floordiv(floormod(source, as<IntImm>(end) ? end : analyzer.simplify(end)),
                  split.lower_factor) *
         split.scale;
}

METASCHEDULE_INLINE Expr normalize_iter_map_to_expr(const IterSumExpr& sum, Analyzer& analyzer) {
  if (sum.args.empty()) return sum.base;
  Expr out = normalize_iter_map_to_expr(sum.args[0], analyzer);
  for (size_t i = 1; i < sum.args.size(); ++i) {
    out = out + normalize_iter_map_to_expr(sum.args[i], analyzer);
  }
  return out + sum.base;
}

METASCHEDULE_INLINE std::vector<Expr> iter_map_simplify(const std::vector<Expr>& indices,
                                                        const IterRanges& iters,
                                                        const Expr& predicate, IterMapLevel level,
                                                        Analyzer& analyzer, bool simplify_trivial) {
  IterMapResult found =
      detect_iter_map(indices, iters, predicate, level, analyzer, simplify_trivial);
  if (!found && !is_one(predicate) && level != IterMapLevel::Bijective) {
    found = detect_iter_map(indices, iters, true_(), level, analyzer, simplify_trivial);
  }
  if (!found) return indices;
  std::vector<Expr> out;
  out.reserve(indices.size());
  for (const IterSumExpr& sum : found.indices) {
    out.push_back(normalize_iter_map_to_expr(sum, analyzer));
  }
  return out;
}

METASCHEDULE_INLINE IterSumExpr normalize_to_iter_sum(const Expr& index, const IterRanges& iters,
                                                      Analyzer& analyzer) {
  check<ValueError>(detail::iter_ranges_are_independent(iters),
                    "normalize_to_iter_sum: expected ranges free of iterators");
  std::vector<std::string> errors;
  detail::IterMapRewriter rewriter(analyzer, iters, IterMapLevel::NoCheck, true, errors);
  return rewriter.rewrite_to_ordered_sum(index);
}

}  // namespace metaschedule::arith
