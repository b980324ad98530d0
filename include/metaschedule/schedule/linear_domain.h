// SPDX-License-Identifier: Apache-2.0
// The usual cases of solving for the axes of a block that moves, without the general machinery of
// block_domain.h: what the axes run over, and whether they can be solved for at all.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/schedule/block_domain.h"
#include "metaschedule/schedule/linear_cover.h"
#include "metaschedule/schedule/magnitude.h"

namespace metaschedule::detail {

/// What is known of the axes without the general machinery, and the dimensions that are left to it.
struct LinearDomains {
  std::vector<AxisDomain> axes;
  std::vector<size_t> open;  // dimensions of `buffer`, in order
  std::vector<size_t> open_axes;
  const Buffer* buffer = nullptr;
};

/// What `solve_axis_domains` gives where `given` and `needed` have one buffer in common, each
/// dimension of it is an axis of `block`; nothing where it is not that. A dimension stays open
/// unless what `user` needs in a step of its first `depth` loops is a sum of multiples of parts of
/// loops that stays inside. `relax_threads`: loops of threads that share the buffer do not stand
/// still.
inline std::optional<LinearDomains> linear_axis_domains(
    const Block& block, const BufferRegions& given, const ScopeChild& user,
    const BufferRegions& needed, size_t depth, bool relax_threads, arith::Analyzer& analyzer) {
  LinearChild linear(*user.realize, user.loops, /*ignore_predicate=*/true);
  if (!linear.usable()) return std::nullopt;
  const BufferRegion *mine = nullptr, *theirs = nullptr;
  for (const auto& region : given) {
    for (const auto& other : needed) {
      if (region->buffer != other->buffer) continue;
      if (mine) return std::nullopt;
      mine = region.get();
      theirs = other.get();
    }
  }
  if (!mine) return std::nullopt;
  linear.cut_for(theirs->region);
  const std::string storage_scope = relax_threads ? mine->buffer->scope() : std::string();
  auto is_fixed = [&](size_t loop) {
    return loop < depth && !shares_buffer(*user.loops[loop], storage_scope);
  };
  // An index where the loops that do not stand still are at their start.
  VarMap start, values;
  auto at_start = [&](const Expr& index) {
    if (values.empty()) {
      for (size_t i = 0; i < user.loops.size(); ++i)
        if (!is_fixed(i)) start.emplace(user.loops[i]->loop_var.get(), user.loops[i]->min);
      for (size_t i = 0; i < user.realize->iter_values.size(); ++i)
        values.emplace(user.realize->block->iter_vars[i]->var.get(),
                       substitute(user.realize->iter_values[i], start));
    }
    return substitute(index, values);
  };
  LinearDomains out;
  out.axes.resize(block.iter_vars.size());
  out.buffer = mine->buffer.get();
  std::vector<bool> seen(out.axes.size(), false);
  // The domain of an axis in one dimension, if it is easily told.
  auto solve = [&](size_t d, const IterVar& iter) -> std::optional<arith::IntSet> {
    const IntImm *size = as<IntImm>(mine->buffer->shape[d]),
                 *width = as<IntImm>(theirs->region[d]->extent);
    const IntImm *first = as<IntImm>(iter.dom->min), *count = as<IntImm>(iter.dom->extent);
    const Expr& needs = theirs->region[d]->min;
    if (!size || !width || !first || !count || needs->dtype != iter.var->dtype) return std::nullopt;
    const LinearForm form = linear.form_of(needs);
    if (!form.known) return std::nullopt;
    int64_t low = form.base, high = form.base + width->value - 1, least = 0, most = 0;
    bool moves = false, falls = false;
    for (size_t i = 0; i < linear.num_parts(); ++i) {
      if (form.factors[i] == 0) continue;
      const int64_t move = form.factors[i] * (linear.part(i).extent - 1);
      if (is_fixed(linear.part(i).loop)) {
        (move < 0 ? least : most) += move;
        moves = true;
      } else {
        (move < 0 ? low : high) += move;
        falls = falls || move < 0;
      }
    }
    if ((moves && falls) || low + least < std::max<int64_t>(0, first->value) ||
        high + most >= std::min(size->value, first->value + count->value))
      return std::nullopt;
    Expr min = moves ? analyzer.simplify(at_start(needs)) : int_imm(needs->dtype, low);
    if (min->dtype != needs->dtype) return std::nullopt;
    return arith::IntSet::interval(min, min + (high - low));
  };
  for (size_t d = 0; d < mine->region.size(); ++d) {
    size_t axis = 0;
    while (axis < seen.size() && !mine->region[d]->min.same_as(block.iter_vars[axis]->var)) ++axis;
    if (axis == seen.size() || seen[axis] || !is_one(mine->region[d]->extent)) return std::nullopt;
    seen[axis] = true;
    if (auto found = solve(d, *block.iter_vars[axis])) {
      out.axes[axis].dom = std::move(*found);
    } else {
      out.open.push_back(d);
      out.open_axes.push_back(axis);
    }
  }
  for (size_t i = 0; i < seen.size(); ++i)
    if (!seen[i]) out.axes[i].dom = arith::IntSet::from_range(*block.iter_vars[i]->dom);
  return out;
}

/// True when each dimension of each region is an axis of the block of its own.
inline bool has_plain_regions(const Block& block, const BufferRegions& regions) {
  auto is_axis = [&](const Expr& e) {
    return std::any_of(block.iter_vars.begin(), block.iter_vars.end(),
                       [&](const auto& iter) { return e.same_as(iter->var); });
  };
  for (const auto& region : regions) {
    std::vector<const Node*> seen;
    for (const auto& range : region->region) {
      const Node* min = range->min.get();
      if (!is_axis(range->min) || !is_one(range->extent) ||
          std::find(seen.begin(), seen.end(), min) != seen.end())
        return false;
      seen.push_back(min);
    }
  }
  return true;
}

/// True when the regions of the block at the end of `path` that have buffers in common with `given`
/// are plain arithmetic over loops of constant extents.
inline bool is_bounded_use(const Path& path, const BufferRegions& regions,
                           const BufferRegions& given) {
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const auto of_loop = [&](const Var* var) {
    for (const StmtNode* above : path.nodes) {
      const For* loop = as<For>(above);
      if (!loop || loop->loop_var.get() != var) continue;
      const IntImm* extent = as<IntImm>(loop->extent);
      return extent && is_zero(loop->min) ? static_cast<double>(extent->value) : kNoMagnitude;
    }
    return kNoMagnitude;
  };
  const auto of_axis = [&](const Var* var) {
    for (size_t i = 0; i < realize.iter_values.size(); ++i)
      if (realize.block->iter_vars[i]->var.get() == var)
        return magnitude_of(*realize.iter_values[i], of_loop);
    return kNoMagnitude;
  };
  for (const auto& region : regions) {
    bool wanted = std::any_of(given.begin(), given.end(),
                              [&](const auto& mine) { return mine->buffer == region->buffer; });
    if (!wanted) continue;
    for (const auto& range : region->region) {
      double reach = magnitude_of(*range->min, of_axis) + magnitude_of(*range->extent, of_axis);
      if (reach >= kSafeMagnitude) return false;
    }
  }
  return true;
}

}  // namespace metaschedule::detail
