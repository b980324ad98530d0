// SPDX-License-Identifier: Apache-2.0
// rolling_buffer.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/primitives/rolling_buffer.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"
#include "metaschedule/script/access_region.h"

namespace metaschedule {

namespace detail {

/// One dimension of what is written in a step of the loop: where it starts and how much of it the
/// step before wrote.
struct RollingDim {
  VarRef var;  // null for a constant start
  int64_t overlap = 0;
  int64_t extent = 0;
};

class BufferRoller {
 public:
  BufferRoller(const ScheduleState& state, BlockRV block, int64_t index)
      : path_(state.path_of(block)), scope_(scope_root(state, path_, false)) {
    const BufferRegion& region = nth_region(self(), index, true);
    old_ = region.buffer;
    refuse_unless(!is_output_block(self(), scope_.block()), "The block {0} is an output block",
                  {&self()});
    find_consumers();
    size_t lowest = common_level();
    check_predicate(lowest);
    // Also what a predicate leaves out at the end has its place in the buffer.
    match(relaxed_region(path_, lowest + 1, region, /*by_predicate=*/false), region);
    auto sized = mutate(*old_);
    std::vector<Expr> shape = old_->shape.vec();
    shape[axis_] = int_imm(shape[axis_]->dtype, dims_[axis_].extent);
    sized->shape = shape;
    new_ = sized;
  }

  void run(ScheduleState& state) {
    Stmt rolled = Roller(*this)(Stmt(scope_.path.back()));
    state.replace(scope_.path, rolled);
  }

 private:
  const BlockRealize& realize() const { return static_cast<const BlockRealize&>(*path_.back()); }
  const Block& self() const { return *realize().block; }

  void find_consumers() {
    int me = scope_.graph().find(self().id);
    for (const Dependency& d : scope_.graph().dependencies) {
      if (d.src != me && d.dst != me) continue;
      refuse_unless(d.kind == DepKind::RAW,
                    "The target block {0} is required to have only RAW dependencies", {&self()});
    }
    consumers_ = scope_.graph().consumers(me);
  }

  /// The level of the lowest statement around the block and its consumers, which must be a loop.
  size_t common_level() const {
    size_t shared = path_.size();
    for (int consumer : consumers_) {
      Path other = scope_.path.prefix(scope_.path.size() - 1);
      find_block_below(*scope_.path.back(), scope_.graph().block(consumer).id, other);
      size_t i = 0;
      while (i < std::min(shared, other.size()) && path_.nodes[i] == other.nodes[i]) ++i;
      shared = i;
    }
    size_t level = shared - 1;
    while (level > 0 && path_.nodes[level]->kind != Kind::For &&
           path_.nodes[level]->kind != Kind::BlockRealize)
      --level;
    if (path_.nodes[level]->kind != Kind::For)
      refuse(fmt::format("rolling_buffer injection is invalid. The block {{0}} should be tiled so "
                         "that the lca of the access location of the target buffer {} is a for "
                         "loop.",
                         old_->name),
             {&self()});
    return level;
  }

  /// A part that each step leaves out is not there when the next step relies on it.
  void check_predicate(size_t lowest) const {
    std::vector<Expr> terms;
    collect_conjuncts(realize().predicate, terms);
    auto uses = [](const Expr& e, const StmtNode* stmt) {
      const For* loop = as<For>(stmt);
      return loop && uses_var(*e, loop->loop_var.get());
    };
    for (const Expr& term : terms) {
      bool outside = false, inside = false;
      for (size_t i = 0; i + 1 < path_.size(); ++i) {
        if (!uses(term, path_.nodes[i])) continue;
        outside = outside || i <= lowest;
        inside = inside || std::any_of(realize().iter_values.begin(), realize().iter_values.end(),
                                       [&](const Expr& e) { return uses(e, path_.nodes[i]); });
      }
      refuse_unless(outside || !inside,
                    "The predicate of block {0} leaves out a part of each step: {1}",
                    {&self(), term.get()});
    }
  }

  [[noreturn]] void no_pattern() const {
    refuse(fmt::format("The region of buffer {} that block {{0}} writes in a step should have at "
                       "least one dimension that matches a rolling pattern such as hh.outer * "
                       "stride + hh.inner.",
                       old_->name),
           {&self()});
  }

  /// `var`, `var * stride` or `var * stride // divisor`.
  RollingDim match_dim(const Range& range) const {
    RollingDim dim;
    auto extent = as_const_int(range.extent);
    if (!extent) no_pattern();
    dim.extent = *extent;
    const ExprNode* at = range.min.get();
    if (as<IntImm>(at)) return dim;
    int64_t stride = 1, divisor = 1;
    if (const FloorDiv* div = as<FloorDiv>(at)) {
      auto by = as_const_int(div->b);
      if (!by || *by <= 0 || !as<Mul>(div->a)) no_pattern();
      divisor = *by;
      at = div->a.get();
    }
    if (const Mul* mul = as<Mul>(at)) {
      auto by = as_const_int(mul->b);
      if (!by || *by <= 0) no_pattern();
      stride = *by;
      at = mul->a.get();
    }
    const Var* var = as<Var>(at);
    if (!var) no_pattern();
    dim.var = VarRef(var);
    dim.overlap = dim.extent - (stride + divisor - 1) / divisor;
    return dim;
  }

  void match(const Ranges& step, const BufferRegion& region) {
    for (const auto& range : step) dims_.push_back(match_dim(*range));
    bool found = false;
    for (const For* loop : path_.loops_above()) {
      for (size_t i = 0; i < dims_.size() && !found; ++i) {
        if (dims_[i].overlap <= 0 || dims_[i].var != loop->loop_var) continue;
        found = true;
        axis_ = i;
        refuse_unless(loop->kind != ForKind::Parallel && is_zero(loop->min),
                      "The loop {1} that block {0} would roll over must run in order, from 0",
                      {&self(), loop});
      }
    }
    if (!found) no_pattern();
    // The steps that are left out are told by the axis at the place of the dimension.
    for (size_t i = 0; i < dims_.size(); ++i) {
      if (!dims_[i].var || dims_[i].overlap <= 0) continue;
      bool own_axis = i < self().iter_vars.size() && is_one(region.region[i]->extent) &&
                      region.region[i]->min.get() == self().iter_vars[i]->var.get();
      refuse_unless(
          own_axis,
          "The block {0} is required to write a point at its axes, dimension by dimension",
          {&self()});
    }
  }

  class Roller : public Rewriter {
   public:
    explicit Roller(const BufferRoller& plan) : plan_(plan) {
      map_.emplace(plan.new_->data.get(), plan.new_);
    }
    Ref<Node> visit(const Node& node) override {
      switch (node.kind) {
        case Kind::BlockRealize:
          return visit_realize(static_cast<const BlockRealize&>(node));
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
    template <class T>
    Ref<Node> visit_access(const T& access) {
      Ref<Node> inner = rewrite_children(access);
      if (access.buffer != plan_.old_) return inner;
      auto copy = mutate(inner ? static_cast<const T&>(*inner) : access);
      copy->buffer = plan_.new_;
      std::vector<Expr> indices = copy->indices.vec();
      Expr& index = indices[plan_.axis_];
      index = floormod(index, int_imm(index->dtype, plan_.dims_[plan_.axis_].extent));
      copy->indices = indices;
      return Ref<T>(copy);
    }

    Ref<Node> visit_realize(const BlockRealize& old) {
      Ref<Node> inner = rewrite_children(old);
      if (old.block->id != plan_.self().id) return inner;
      auto out = mutate(inner ? cast_to<BlockRealize>(*inner) : old);
      for (size_t i = 0; i < plan_.dims_.size(); ++i) {
        const RollingDim& dim = plan_.dims_[i];
        if (!dim.var || dim.overlap <= 0) continue;
        Expr zero = int_imm(dim.var->dtype, 0);
        arith::Analyzer analyzer;
        Expr first =
            analyzer
                .int_set(old.iter_values[i],
                         arith::DomMap{{dim.var.get(), arith::IntSet::interval(zero, zero)}})
                .min();
        Expr is_new = logical_or(lt(dim.var, int_imm(dim.var->dtype, 1)),
                                 ge(first, int_imm(first->dtype, dim.overlap)));
        out->predicate = analyzer.simplify(logical_and(out->predicate, is_new));
      }
      return Ref<BlockRealize>(out);
    }

    Ref<Node> visit_block(const Block& old) {
      Ref<Node> inner = rewrite_children(old);
      auto out = mutate(inner ? cast_to<Block>(*inner) : old);
      if (old.id == plan_.scope_.block().id) {
        std::vector<BufferRef> buffers = out->alloc_buffers.vec();
        for (BufferRef& buffer : buffers)
          if (buffer == plan_.old_) buffer = plan_.new_;
        out->alloc_buffers = buffers;
        return BlockRef(out);
      }
      // Steps of the rolling axis depend on those before.
      std::vector<Ref<IterVar>> axes = out->iter_vars.vec();
      if (plan_.axis_ < axes.size()) {
        auto axis = mutate(axes[plan_.axis_]);
        axis->iter_type = IterType::Opaque;
        axes[plan_.axis_] = axis;
      }
      out->iter_vars = axes;
      AccessRegions found = block_access_region(*out, map_);
      out->reads = updated(out->reads, found.reads);
      out->writes = updated(out->writes, found.writes);
      return BlockRef(out);
    }
    BufferRegions updated(const BufferRegions& regions, const BufferRegions& found) const {
      std::vector<Ref<BufferRegion>> out;
      for (const auto& region : regions) {
        const BufferRegion* now =
            region->buffer == plan_.old_ ? find_region(found, plan_.new_.get()) : nullptr;
        out.push_back(now ? Ref<BufferRegion>(now) : region);
      }
      return out;
    }

    const BufferRoller& plan_;
    BufferVarMap map_;
  };

  Path path_;
  ScopeRoot scope_;
  BufferRef old_, new_;
  std::vector<int> consumers_;
  std::vector<RollingDim> dims_;
  size_t axis_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE void RollingBuffer::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::BufferRoller(state, block, write_buffer_index).run(state);
}

METASCHEDULE_INLINE void RollingBufferMethods::rolling_buffer(BlockRV block,
                                                              int64_t write_buffer_index) {
  static_cast<Schedule*>(this)->run(RollingBuffer{block, write_buffer_index});
}

}  // namespace metaschedule
