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

/// What `solve_axis_domains` gives where `given` and `needed` have one buffer in common, each
/// dimension of it is an axis of `block`, and what `user` needs in a step of its first `depth`
/// loops is a sum of multiples of parts of loops that stays inside; nothing where it is not that.
/// `relax_threads`: loops of threads that share the buffer do not stand still.
inline std::optional<std::vector<AxisDomain>> linear_axis_domains(
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
  std::vector<AxisDomain> out(block.iter_vars.size());
  for (size_t d = 0; d < mine->region.size(); ++d) {
    const Expr& index = mine->region[d]->min;
    const IntImm *size = as<IntImm>(mine->buffer->shape[d]),
                 *width = as<IntImm>(theirs->region[d]->extent);
    size_t axis = 0;
    while (axis < out.size() && !index.same_as(block.iter_vars[axis]->var)) ++axis;
    if (axis == out.size() || !out[axis].dom.is_nothing() || !size || !width ||
        !is_one(mine->region[d]->extent))
      return std::nullopt;
    const Range& all = *block.iter_vars[axis]->dom;
    const IntImm *first = as<IntImm>(all.min), *count = as<IntImm>(all.extent);
    LinearForm form = linear.form_of(theirs->region[d]->min);
    if (!form.known || !first || !count || theirs->region[d]->min->dtype != index->dtype)
      return std::nullopt;
    int64_t low = form.base, high = form.base + width->value - 1, least = 0, most = 0;
    bool moves = false;
    for (size_t i = 0; i < linear.num_parts(); ++i) {
      if (form.factors[i] == 0) continue;
      const int64_t move = form.factors[i] * (linear.part(i).extent - 1);
      if (is_fixed(linear.part(i).loop)) {
        (move < 0 ? least : most) += move;
        moves = true;
      } else if (move < 0) {
        return std::nullopt;
      } else {
        high += move;
      }
    }
    if (low + least < std::max<int64_t>(0, first->value) ||
        high + most >= std::min(size->value, first->value + count->value))
      return std::nullopt;
    Expr min =
        moves ? analyzer.simplify(at_start(theirs->region[d]->min)) : int_imm(index->dtype, low);
    if (min->dtype != index->dtype) return std::nullopt;
    out[axis].dom = arith::IntSet::interval(min, min + (high - low));
  }
  for (size_t i = 0; i < out.size(); ++i)
    if (out[i].dom.is_nothing()) out[i].dom = arith::IntSet::from_range(*block.iter_vars[i]->dom);
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
