// SPDX-License-Identifier: Apache-2.0
// Solving for block axes: by the inverse of an affine map where the region is a point, by patterns
// for one dimension at a time elsewhere.
#pragma once

#include <algorithm>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/block_domain.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule {

METASCHEDULE_INLINE void add_region(BufferSets& sets, const Buffer* buffer,
                                    std::vector<arith::IntSet> region) {
  for (auto& [key, regions] : sets)
    if (key == buffer) return void(regions.push_back(std::move(region)));
  sets.emplace_back(buffer, std::vector<std::vector<arith::IntSet>>{std::move(region)});
}

namespace detail {

using arith::IntSet;
using IntSets = std::vector<IntSet>;

class AxisSolver {
 public:
  AxisSolver(const Block& block, arith::Analyzer& analyzer, bool exactly,
             const std::vector<size_t>& dims)
      : block_(block),
        analyzer_(analyzer),
        exactly_(exactly),
        dims_(dims),
        domains_(block.iter_vars.size()) {}

  void add(const Buffer& buffer, const IntSets& provided, const IntSets& required) {
    if (!add_affine(buffer, provided, required)) add_by_dimension(buffer, provided, required);
  }

  std::vector<AxisDomain> finish() {
    for (size_t i = 0; i < domains_.size(); ++i) {
      AxisDomain& axis = domains_[i];
      IntSet range = IntSet::from_range(*block_.iter_vars[i]->dom);
      axis.bound = axis.bound.is_nothing() ? range : arith::intersect(axis.bound, range, analyzer_);
      tidy(axis);
    }
    return std::move(domains_);
  }

 private:
  AxisDomain* find(const Var* var) {
    for (size_t i = 0; i < domains_.size(); ++i)
      if (block_.iter_vars[i]->var.get() == var) return &domains_[i];
    return nullptr;
  }
  void unite(AxisDomain& axis, const IntSet& dom, const IntSet& bound) {
    axis.dom = join(axis.dom, dom);
    axis.bound = join(axis.bound, bound);
  }
  IntSet join(const IntSet& a, const IntSet& b) {
    if (a.is_nothing()) return b;
    return b.is_nothing() ? a : arith::union_(a, b, analyzer_);
  }
  Expr simplified(const Expr& end) { return end ? analyzer_.simplify(end) : end; }
  IntSet simplified(const IntSet& set) {
    return IntSet::interval(simplified(set.min()), simplified(set.max()));
  }
  bool same(const IntSet& a, const IntSet& b) {
    auto equal = [&](const Expr& x, const Expr& y) {
      return x && y ? expr_equal(x, y) || analyzer_.can_prove_equal(x, y) : !x && !y;
    };
    return equal(a.min(), b.min()) && equal(a.max(), b.max());
  }

  // Whether the bounds of variables show at once that a set is not cut by constants.
  bool surely_within(const IntSet& set, const IntSet& constant) {
    const IntImm *first = as<IntImm>(constant.min()), *last = as<IntImm>(constant.max());
    return first && last && set.min() && set.max() &&
           analyzer_.const_int_bound(set.min()).min_value >= first->value &&
           analyzer_.const_int_bound(set.max()).max_value <= last->value;
  }

  // Drops the bound where it says nothing, or puts it into the domain where that stays simple.
  void tidy(AxisDomain& axis) {
    if (axis.dom.is_nothing()) {
      if (axis.bound.has_lower_bound() && axis.bound.has_upper_bound())
        axis = {simplified(axis.bound), IntSet::nothing()};
      return;
    }
    axis.dom = simplified(axis.dom);
    axis.bound = simplified(axis.bound);
    if (surely_within(axis.dom, axis.bound)) {
      axis.bound = IntSet::nothing();
      return;
    }
    IntSet both = simplified(arith::intersect(axis.dom, axis.bound, analyzer_));
    if (same(axis.dom, both)) {
      axis.bound = IntSet::nothing();
    } else if (same(axis.bound, both)) {
      axis = {axis.bound, IntSet::nothing()};
    } else if (as<IntImm>(both.min()) && as<IntImm>(both.max())) {
      axis = {both, IntSet::nothing()};
    }
  }

  static Expr last_index(const Expr& extent) {
    return max(extent - int_imm(extent->dtype, 1), int_imm(extent->dtype, 0));
  }
  /// Of the i-th dimension that is looked at.
  const Expr& extent_of(const Buffer& buffer, size_t i) const {
    return buffer.shape[dims_.empty() ? i : dims_[i]];
  }

  bool add_affine(const Buffer& buffer, const IntSets& provided, const IntSets& required) {
    std::vector<Expr> point;
    for (const IntSet& set : provided) {
      if (!set.can_prove_single_point(analyzer_)) return false;
      point.push_back(set.min());
    }
    auto is_point = [&](const VarRef& var) {
      return std::any_of(point.begin(), point.end(), [&](const Expr& e) { return e.same_as(var); });
    };
    arith::IterRanges ranges;
    for (const auto& iter : block_.iter_vars)
      if (dims_.empty() || is_point(iter->var)) ranges.emplace_back(iter->var, iter->dom);
    auto map = arith::detect_iter_map(point, ranges, true_(), arith::IterMapLevel::Bijective,
                                      analyzer_, false);
    if (!map) return false;
    std::vector<Expr> low, high, zero, last;
    for (size_t i = 0; i < required.size(); ++i) {
      if (!required[i].has_lower_bound() || !required[i].has_upper_bound())
        refuse("What block {0} must cover of the buffer {1} is not bounded", {&block_, &buffer});
      low.push_back(required[i].min());
      high.push_back(required[i].max());
      zero.push_back(int_imm(extent_of(buffer, i)->dtype, 0));
      last.push_back(last_index(extent_of(buffer, i)));
    }
    VarMap doms[4];
    try {
      size_t k = 0;
      for (const auto* corner : {&low, &high, &zero, &last})
        doms[k++] = arith::inverse_affine_iter_map(map.indices, *corner, analyzer_);
    } catch (const ValueError&) {
      refuse("The region of block {0} of the buffer {1} cannot be solved for its axes",
             {&block_, &buffer});
    }
    auto span = [&](const VarMap& a, const VarMap& b, const Var* var) {
      const Expr &x = a.at(var), &y = b.at(var);
      return IntSet::interval(analyzer_.simplify(min(x, y)), analyzer_.simplify(max(x, y)));
    };
    // The last index of the buffer bounds an axis that is a remainder only where its tiles are
    // full.
    VarMap inverse;
    std::vector<Expr> any;
    bool fused = std::any_of(point.begin(), point.end(), [](const Expr& e) { return !as<Var>(e); });
    if (fused) {
      for (const Expr& e : zero) any.push_back(make<Var>("i", e->dtype));
      inverse = arith::inverse_affine_iter_map(map.indices, any, analyzer_);
    }
    auto is_remainder = [&](const Var* var) {
      return fused && any_node(*inverse.at(var),
                               [](const Node& node) { return node.kind == Kind::FloorMod; });
    };
    // Where the region may go past a multiple of the divisor, a remainder starts again with 0
    // inside it, and what it is at the two ends says nothing.
    VarMap first, final;
    for (size_t i = 0; i < any.size(); ++i) {
      first[as<Var>(any[i])] = low[i];
      final[as<Var>(any[i])] = high[i];
    }
    auto starts_again = [&](const Var* var) {
      return fused && any_node(*inverse.at(var), [&](const Node& node) {
               const FloorMod* mod = as<FloorMod>(&node);
               if (!mod) return false;
               const Expr quotient = floordiv(mod->a, mod->b);
               return !analyzer_.can_prove_equal(substitute(quotient, first),
                                                 substitute(quotient, final));
             });
    };
    for (const auto& iter : block_.iter_vars) {
      const Var* var = iter->var.get();
      if (!doms[0].count(var)) continue;
      const IntSet all = IntSet::from_range(*iter->dom);
      const IntSet ends = span(doms[0], doms[1], var);
      const bool exact = !starts_again(var) ||
                         same(simplified(IntSet::interval(doms[0].at(var), doms[1].at(var))), all);
      if (!exact && exactly_)
        refuse("Block {0} would cover more of the buffer {1} than what is there by then",
               {&block_, &buffer});
      unite(*find(var), exact ? ends : all, is_remainder(var) ? all : span(doms[2], doms[3], var));
    }
    return true;
  }

  void add_by_dimension(const Buffer& buffer, const IntSets& provided, const IntSets& required) {
    for (size_t i = 0; i < provided.size(); ++i) {
      Expr low = simplified(provided[i].min()), high = simplified(provided[i].max());
      METASCHEDULE_CHECK(low && high);  // regions of blocks are ranges
      solve(low, high, simplified(required[i].min()), simplified(required[i].max()),
            last_index(extent_of(buffer, i)));
    }
  }

  // One dimension: [low, high] in terms of one axis must cover [from, to] of 0 … last; null ends
  // are infinite.
  void solve(const Expr& low, const Expr& high, const Expr& from, const Expr& to,
             const Expr& last) {
    auto set = [&](const Var* var, const IntSet& dom, const IntSet& bound) {
      AxisDomain* axis = find(var);
      if (!axis) no_pattern(low);
      unite(*axis, dom, bound);
    };
    Expr zero = int_imm(low->dtype, 0);
    auto quotient = [&](const Expr& x, const Expr& e) { return x ? floordiv(x, e) : x; };
    if (const Mul* mul = as<Mul>(low)) {
      const Var *a = as<Var>(mul->a), *b = as<Var>(mul->b);
      if (!a && !b) no_pattern(low);
      const Expr& e = a ? mul->b : mul->a;
      return set(a ? a : b, IntSet::interval(quotient(from, e), quotient(to, e)),
                 IntSet::interval(zero, floordiv(last, e)));
    }
    if (!analyzer_.can_prove_equal(low, high)) no_pattern(low);
    if (const Var* var = as<Var>(low))
      return set(var, IntSet::interval(from, to), IntSet::interval(zero, last));
    if (const FloorDiv* div = as<FloorDiv>(low)) {
      const Expr& f = div->b;
      if (!analyzer_.can_prove_greater_equal(f, 1)) no_pattern(low);
      auto spread = [&](const Expr& x) { return x ? analyzer_.simplify(x * f + f - 1) : x; };
      Expr scaled = from ? from * f : from;
      if (const Var* var = as<Var>(div->a))
        return set(var, IntSet::interval(scaled, spread(to)), IntSet::interval(zero, spread(last)));
      return solve(div->a, div->a, scaled, spread(to), spread(last));
    }
    if (const FloorMod* mod = as<FloorMod>(low)) {
      if (const Var* var = as<Var>(mod->a)) return set(var, IntSet::nothing(), IntSet::nothing());
      if (!analyzer_.can_prove_greater_equal(mod->b, 1) || !from ||
          !analyzer_.can_prove_greater_equal(from, 0))
        no_pattern(low);
      return solve(mod->a, mod->a, from, nullptr, last);
    }
    if (as<IntImm>(low)) {
      if (from && to && analyzer_.can_prove_equal(low, from) && analyzer_.can_prove_equal(high, to))
        return;
    }
    no_pattern(low);
  }
  [[noreturn]] void no_pattern(const Expr& start) {
    refuse("A region of block {0} starts at {1}, which cannot be solved for its axes",
           {&block_, start.get()});
  }

  const Block& block_;
  arith::Analyzer& analyzer_;
  const bool exactly_;
  const std::vector<size_t>& dims_;
  std::vector<AxisDomain> domains_;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<AxisDomain> solve_axis_domains(
    const Block& block, const BufferSets& provided, const BufferSets& required,
    arith::Analyzer& analyzer, bool exactly, const std::vector<size_t>& dims) {
  detail::AxisSolver solver(block, analyzer, exactly, dims);
  for (const auto& [buffer, regions] : provided) {
    for (const auto& [other, needs] : required) {
      if (other != buffer) continue;
      auto hull = [](const auto& sets) {
        return sets.size() == 1 ? sets[0] : arith::union_region(sets);
      };
      solver.add(*buffer, hull(regions), hull(needs));
    }
  }
  return solver.finish();
}

}  // namespace metaschedule
