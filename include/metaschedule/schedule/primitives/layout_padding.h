// SPDX-License-Identifier: Apache-2.0
// What a layout adds to a buffer, and how it is filled: told as an assumption where the scope never
// writes the buffer, in the nest that writes it where that runs over the buffer row by row, by a
// nest of its own elsewhere.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule::detail {

/// Where the new buffer has elements that the old one has not, and what they are.
struct LayoutPadding {
  BufferRef from, to;
  Ref<IndexMap> inverse;  // from indices of `to`
  Expr where;             // over the inputs of `inverse`
  Ref<IndexMap> value;    // over indices of `to`

  std::vector<Expr> old_indices(const Exprs& at, arith::Analyzer& analyzer) const {
    return arith::map_indices(*inverse, at.vec(), analyzer);
  }
  Expr where_at(const Exprs& at) const {
    VarMap map;
    for (size_t i = 0; i < at.size(); ++i) map.emplace(inverse->initial_indices[i].get(), at[i]);
    return substitute(where, map);
  }
  Expr value_at(const Exprs& at, arith::Analyzer& analyzer) const {
    return arith::map_indices(*value, at.vec(), analyzer)[0];
  }
};

/// Loops and axes over the new buffer.
struct LayoutNest {
  std::vector<VarRef> loops;
  std::vector<Ref<Range>> ranges;
  std::vector<Ref<IterVar>> axes;
  std::vector<Expr> values, at;

  explicit LayoutNest(const LayoutPadding& padding) {
    for (size_t i = 0; i < padding.to->ndim(); ++i) {
      const VarRef& like = padding.inverse->initial_indices[i];
      loops.push_back(make<Var>(like->name, like->dtype));
      values.push_back(loops.back());
      ranges.push_back(make<Range>(int_imm(like->dtype, 0), padding.to->shape[i]));
      VarRef axis = make<Var>("v_" + like->name, like->dtype);
      axes.push_back(make<IterVar>(ranges.back(), axis, IterType::DataPar));
      at.push_back(axis);
    }
  }
  Stmt wrap(Stmt body) const { return loop_nest(loops, ranges, std::move(body)); }
};

inline Stmt assumption_nest(const LayoutPadding& padding) {
  arith::Analyzer analyzer;
  LayoutNest nest(padding);
  Expr padded = eq(load(padding.to, nest.at), padding.value_at(nest.at, analyzer));
  Expr told = logical_or(logical_not(padding.where_at(nest.at)), padded);
  Stmt body = make<Evaluate>(call(kBool, "assume", {told}));
  BlockRef block =
      make<Block>(nest.axes, BufferRegions{point_region(padding.to, nest.at)}, BufferRegions{},
                  fmt::format("buffer_{}_assumptions", padding.to->name), body);
  return nest.wrap(make<BlockRealize>(nest.values, true_(), block));
}

inline Stmt filling_nest(const LayoutPadding& padding) {
  arith::Analyzer analyzer;
  LayoutNest nest(padding);
  Stmt body = make<BufferStore>(padding.to, padding.value_at(nest.at, analyzer), nest.at);
  BlockRef block =
      make<Block>(nest.axes, BufferRegions{}, BufferRegions{point_region(padding.to, nest.at)},
                  fmt::format("buffer_{}_padding", padding.to->name), body);
  return nest.wrap(make<BlockRealize>(nest.values, padding.where_at(nest.values), block));
}

/// A store to the old buffer and the way to it.
struct LayoutWrite {
  std::vector<const StmtNode*> path;  // from the scope's realize to the innermost block realize
  const BufferStore* store;
  /// The loops that the indices use, as positions in `path`: first and past the last.
  size_t begin = 0, end = 0;
  std::vector<Expr> indices;  // in terms of loops
};

class LayoutWriteFinder {
 public:
  LayoutWriteFinder(const StmtNode& scope, const BufferRef& buffer) : buffer_(buffer) {
    visit(scope);
  }
  std::vector<LayoutWrite> writes;

 private:
  void visit(const StmtNode& stmt) {
    path_.push_back(&stmt);
    if (const BlockRealize* realize = as<BlockRealize>(&stmt)) {
      for (size_t i = 0; i < realize->iter_values.size(); ++i)
        bindings_[realize->block->iter_vars[i]->var.get()] =
            substitute(realize->iter_values[i], bindings_);
      if (realize->block->init) visit(*realize->block->init);
    }
    if (const BufferStore* store = as<BufferStore>(&stmt))
      if (store->buffer == buffer_) add(*store);
    for_each_substmt(stmt, [&](const StmtNode& below) { visit(below); });
    path_.pop_back();
  }
  void add(const BufferStore& store) {
    LayoutWrite write{path_, &store, 0, 0, {}};
    while (write.path.back()->kind != Kind::BlockRealize) write.path.pop_back();
    for (const Expr& index : store.indices) write.indices.push_back(substitute(index, bindings_));
    for (size_t i = 0; i < path_.size(); ++i) {
      const For* loop = as<For>(path_[i]);
      if (!loop) continue;
      bool used = std::any_of(write.indices.begin(), write.indices.end(),
                              [&](const Expr& e) { return uses_var(*e, loop->loop_var.get()); });
      if (!used) continue;
      if (write.end == 0) write.begin = i;
      write.end = i + 1;
    }
    writes.push_back(std::move(write));
  }

  const BufferRef& buffer_;
  std::vector<const StmtNode*> path_;
  VarMap bindings_;
};

/// A nest that writes the old buffer row by row, turned to one over the new buffer.
class LayoutReplacement {
 public:
  LayoutReplacement(const LayoutPadding& padding, const LayoutWrite& write)
      : padding_(padding), write_(write) {}

  bool applies() const {
    const auto& realize = static_cast<const BlockRealize&>(*write_.path.back());
    size_t dims = padding_.from->ndim(), level = write_.path.size() - 1;
    if (write_.end == 0 || write_.end - write_.begin != dims || write_.end > level) return false;
    // What else the block writes has no room for the padding.
    if (!is_one(realize.predicate) || child_blocks(*write_.path[write_.begin]).size() != 1 ||
        !child_blocks(*realize.block).empty() || realize.block->writes.size() != 1)
      return false;
    for (size_t i = write_.begin; i < level; ++i) {
      const For* loop = as<For>(write_.path[i]);
      if (!loop || loop->body.get() != write_.path[i + 1]) return false;
    }
    for (size_t d = 0; d < dims; ++d) {
      const auto& loop = static_cast<const For&>(*write_.path[write_.begin + d]);
      if (write_.indices[d].get() != loop.loop_var.get() || !is_zero(loop.min) ||
          !expr_equal(loop.extent, padding_.from->shape[d]) || loop.kind != ForKind::Serial ||
          axis_of(realize, write_.store->indices[d]) < 0)
        return false;
    }
    // Other elements written by the block would not be where the pattern has them.
    LayoutWriteFinder all(*write_.path[write_.begin], padding_.from);
    return std::all_of(all.writes.begin(), all.writes.end(),
                       [&](const LayoutWrite& other) { return same_place(other.store->indices); });
  }

  Stmt build() const {
    const auto& realize = static_cast<const BlockRealize&>(*write_.path.back());
    arith::Analyzer analyzer;
    LayoutNest nest(padding_);
    for (const auto& axis : nest.axes) analyzer.bind(axis->var, axis->dom);
    for (size_t i = 0; i < nest.loops.size(); ++i) analyzer.bind(nest.loops[i], nest.ranges[i]);
    std::vector<Expr> axes_at = padding_.old_indices(nest.at, analyzer);
    std::vector<Expr> loops_at = padding_.old_indices(nest.values, analyzer);
    VarMap axis_map, loop_map;
    std::vector<Ref<IterVar>> axes = nest.axes;
    std::vector<Expr> values = nest.values;
    std::vector<bool> replaced(realize.iter_values.size());
    for (size_t d = 0; d < axes_at.size(); ++d) {
      auto i = static_cast<size_t>(axis_of(realize, write_.store->indices[d]));
      replaced[i] = true;
      axis_map.emplace(realize.block->iter_vars[i]->var.get(), axes_at[d]);
      const auto& loop = static_cast<const For&>(*write_.path[write_.begin + d]);
      loop_map.emplace(loop.loop_var.get(), loops_at[d]);
    }
    for (size_t i = 0; i < replaced.size(); ++i) {
      if (replaced[i]) continue;
      axes.push_back(realize.block->iter_vars[i]);
      values.push_back(substitute(realize.iter_values[i], loop_map));
    }
    BlockRef padded = cast_to<Block>(Padder(*this, nest.at)(Stmt(realize.block)));
    auto block = mutate(cast_to<Block>(substitute(Stmt(padded), axis_map)));
    block->iter_vars = axes;
    block->reads = simplified(block->reads, analyzer);
    block->writes = simplified(block->writes, analyzer);
    Stmt body = make<BlockRealize>(values, true_(), BlockRef(block));
    for (size_t i = write_.path.size() - 1; i-- > write_.end;) {
      auto loop = mutate(static_cast<const For&>(*write_.path[i]));
      loop->min = substitute(loop->min, loop_map);
      loop->extent = substitute(loop->extent, loop_map);
      loop->body = std::move(body);
      body = Stmt(loop);
    }
    return nest.wrap(body);
  }

 private:
  static BufferRegions simplified(const BufferRegions& regions, arith::Analyzer& analyzer) {
    std::vector<Ref<BufferRegion>> out;
    for (const auto& region : regions) {
      std::vector<Ref<Range>> ranges;
      for (const auto& range : region->region)
        ranges.push_back(
            make<Range>(analyzer.simplify(range->min), analyzer.simplify(range->extent)));
      out.push_back(make<BufferRegion>(region->buffer, Ranges(ranges)));
    }
    return out;
  }
  bool same_place(const Exprs& indices) const {
    for (size_t i = 0; i < indices.size(); ++i)
      if (!expr_equal(indices[i], write_.store->indices[i])) return false;
    return true;
  }
  static int axis_of(const BlockRealize& realize, const Expr& index) {
    for (size_t i = 0; i < realize.iter_values.size(); ++i)
      if (realize.block->iter_vars[i]->var.get() == index.get()) return static_cast<int>(i);
    return -1;
  }

  /// Turns what is at the place of the stores to the new buffer, with the padding in.
  class Padder : public Rewriter {
   public:
    Padder(const LayoutReplacement& plan, const Exprs& at) : plan_(plan), at_(at) {}
    Ref<Node> visit(const Node& node) override {
      Ref<Node> inner = rewrite_children(node);
      if (const BufferLoad* old = as<BufferLoad>(&node)) {
        if (old->buffer != plan_.padding_.from || !plan_.same_place(old->indices)) return inner;
        return load(plan_.padding_.to, at_);
      }
      const BufferStore* old = as<BufferStore>(&node);
      if (!old || old->buffer != plan_.padding_.from) return inner;
      arith::Analyzer analyzer;
      auto out = mutate(inner ? cast_to<BufferStore>(*inner) : *old);
      out->buffer = plan_.padding_.to;
      out->indices = at_;
      out->value = if_then_else(plan_.padding_.where_at(at_),
                                plan_.padding_.value_at(at_, analyzer), out->value);
      return Ref<BufferStore>(out);
    }

   private:
    const LayoutReplacement& plan_;
    const Exprs& at_;
  };

  const LayoutPadding& padding_;
  const LayoutWrite& write_;
};

/// Replaces statements by others.
class StmtReplacer : public Rewriter {
 public:
  std::unordered_map<const Node*, Stmt> map;
  Ref<Node> visit(const Node& node) override {
    auto it = map.find(&node);
    if (it != map.end()) return it->second;
    if (is_expr_kind(node.kind)) return nullptr;
    return rewrite_children(node);
  }
};

/// The scope with the padding filled; what it does with the rest of the old buffer stays.
inline Stmt with_padding(const Stmt& scope, const LayoutPadding& padding) {
  const auto& realize = cast_to<BlockRealize>(*scope);
  LayoutWriteFinder found(*scope, padding.from);
  if (found.writes.empty()) {
    auto block = mutate(realize.block);
    block->body = insert_stage(block->body, 0, assumption_nest(padding));
    return with_block(realize, block);
  }
  StmtReplacer replacer;
  for (const LayoutWrite& write : found.writes) {
    LayoutReplacement replacement(padding, write);
    if (replacement.applies() && !replacer.map.count(write.path[write.begin]))
      replacer.map.emplace(write.path[write.begin], replacement.build());
  }
  if (replacer.map.empty()) {
    const LayoutWrite& last = found.writes.back();
    const StmtNode* top = last.end == 0 ? last.path.back() : last.path[last.begin];
    replacer.map.emplace(top, flatten_seq({Stmt(top), filling_nest(padding)}));
  }
  return replacer(scope);
}

}  // namespace metaschedule::detail
