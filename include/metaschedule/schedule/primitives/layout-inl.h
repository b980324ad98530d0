// SPDX-License-Identifier: Apache-2.0
// transform_layout.
#pragma once

#include <fmt/format.h>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/dtype_format.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/layout.h"
#include "metaschedule/schedule/primitives/layout_padding.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"
#include "metaschedule/script/access_region.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace detail {

// Replaces a buffer by one of another layout below a block.
class LayoutRewriter : public Rewriter {
 public:
  LayoutRewriter(const BufferRef& from, const BufferRef& to, const IndexMap& map,
                 std::vector<BufferRef> visible)
      : from_(from), to_(to), map_(map), visible_(std::move(visible)) {}

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::For: {
        const auto& loop = static_cast<const For&>(node);
        enter(loop.loop_var, make<Range>(loop.min, loop.extent));
        return rewrite_children(node);
      }
      case Kind::IfThenElse: {
        const auto& branch = static_cast<const IfThenElse&>(node);
        Expr condition = (*this)(branch.condition);
        conditions_.push_back(condition);
        Stmt then_case = (*this)(branch.then_case), else_case = branch.else_case;
        conditions_.back() = logical_not(condition);
        if (else_case) else_case = (*this)(else_case);
        conditions_.pop_back();
        return make<IfThenElse>(condition, then_case, else_case);
      }
      case Kind::Block:
        return visit_block(static_cast<const Block&>(node));
      case Kind::BufferLoad:
        return visit_access(static_cast<const BufferLoad&>(node));
      case Kind::BufferStore:
        return visit_access(static_cast<const BufferStore&>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  void enter(const VarRef& var, const Ref<Range>& range) {
    iters_.emplace_back(var, range);
    analyzer_.bind(var, range, true);
  }

  template <class T>
  Ref<Node> visit_access(const T& access) {
    Ref<Node> inner = rewrite_children(access);
    if (access.buffer != from_) return inner;
    auto copy = mutate(inner ? static_cast<const T&>(*inner) : access);
    copy->buffer = to_;
    std::vector<Expr> mapped = arith::map_indices(map_, copy->indices.vec(), analyzer_);
    Expr predicate = true_();
    for (const Expr& condition : conditions_) predicate = logical_and(predicate, condition);
    std::vector<Expr> indices = arith::iter_map_simplify(
        mapped, iters_, predicate, arith::IterMapLevel::Surjective, analyzer_);
    // An axis of one element stays an axis.
    for (size_t i = 0; i < indices.size(); ++i)
      if (as<IntImm>(indices[i]) && as<Var>(mapped[i])) indices[i] = mapped[i];
    copy->indices = indices;
    return Ref<T>(copy);
  }

  Ref<Node> visit_block(const Block& block) {
    for (const auto& iter : block.iter_vars) enter(iter->var, iter->dom);
    size_t visible = visible_.size();
    for (const auto& buffer : block.alloc_buffers) visible_.push_back(buffer);
    for (const auto& match : block.match_buffers) visible_.push_back(match->buffer);
    Ref<Node> inner = rewrite_children(block);
    BlockRef out(inner ? static_cast<const Block*>(inner.get()) : &block);
    bool declared = reads_buffer(block, from_.get()) || writes_buffer(block, from_.get());
    bool allocates = false;
    std::vector<BufferRef> buffers = block.alloc_buffers.vec();
    for (BufferRef& buffer : buffers) {
      if (buffer != from_) continue;
      buffer = to_;
      allocates = true;
    }
    if (declared || allocates) {
      auto copy = mutate(*out);
      copy->alloc_buffers = buffers;
      if (declared) derive_regions(*copy);
      out = copy;
    }
    visible_.resize(visible);
    return out.get() == &block ? nullptr : Ref<Node>(out);
  }

  // The regions of the new buffer from the accesses in the block.
  void derive_regions(Block& block) {
    std::vector<BufferRef> known = visible_;
    known.push_back(to_);
    auto probe = mutate(block);
    probe->reads = {};
    probe->writes = {};
    BlockRef probe_block = probe;
    std::vector<Expr> values;
    for (const auto& iter : block.iter_vars) values.push_back(iter->var);
    Stmt found = infer_access_regions(make<BlockRealize>(values, true_(), probe_block), known,
                                      {{probe_block.get(), 3}});
    const Block& with_regions = block_of(*found);
    auto update = [&](BufferRegions& regions, const BufferRegions& derived) {
      std::vector<Ref<BufferRegion>> out;
      const BufferRegion* region = find_region(derived, to_.get());
      for (const auto& old : regions) {
        if (old->buffer != from_) {
          out.push_back(old);
        } else if (region) {
          out.emplace_back(region);
        }
      }
      regions = out;
    };
    update(block.reads, with_regions.reads);
    update(block.writes, with_regions.writes);
  }

  BufferRef from_, to_;
  const IndexMap& map_;
  std::vector<BufferRef> visible_;
  arith::IterRanges iters_;
  std::vector<Expr> conditions_;
  arith::Analyzer analyzer_;
};

inline void check_pad_value(const IndexMap& value, const Buffer& buffer) {
  if (value.final_indices.size() != 1)
    refuse(fmt::format("The padding of buffer {} is expected to be one value, but {} are given",
                       buffer.name, value.final_indices.size()));
  const Expr& padding = value.final_indices[0];
  if (padding->dtype != buffer.dtype)
    refuse(fmt::format("Type mismatch {} vs {}: the buffer {} and the value of its padding",
                       buffer.dtype, padding->dtype, buffer.name));
  bool loads = any_node(*padding, [](const Node& node) { return node.kind == Kind::BufferLoad; });
  if (loads)
    refuse(fmt::format("The padding of buffer {} must not load from a buffer", buffer.name));
}

inline bool is_view(const StmtNode& root, const Buffer* buffer) {
  for (const BlockRealize* realize : all_blocks(root))
    for (const auto& match : realize->block->match_buffers)
      if (match->buffer.get() == buffer) return true;
  return false;
}
/// A view of a part of the buffer has the layout of that part.
inline void check_no_views(const StmtNode& scope, const Buffer& buffer) {
  for (const BlockRealize* realize : all_blocks(scope))
    for (const auto& match : realize->block->match_buffers)
      if (match->source->buffer.get() == &buffer)
        refuse(fmt::format("The block {{0}} matches a part of the buffer {}, whose layout is "
                           "expected to be no view's",
                           buffer.name),
               {realize->block.get()});
}

}  // namespace detail

METASCHEDULE_INLINE void TransformLayout::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  BufferRef old = nth_region(block_of(*path.back()), buffer.index, buffer.is_write).buffer;
  if (detail::is_view(*path.nodes[0], old.get()))
    refuse(
        fmt::format("The input buffer {} is defined in `match_buffer` of a block, it is expected "
                    "to be a function parameter or allocated by a block",
                    old->name));
  const PrimFunc& func = state.function(path);
  arith::Analyzer analyzer;
  for (const auto& [param, declared] : func.buffer_map)
    for (const Expr& extent : cast_to<Buffer>(declared)->shape)
      if (!as<IntImm>(extent)) analyzer.mark_global_non_negative(extent);
  Ref<IndexMap> map = state.evaluate(index_map);
  if (!old->shape.empty()) map = arith::with_index_dtype(*map, old->shape[0]->dtype);
  check<ValueError>(map->initial_indices.size() == old->ndim(),
                    "transform_layout: expected a map of {} indices, found {}", old->ndim(),
                    map->initial_indices.size());
  const Ref<IndexMap> pad = state.evaluate(pad_value);
  if (pad) detail::check_pad_value(*pad, *old);
  detail::LayoutPadding padding{old, nullptr, nullptr, false_(), pad};
  if (!assume_injective_transform) {
    std::vector<Ref<Range>> ranges;
    for (const Expr& extent : old->shape)
      ranges.push_back(make<Range>(int_imm(extent->dtype, 0), extent));
    std::tie(padding.inverse, padding.where) =
        arith::non_surjective_inverse(*map, ranges, analyzer);
    if (!is_zero(padding.where) && !pad)
      refuse(
          fmt::format("The transformation would introduce padding wherever {} is true, on buffer "
                      "{}; no value for it is given",
                      to_script(padding.where), old->name));
  }

  auto changed = mutate(*old);
  changed->shape = arith::map_shape(*map, old->shape.vec(), analyzer);
  BufferRef now = changed;
  padding.to = now;
  int level = allocating_block(path, old.get());
  bool is_param = level < 0;
  if (is_param) level = path.enclosing_block();
  if (level < 0) level = 0;
  std::vector<BufferRef> visible;
  for (const auto& [param, declared] : func.buffer_map)
    if (declared.get() != old.get()) visible.push_back(cast_to<Buffer>(declared));
  for (int i = 0; i < level; ++i) {
    if (path.nodes[static_cast<size_t>(i)]->kind != Kind::BlockRealize) continue;
    for (const auto& b : block_of(*path.nodes[static_cast<size_t>(i)]).alloc_buffers)
      visible.push_back(b);
  }
  Stmt scope(path.nodes[static_cast<size_t>(level)]);
  detail::check_no_views(*scope, *old);
  if (!is_zero(padding.where)) {
    check<ValueError>(pad->initial_indices.size() == now->ndim(),
                      "transform_layout: expected a pad_value of {} indices, found {}", now->ndim(),
                      pad->initial_indices.size());
    // The dtype of indices is not that of the value.
    auto value = mutate(*arith::with_index_dtype(*pad, now->shape[0]->dtype));
    value->final_indices = Exprs{cast(now->dtype, value->final_indices[0])};
    padding.value = value;
    scope = detail::with_padding(scope, padding);
  }
  Stmt rewritten = detail::LayoutRewriter(old, now, *map, std::move(visible))(scope);
  state.replace(path, static_cast<size_t>(level), std::move(rewritten));
  if (!is_param) return;
  auto new_func = mutate(state.function(path));
  for (auto& [param, declared] : new_func->buffer_map)
    if (declared.get() == old.get()) declared = now;
  auto module = mutate(state.program);
  module->functions[path.function].second = PrimFuncRef(new_func);
  state.program = module;
}

METASCHEDULE_INLINE void LayoutMethods::transform_layout(BlockRV block, BufferArg buffer,
                                                         Ref<IndexMap> index_map,
                                                         Ref<IndexMap> pad_value,
                                                         bool assume_injective_transform) {
  static_cast<Schedule*>(this)->run(TransformLayout{
      block, buffer, std::move(index_map), std::move(pad_value), assume_injective_transform});
}

}  // namespace metaschedule
