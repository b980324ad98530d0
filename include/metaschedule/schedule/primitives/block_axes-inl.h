// SPDX-License-Identifier: Apache-2.0
// reorder_block_iter_var and transform_block_layout.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/primitives/block_axes.h"
#include "metaschedule/schedule/primitives/buffer_shapes.h"
#include "metaschedule/schedule/primitives/loop_checks.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

/// Brings indices of buffers and starts of regions to the normal form of iteration maps.
class AccessSimplifier : public Rewriter {
 public:
  explicit AccessSimplifier(arith::Analyzer& analyzer) : analyzer_(analyzer) {}

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::For: {
        const auto& loop = static_cast<const For&>(node);
        return within({{loop.loop_var, make<Range>(loop.min, loop.extent)}}, node);
      }
      case Kind::Block: {
        arith::IterRanges axes;
        for (const auto& iter : static_cast<const Block&>(node).iter_vars)
          axes.emplace_back(iter->var, iter->dom);
        return within(axes, node);
      }
      case Kind::BufferLoad:
        return simplify_indices<BufferLoad>(node);
      case Kind::BufferStore:
        return simplify_indices<BufferStore>(node);
      case Kind::BufferRegion:
        return simplify_region(static_cast<const BufferRegion&>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  Ref<Node> within(const arith::IterRanges& more, const Node& node) {
    size_t before = iters_.size();
    iters_.insert(iters_.end(), more.begin(), more.end());
    Ref<Node> out = rewrite_children(node);
    iters_.resize(before);
    return out;
  }
  std::vector<Expr> simplified(const std::vector<Expr>& indices) {
    std::vector<Expr> out = arith::iter_map_simplify(indices, iters_, true_(),
                                                     arith::IterMapLevel::Surjective, analyzer_);
    // An axis of extent one keeps its name.
    for (size_t i = 0; i < out.size(); ++i)
      if (as<Var>(indices[i])) out[i] = indices[i];
    return out;
  }
  template <class T>
  Ref<Node> simplify_indices(const Node& node) {
    Ref<Node> inside = rewrite_children(node);
    auto out = mutate(inside ? cast_to<T>(*inside) : static_cast<const T&>(node));
    out->indices = simplified(out->indices.vec());
    return Ref<T>(out);
  }
  Ref<Node> simplify_region(const BufferRegion& region) {
    std::vector<Expr> mins;
    for (const auto& range : region.region) mins.push_back(range->min);
    mins = simplified(mins);
    std::vector<Ref<Range>> ranges;
    for (size_t i = 0; i < mins.size(); ++i)
      ranges.push_back(make<Range>(mins[i], analyzer_.simplify(region.region[i]->extent)));
    return make<BufferRegion>(region.buffer, ranges);
  }

  arith::Analyzer& analyzer_;
  arith::IterRanges iters_;
};

/// The kind of an axis with this value; refuses a mixture.
inline IterType type_of_axis(const Expr& value, const Expr& extent, const Block& block) {
  if (is_one(extent)) return IterType::DataPar;
  std::optional<IterType> type;
  bool mixed = false;
  for (const auto& iter : block.iter_vars) {
    if (!uses_var(*value, iter->var.get())) continue;
    mixed = mixed || (type && *type != iter->iter_type);
    type = iter->iter_type;
  }
  refuse_unless(!mixed && type != IterType::Opaque,
                "Cannot detect the type of the new axis {1} of block {0} because it contains more "
                "than one type of original axes",
                {&block, value.get()});
  return type.value_or(IterType::DataPar);
}

/// The loops around a block that are its axes one by one; refuses others.
inline std::vector<const For*> loops_as_axes(const Path& path) {
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  std::vector<const For*> loops = path.loops_above();
  for (const For* loop : loops) check_starts_at_zero(*loop);
  if (!loops.empty())
    refuse_unless(child_blocks(*loops[0]).size() == 1,
                  "The loop {0} is required to have only one child block", {loops[0]});
  bool trivial = loops.size() == realize.iter_values.size();
  for (size_t i = 0; trivial && i < loops.size(); ++i)
    trivial = realize.iter_values[i].get() == loops[i]->loop_var.get();
  refuse_unless(
      trivial && is_one(realize.predicate),
      "The binding values of the block {0} are not the variables of its loops, one by one",
      {realize.block.get()});
  return loops;
}

}  // namespace detail

METASCHEDULE_INLINE void ReorderBlockIterVar::apply(ScheduleState& state,
                                                    std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  size_t n = realize.iter_values.size();
  std::vector<int64_t> sorted = new_order;
  std::sort(sorted.begin(), sorted.end());
  bool valid = sorted.size() == n;
  for (size_t i = 0; valid && i < n; ++i) valid = sorted[i] == static_cast<int64_t>(i);
  if (!valid) {
    refuse(fmt::format("Reorder order [{}] is not a permutation of the {} axes of block {{0}}",
                       fmt::join(new_order, ", "), n),
           {realize.block.get()});
  }
  std::vector<Ref<IterVar>> axes;
  std::vector<Expr> values;
  for (int64_t old : new_order) {
    axes.push_back(realize.block->iter_vars[static_cast<size_t>(old)]);
    values.push_back(realize.iter_values[static_cast<size_t>(old)]);
  }
  auto copy = mutate(realize.block);
  copy->iter_vars = axes;
  auto out = mutate(realize);
  out->iter_values = values;
  out->block = copy;
  state.replace(path, Stmt(out));
}

METASCHEDULE_INLINE void TransformBlockLayout::apply(ScheduleState& state,
                                                     std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Block& old = *realize.block;
  std::vector<const For*> loops = detail::loops_as_axes(path);
  if (index_map->initial_indices.size() != old.iter_vars.size()) {
    refuse(fmt::format("The index map is not applicable to block {{0}}: it has {} inputs, the "
                       "block {} axes",
                       index_map->initial_indices.size(), old.iter_vars.size()),
           {&old});
  }
  arith::Analyzer analyzer;
  for (const auto& [param, declared] : state.function(path).buffer_map)
    for (const Expr& extent : cast_to<Buffer>(declared)->shape)
      if (!as<IntImm>(extent)) analyzer.mark_global_non_negative(extent);
  std::vector<Expr> axes, extents;
  arith::IterRanges domains;
  for (const auto& iter : old.iter_vars) {
    axes.push_back(iter->var);
    extents.push_back(iter->dom->extent);
    domains.emplace_back(iter->var, iter->dom);
  }
  const Ref<IndexMap> map = state.evaluate(index_map);
  std::vector<Expr> values = arith::map_indices(*map, axes, analyzer);
  std::vector<Expr> shape = arith::map_shape(*map, extents, analyzer);
  std::vector<Ref<IterVar>> new_axes;
  std::vector<Expr> new_vars, loop_vars;
  for (size_t i = 0; i < values.size(); ++i) {
    DType dtype = values[i]->dtype;
    VarRef var = make<Var>(fmt::format("v{}", i), dtype);
    new_axes.push_back(make<IterVar>(make<Range>(int_imm(dtype, 0), cast(dtype, shape[i])), var,
                                     detail::type_of_axis(values[i], shape[i], old)));
    new_vars.push_back(var);
    loop_vars.push_back(make<Var>(fmt::format("ax{}", i), dtype));
  }
  // An output like i % 2 of an axis of one element has more values than there are.
  Expr points = i32(1), new_points = i32(1);
  for (const Expr& extent : extents) points = points * extent;
  for (const Expr& extent : shape) new_points = new_points * extent;
  bool as_many = analyzer.can_prove_equal(points, new_points);
  auto found = arith::detect_iter_map(values, domains, true_(), arith::IterMapLevel::Bijective,
                                      analyzer, true);
  VarMap inverse;
  bool solved = as_many && static_cast<bool>(found);
  try {
    if (solved) inverse = arith::inverse_affine_iter_map(found.indices, new_vars, analyzer);
  } catch (const ValueError&) {
    solved = false;
  }
  refuse_unless(solved, "The index map {1} is not a bijective affine map of the axes of block {0}",
                {&old, index_map.get()});
  for (const auto& iter : old.iter_vars)
    inverse.emplace(iter->var.get(), int_imm(iter->var->dtype, 0));

  auto renewed =
      mutate(cast_to<Block>(substitute(detail::substitute_shapes(Stmt(&old), inverse), inverse)));
  renewed->iter_vars = new_axes;
  BlockRef simple = detail::AccessSimplifier(analyzer)(BlockRef(renewed));
  Stmt nest = make<BlockRealize>(loop_vars, realize.predicate, simple);
  for (size_t i = loop_vars.size(); i-- > 0;) {
    nest = make<For>(cast_to<Var>(loop_vars[i]), int_imm(loop_vars[i]->dtype, 0),
                     new_axes[i]->dom->extent, ForKind::Serial, nest);
  }
  size_t level = path.size() - 1;
  if (!loops.empty())
    while (path.nodes[level] != loops[0]) --level;
  state.replace(path, level, nest);
}

METASCHEDULE_INLINE void BlockAxesMethods::reorder_block_iter_var(BlockRV block,
                                                                  std::vector<int64_t> new_order) {
  static_cast<Schedule*>(this)->run(ReorderBlockIterVar{block, std::move(new_order)});
}
METASCHEDULE_INLINE void BlockAxesMethods::transform_block_layout(BlockRV block,
                                                                  Ref<IndexMap> index_map) {
  static_cast<Schedule*>(this)->run(TransformBlockLayout{block, std::move(index_map)});
}

}  // namespace metaschedule
