// SPDX-License-Identifier: Apache-2.0
// IndexMap through iteration maps.
#pragma once

#include <algorithm>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/arith/int_set.h"
#include "metaschedule/arith/iter_map_rewriter.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::arith {

namespace detail {

class WideningSubstituter : public Rewriter {
 public:
  explicit WideningSubstituter(const VarMap& map) : map_(map) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = map_.find(var);
      return it == map_.end() ? nullptr : Ref<Node>(it->second);
    }
    if (node.kind == Kind::Select) return select_(static_cast<const Select&>(node));
    if (!is_binary_kind(node.kind)) return rewrite_children(node);
    const auto& op = static_cast<const BinaryExpr&>(node);
    Expr a = (*this)(op.a), b = (*this)(op.b);
    if (a == op.a && b == op.b) return nullptr;
    return binary(node.kind, a, b);
  }

 private:
  Ref<Node> select_(const Select& node) {
    Expr c = (*this)(node.condition), t = (*this)(node.true_value), f = (*this)(node.false_value);
    if (c == node.condition && t == node.true_value && f == node.false_value) return nullptr;
    return select(c, t, f);
  }
  const VarMap& map_;
};

inline IterRanges input_ranges(const IndexMap& map, const std::vector<Ref<Range>>& ranges) {
  check<ValueError>(ranges.size() == map.initial_indices.size(),
                    "index map: expected {} ranges, found {}", map.initial_indices.size(),
                    ranges.size());
  IterRanges out;
  for (size_t i = 0; i < ranges.size(); ++i) out.emplace_back(map.initial_indices[i], ranges[i]);
  return out;
}

inline Vars fresh_axes(const IndexMap& map) {
  std::vector<VarRef> axes;
  for (size_t i = 0; i < map.final_indices.size(); ++i) {
    axes.push_back(make<Var>(fmt::format("axis{}", i), map.final_indices[i]->dtype));
  }
  return axes;
}

/// True when no two points, those added by padding among them, share their indices: the splits of
/// each iterator fill it.
inline bool is_injective(const IterMapResult& found, Analyzer& analyzer) {
  SplitCollection collection;
  collection.collect(found.indices);
  FactorProver prover{analyzer};
  for (const auto& [mark, splits] : collection.marks) {
    Expr filled = int_imm(mark->extent->dtype, 1);
    for (const IterSplitExpr& split : splits) filled = filled * split.extent;
    // Splits do not overlap, so they leave no gap when their product is the extent; but an iterator
    // of extent one may occur twice and then grow by padding in one place.
    if (!prover.equal(filled, mark->extent)) return false;
    if (is_one(mark->extent) && splits.size() > 1 && !is_zero(found.padding_predicate))
      return false;
  }
  return true;
}

inline std::pair<Ref<IndexMap>, Expr> invert(const IndexMap& map,
                                             const std::vector<Ref<Range>>& ranges,
                                             IterMapLevel level, Analyzer& analyzer) {
  // A given inverse is taken at its word.
  if (map.inverse_index_map) return {map.inverse_index_map, false_()};
  IterRanges iters = input_ranges(map, ranges);
  std::vector<Expr> outputs = map.final_indices.vec();
  IterMapResult found = detect_iter_map(outputs, iters, true_(), level, analyzer, false);
  if (!found)
    fail<ValueError>("Could not parse mapping as sum of iterators. Error: {}",
                     found.errors.front());
  check<ValueError>(level == IterMapLevel::Bijective || is_injective(found, analyzer),
                    "index map: expected different points to have different indices");
  Vars axes = fresh_axes(map);
  VarMap solution =
      inverse_affine_iter_map(found.indices, std::vector<Expr>(axes.begin(), axes.end()), analyzer);
  std::vector<Expr> results;
  for (const auto& [var, range] : iters) {
    auto it = solution.find(var.get());
    if (it == solution.end()) {
      check<ValueError>(is_one(range->extent), "index map: no output depends on input {}",
                        var->name);
      it = solution.emplace(var.get(), range->min).first;
    }
    results.push_back(analyzer.simplify(it->second));
  }
  Expr padding = found.padding_predicate;
  if (!is_zero(padding)) {
    padding = substitute_and_widen(padding, solution);
    Analyzer over_outputs;
    std::vector<Ref<Range>> output_ranges = map_ranges(map, ranges, analyzer);
    for (size_t i = 0; i < axes.size(); ++i) over_outputs.bind(axes[i], output_ranges[i]);
    // Quotients of quotients take more rounds than usual.
    padding = over_outputs.simplify(padding, 10);
  }
  return {make<IndexMap>(axes, results), padding};
}

class DTypeChanger : public Rewriter {
 public:
  explicit DTypeChanger(DType dtype) : dtype_(dtype) {}
  VarRef renew(const VarRef& var) {
    if (var->dtype == dtype_) return var;
    VarRef fresh = make<Var>(var->name, dtype_);
    vars_.emplace(var.get(), fresh);
    return fresh;
  }
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = vars_.find(var);
      return it == vars_.end() ? nullptr : Ref<Node>(it->second);
    }
    if (const IntImm* imm = as<IntImm>(&node)) {
      bool keep = imm->dtype == dtype_ || imm->dtype.is_bool();
      return keep ? nullptr : Ref<Node>(int_imm(dtype_, imm->value));
    }
    if (!is_binary_kind(node.kind)) return rewrite_children(node);
    const auto& op = static_cast<const BinaryExpr&>(node);
    Expr a = (*this)(op.a), b = (*this)(op.b);
    if (a == op.a && b == op.b) return nullptr;
    if (!a->dtype.is_bool()) match_types(a, b);
    return make_binary(node.kind, a, b);
  }

 private:
  DType dtype_;
  VarMap vars_;
};

}  // namespace detail

METASCHEDULE_INLINE Expr substitute_and_widen(const Expr& expr, const VarMap& map) {
  return detail::WideningSubstituter(map)(expr);
}

METASCHEDULE_INLINE std::vector<Expr> map_indices(const IndexMap& map,
                                                  const std::vector<Expr>& indices,
                                                  Analyzer& analyzer) {
  check<ValueError>(indices.size() == map.initial_indices.size(),
                    "index map: expected {} indices, found {}", map.initial_indices.size(),
                    indices.size());
  VarMap values;
  for (size_t i = 0; i < indices.size(); ++i) {
    values.emplace(map.initial_indices[i].get(), indices[i]);
  }
  std::vector<Expr> out;
  out.reserve(map.final_indices.size());
  for (const Expr& index : map.final_indices) {
    out.push_back(analyzer.simplify(substitute_and_widen(index, values)));
  }
  return out;
}

METASCHEDULE_INLINE std::vector<Ref<Range>> map_ranges(const IndexMap& map,
                                                       const std::vector<Ref<Range>>& ranges,
                                                       Analyzer& analyzer) {
  IterRanges iters = detail::input_ranges(map, ranges);
  std::vector<std::pair<Expr, Expr>> bounds;  // min and extent
  IterMapResult found = detect_iter_map(map.final_indices.vec(), iters, true_(),
                                        IterMapLevel::NoCheck, analyzer, false);
  if (found) {
    // The terms of a sum are orthogonal, so the largest one gives its extent.
    for (const IterSumExpr& sum : found.indices) {
      Expr extent;
      for (const IterSplitExpr& term : sum.args) {
        Expr reach = term.extent * term.scale;
        extent = extent ? max(extent, reach) : reach;
      }
      bounds.emplace_back(sum.base, extent ? extent : int_imm(sum.base->dtype, 1));
    }
  } else {
    DomMap domains;
    for (const auto& [var, range] : iters) domains.emplace(var.get(), IntSet::from_range(*range));
    for (const Expr& index : map.final_indices) {
      IntSet set = eval_set(index, domains, analyzer);
      check<ValueError>(set.has_lower_bound() && set.has_upper_bound(),
                        "index map: cannot bound an output over the given ranges");
      bounds.emplace_back(analyzer.simplify(set.min()),
                          analyzer.simplify(set.max() - set.min() + 1));
    }
  }
  int bits = 0;
  for (const Ref<Range>& range : ranges) bits = std::max<int>(bits, range->extent->dtype.bits);
  DType dtype = ranges.empty() ? kInt32 : DType::int_(bits);
  std::vector<Ref<Range>> out;
  for (const auto& [from, extent] : bounds) {
    out.push_back(make<Range>(cast(dtype, from), cast(dtype, extent)));
  }
  return out;
}

METASCHEDULE_INLINE std::vector<Expr> map_shape(const IndexMap& map, const std::vector<Expr>& shape,
                                                Analyzer& analyzer) {
  std::vector<Ref<Range>> ranges;
  for (const Expr& extent : shape) {
    ranges.push_back(make<Range>(int_imm(extent->dtype, 0), extent));
  }
  std::vector<Expr> out;
  for (const Ref<Range>& range : map_ranges(map, ranges, analyzer)) {
    check<ValueError>(is_zero(range->min),
                      "index map: expected outputs that start at 0 for a shape");
    out.push_back(range->extent);
  }
  return out;
}

METASCHEDULE_INLINE Ref<IndexMap> inverse(const IndexMap& map,
                                          const std::vector<Ref<Range>>& ranges,
                                          Analyzer& analyzer) {
  auto [out, padding] = detail::invert(map, ranges, IterMapLevel::Bijective, analyzer);
  check<ValueError>(is_zero(padding), "index map: a bijective inverse may not contain padding");
  return out;
}

METASCHEDULE_INLINE std::pair<Ref<IndexMap>, Expr> non_surjective_inverse(
    const IndexMap& map, const std::vector<Ref<Range>>& ranges, Analyzer& analyzer) {
  return detail::invert(map, ranges, IterMapLevel::NoCheck, analyzer);
}

METASCHEDULE_INLINE bool is_equivalent(const IndexMap& a, const IndexMap& b, Analyzer& analyzer) {
  if (a.initial_indices.size() != b.initial_indices.size() ||
      a.final_indices.size() != b.final_indices.size())
    return false;
  VarMap renamed;
  for (size_t i = 0; i < a.initial_indices.size(); ++i) {
    renamed.emplace(b.initial_indices[i].get(), a.initial_indices[i]);
  }
  for (size_t i = 0; i < a.final_indices.size(); ++i) {
    Expr other = substitute_and_widen(b.final_indices[i], renamed);
    if (!analyzer.can_prove_equal(a.final_indices[i], other)) return false;
  }
  return true;
}

METASCHEDULE_INLINE Ref<IndexMap> with_index_dtype(const IndexMap& map, DType dtype) {
  detail::DTypeChanger change(dtype);
  std::vector<VarRef> inputs;
  for (const VarRef& var : map.initial_indices) inputs.push_back(change.renew(var));
  std::vector<Expr> outputs;
  for (const Expr& index : map.final_indices) outputs.push_back(change(index));
  Ref<IndexMap> given = map.inverse_index_map;
  return make<IndexMap>(inputs, outputs, given ? with_index_dtype(*given, dtype) : given);
}

}  // namespace metaschedule::arith
