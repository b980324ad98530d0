// SPDX-License-Identifier: Apache-2.0
// Inverses of iteration maps, by carrying the values of the indices back to the iterators.
#pragma once

#include <algorithm>

#include "metaschedule/arith/iter_map_rewriter.h"

namespace metaschedule::arith {

namespace detail {

class IterMapInverter {
 public:
  explicit IterMapInverter(Analyzer& analyzer) : analyzer_(analyzer), prover_{analyzer} {}

  VarMap invert(const std::vector<IterSumExpr>& map, const std::vector<Expr>& outputs) {
    // Marks after everything that uses them: reversed, the order in which children come first.
    for (const IterSumExpr& sum : map) order_marks(sum);
    for (size_t i = map.size(); i-- > 0;) propagate(map[i], outputs[i]);
    for (size_t i = order_.size(); i-- > 0;) {
      const IterMark& mark = *order_[i];
      const Expr& value = value_of_.at(&mark);
      if (const IterSumExpr* sum = mark.sum()) {
        propagate(*sum, value);
      } else {
        const IterLeaf& leaf = *mark.leaf();
        inverse_.emplace(leaf.var.get(), value + leaf.min);
      }
    }
    return std::move(inverse_);
  }

 private:
  void order_marks(const IterSumExpr& sum) {
    for (const IterSplitExpr& split : sum.args) {
      const IterMark* mark = split.source.get();
      if (!value_of_.try_emplace(mark, int_imm(mark->extent->dtype, 0)).second) continue;
      if (const IterSumExpr* inner = mark->sum()) order_marks(*inner);
      order_.push_back(mark);
    }
  }

  void propagate(const IterSumExpr& sum, const Expr& value) {
    Expr input = value - sum.base;
    if (sum.args.size() == 1) {
      const IterSplitExpr& split = sum.args[0];
      check<ValueError>(analyzer_.can_prove(eq(abs(split.scale), int_imm(split.scale->dtype, 1))),
                        "inverse_affine_iter_map: expected a scale of 1 or -1");
      give(split, input * split.scale);
      return;
    }
    check_fuse_pattern(sum);
    for (size_t i = sum.args.size(); i-- > 0;) {
      const IterSplitExpr& split = sum.args[i];
      Expr part = floordiv(input, split.scale);
      // The outermost part is below its extent already.
      if (i > 0) part = floormod(part, split.extent);
      give(split, part);
    }
  }

  void give(const IterSplitExpr& split, const Expr& value) {
    Expr& sum = value_of_.at(split.source.get());
    sum = sum + value * split.lower_factor;
  }

  void check_fuse_pattern(const IterSumExpr& sum) const {
    if (sum.args.empty()) return;
    Expr expected = int_imm(sum.base->dtype, 1);
    for (size_t i = sum.args.size(); i-- > 0;) {
      check<ValueError>(prover_.equal(sum.args[i].scale, expected),
                        "inverse_affine_iter_map: expected iterators fused without gaps");
      expected = expected * sum.args[i].extent;
    }
  }

  Analyzer& analyzer_;
  FactorProver prover_;
  std::vector<const IterMark*> order_;
  std::unordered_map<const IterMark*, Expr> value_of_;
  VarMap inverse_;
};

}  // namespace detail

METASCHEDULE_INLINE VarMap inverse_affine_iter_map(const std::vector<IterSumExpr>& iter_map,
                                                   const std::vector<Expr>& outputs,
                                                   Analyzer& analyzer) {
  check<ValueError>(iter_map.size() == outputs.size(),
                    "inverse_affine_iter_map: expected {} outputs, found {}", iter_map.size(),
                    outputs.size());
  return detail::IterMapInverter(analyzer).invert(iter_map, outputs);
}

}  // namespace metaschedule::arith
