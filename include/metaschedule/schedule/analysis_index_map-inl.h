// SPDX-License-Identifier: Apache-2.0
// Suggesting a layout: cut the flat index at the factors of loops, sort the pieces by loop.
#pragma once

#include <algorithm>
#include <numeric>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis_index_map.h"

namespace metaschedule {

namespace detail {

/// `(loops[loop].loop_var // lower_factor) % extent`.
struct LoopSplit {
  size_t loop;
  int64_t lower_factor, extent;
};

/// Appends the splits of loop variables that make up a sum; false when one is not constant.
inline bool collect_loop_splits(const arith::IterSumExpr& sum, const std::vector<const For*>& loops,
                                std::vector<LoopSplit>& out) {
  for (const arith::IterSplitExpr& split : sum.args) {
    if (const arith::IterSumExpr* inner = split.source->sum()) {
      if (!collect_loop_splits(*inner, loops, out)) return false;
      continue;
    }
    const arith::IterLeaf& leaf = *split.source->leaf();
    const IntImm *factor = as<IntImm>(split.lower_factor), *extent = as<IntImm>(split.extent);
    if (!factor || !extent || !is_zero(leaf.min)) return false;
    auto it = std::find_if(loops.begin(), loops.end(),
                           [&](const For* loop) { return loop->loop_var == leaf.var; });
    out.push_back({static_cast<size_t>(it - loops.begin()), factor->value, extent->value});
  }
  return true;
}

inline Expr flatten_index(const Buffer& buffer, const std::vector<Expr>& indices, DType dtype) {
  Expr flat = int_imm(dtype, 0), stride = int_imm(dtype, 1);
  for (size_t i = indices.size(); i-- > 0;) {
    flat = indices[i] * stride + flat;
    stride = buffer.shape[i] * stride;
  }
  return flat;
}

/// The digits of `value` in the mixed radix `extents`, most significant first.
inline std::vector<Expr> digits(Expr value, const std::vector<Expr>& extents,
                                arith::Analyzer& analyzer) {
  std::vector<Expr> out(extents.size());
  for (size_t i = extents.size(); i-- > 0;) {
    value = analyzer.simplify(value);
    out[i] = analyzer.simplify(floormod(value, extents[i]));
    value = floordiv(value, extents[i]);
  }
  return out;
}

inline std::vector<VarRef> numbered_vars(size_t n) {
  std::vector<VarRef> out;
  for (size_t i = 0; i < n; ++i) out.push_back(make<Var>(fmt::format("i{}", i), kInt32));
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE Ref<IndexMap> suggest_index_map(const Buffer& buffer,
                                                    const std::vector<Expr>& indices,
                                                    const std::vector<const For*>& loops,
                                                    const Expr& predicate,
                                                    arith::Analyzer& analyzer) {
  if (loops.empty()) return nullptr;
  arith::IterRanges iters;
  for (const For* loop : loops)
    iters.emplace_back(loop->loop_var, make<Range>(loop->min, loop->extent));
  Expr flat = analyzer.simplify(detail::flatten_index(buffer, indices, loops[0]->loop_var->dtype));
  arith::IterMapResult found =
      arith::detect_iter_map({flat}, iters, predicate, arith::IterMapLevel::Surjective, analyzer);
  std::vector<detail::LoopSplit> splits;
  if (!found || !detail::collect_loop_splits(found.indices[0], loops, splits) || splits.empty())
    return nullptr;

  size_t n = splits.size();
  std::vector<size_t> order(n), position(n);  // output i is split order[i]
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return splits[a].loop != splits[b].loop ? splits[a].loop < splits[b].loop
                                            : splits[a].lower_factor > splits[b].lower_factor;
  });
  for (size_t i = 0; i < n; ++i) position[order[i]] = i;

  std::vector<Expr> extents;
  for (const auto& split : splits) extents.push_back(i32(split.extent));
  std::vector<VarRef> inputs = detail::numbered_vars(buffer.ndim());
  for (size_t i = 0; i < inputs.size(); ++i) {
    analyzer.bind(inputs[i], make<Range>(int_imm(buffer.shape[i]->dtype, 0), buffer.shape[i]));
  }
  std::vector<Expr> pieces = detail::digits(
      detail::flatten_index(buffer, {inputs.begin(), inputs.end()}, kInt32), extents, analyzer);
  std::vector<Expr> outputs;
  for (size_t i = 0; i < n; ++i) outputs.push_back(pieces[order[i]]);

  std::vector<VarRef> back = detail::numbered_vars(n);
  Expr fused = i32(0);
  int64_t stride = 1;
  for (size_t i = n; i-- > 0;) {
    const VarRef& var = back[position[i]];
    analyzer.bind(var, make<Range>(i32(0), extents[i]));
    fused = Expr(var) * stride + fused;
    stride *= splits[i].extent;
  }
  std::vector<Expr> shape = buffer.shape.vec();
  auto inverse = make<IndexMap>(back, detail::digits(fused, shape, analyzer));
  return make<IndexMap>(inputs, outputs, inverse);
}

}  // namespace metaschedule
