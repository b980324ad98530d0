// SPDX-License-Identifier: Apache-2.0
// rfactor: a reduction in two steps, the first of which keeps one of its loops apart.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/schedule/primitives/decompose_reduction-inl.h"
#include "metaschedule/schedule/primitives/loop_checks.h"
#include "metaschedule/schedule/reducer.h"

namespace metaschedule {

namespace detail {

/// Which loops take part in axes of which kind.
struct LoopUse {
  std::vector<const Var*> spatial, reduce;

  explicit LoopUse(const BlockRealize& realize) {
    for (size_t i = 0; i < realize.iter_values.size(); ++i) {
      IterType type = realize.block->iter_vars[i]->iter_type;
      if (type != IterType::DataPar && type != IterType::CommReduce) continue;
      auto& list = type == IterType::DataPar ? spatial : reduce;
      post_order(*realize.iter_values[i], [&](const Node& node) {
        if (const Var* var = as<Var>(&node)) list.push_back(var);
      });
    }
  }
  static bool has(const std::vector<const Var*>& list, const For& loop) {
    return std::find(list.begin(), list.end(), loop.loop_var.get()) != list.end();
  }
  bool is_spatial(const For& loop) const { return has(spatial, loop); }
  bool is_reduce(const For& loop) const { return has(reduce, loop); }
};

inline void check_single_block(const For& loop) {
  refuse_unless(child_blocks(loop).size() == 1,
                "The loop {0} is required to have only one child block", {&loop});
}

inline void check_rfactor_loops(const LoopStack& loops, const For& rf_loop, const Block& block,
                                const LoopUse& use) {
  refuse_unless(child_blocks(*loops[0])[0]->block.get() == &block,
                "The first child block of the outermost loop {0} is not the reduction block.",
                {loops[0]});
  bool in_reduction = false;
  for (const For* loop : loops) {
    bool spatial = use.is_spatial(*loop), reduce = use.is_reduce(*loop);
    refuse_unless(!spatial || !reduce,
                  "It is not allowed for the loop {0} to be touched by both data parallel and "
                  "reduction block iters",
                  {loop});
    refuse_unless(!spatial || loop != &rf_loop,
                  "The loop to be applied rfactor is {0}, which is required not to be touched by "
                  "any data parallel block iter of the block below. However, some of the block's "
                  "data parallel block iters touch this loop",
                  {loop});
    if (reduce && !in_reduction) {
      check_single_block(*loop);
      in_reduction = true;
    }
    refuse_unless(spatial || reduce || !in_reduction || is_one(loop->extent),
                  "The loop {0} has extent greater than one, but is under a reduction loop without "
                  "being used by any block iter",
                  {loop});
  }
}

/// The buffer of partial results has one element for each step of the loop, from 0, and each of
/// them is read: refuses a loop that starts elsewhere, or that has steps without a reduction.
inline void check_rfactor_range(const LoopStack& loops, const For& rf_loop,
                                const BlockRealize& realize, const LoopUse& use) {
  check_starts_at_zero(rf_loop);
  if (is_one(realize.predicate)) return;
  arith::Analyzer analyzer;
  VarMap first;
  LoopStack gone;
  for (const For* loop : loops) {
    analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    if (!use.is_reduce(*loop)) continue;
    gone.push_back(loop);
    if (loop != &rf_loop) first.emplace(loop->loop_var.get(), loop->min);
  }
  // In the steps that the write-back makes, too.
  auto scope = analyzer.with_constraint(predicate_without(realize.predicate, gone));
  refuse_unless(
      analyzer.can_prove(substitute(realize.predicate, first)),
      "Some steps of the loop {0} may do nothing: the predicate of block {1} may not hold "
      "for any of the other reduction loops",
      {&rf_loop, realize.block.get()});
}

class RFactorPlan {
 public:
  RFactorPlan(const BlockRealize& realize, LoopStack loops, const For& rf_loop,
              BlockReduction reduction, size_t axis)
      : realize_(realize),
        block_(*realize.block),
        loops_(std::move(loops)),
        rf_loop_(rf_loop),
        reduction_(std::move(reduction)),
        axis_(axis) {
    for (const auto& update : reduction_.updates) buffers.push_back(rf_buffer(*update->buffer));
    make_rf_block();
    make_write_back();
  }

  std::vector<BufferRef> buffers;
  Stmt rf_nest;
  BlockId rf_id = 0;
  Stmt write_back;  // the realize that replaces the block's

 private:
  BufferRef rf_buffer(const Buffer& buffer) const {
    auto out = mutate(buffer);
    std::vector<Expr> shape = buffer.shape.vec();
    shape.insert(shape.begin() + static_cast<long>(axis_), rf_loop_.extent);
    out->shape = shape;
    out->name += ".rf";
    out->data = renamed_var(buffer.data, ".rf");
    return out;
  }
  static Ref<IterVar> axis_of(const For& loop, IterType type) {
    return make<IterVar>(make<Range>(loop.min, loop.extent),
                         make<Var>("v" + loop.loop_var->name, loop.loop_var->dtype), type);
  }
  std::vector<Expr> with_rf_index(const Exprs& indices, const Expr& index) const {
    std::vector<Expr> out = indices.vec();
    out.insert(out.begin() + static_cast<long>(axis_), index);
    return out;
  }

  /// One store, or let statements around as many stores as there are buffers.
  static Stmt stores(const std::vector<BufferRef>& to, const std::vector<Expr>& values,
                     const std::vector<Expr>& indices, bool by_let) {
    std::vector<Stmt> out;
    std::vector<VarRef> vars;
    for (size_t i = 0; i < to.size(); ++i) {
      if (by_let) vars.push_back(make<Var>("v_" + to[i]->name, values[i]->dtype));
      out.push_back(make<BufferStore>(to[i], by_let ? Expr(vars[i]) : values[i], indices));
    }
    Stmt body = flatten_seq(out);
    for (size_t i = vars.size(); i-- > 0;) body = make<LetStmt>(vars[i], values[i], body);
    return body;
  }
  Stmt make_init(const std::vector<BufferRef>& to, const std::vector<Expr>& indices) const {
    return stores(to, reduction_.reducer->identity_element.vec(), indices, false);
  }

  void make_rf_block() {
    std::vector<Ref<IterVar>> axes = {axis_of(rf_loop_, IterType::DataPar)};
    std::vector<Expr> values = {rf_loop_.loop_var};
    rf_axis_ = axes[0]->var;
    VarMap axis_of_loop = {{rf_loop_.loop_var.get(), rf_axis_}};
    VarMap axis_map;
    for (size_t i = 0; i < block_.iter_vars.size(); ++i) {
      const Ref<IterVar>& iter = block_.iter_vars[i];
      const Expr& value = realize_.iter_values[i];
      if (iter->iter_type == IterType::DataPar || !uses_var(*value, rf_loop_.loop_var.get())) {
        axes.push_back(iter);
        values.push_back(value);
        continue;
      }
      // An axis that the rf loop is a part of: one axis for each of its other loops.
      for_each_loop_in(*value, [&](const For& loop) {
        if (axis_of_loop.count(loop.loop_var.get())) return;
        axes.push_back(axis_of(loop, IterType::CommReduce));
        values.push_back(loop.loop_var);
        axis_of_loop.emplace(loop.loop_var.get(), axes.back()->var);
      });
      axis_map.emplace(iter->var.get(), substitute(value, axis_of_loop));
    }
    bool reduces = std::any_of(axes.begin(), axes.end(), [](const auto& axis) {
      return axis->iter_type == IterType::CommReduce;
    });
    std::vector<Expr> indices = with_rf_index(reduction_.updates[0]->indices, rf_axis_);
    std::vector<Expr> results = reduction_.rhs;
    if (reduces) {
      std::vector<Expr> old;
      for (const BufferRef& buffer : buffers) old.push_back(make<BufferLoad>(buffer, indices));
      results = reduction_.combine(old, results);
    }
    Stmt body = substitute(stores(buffers, results, indices, buffers.size() > 1), axis_map);
    Stmt init = reduces ? substitute(make_init(buffers, indices), axis_map) : Stmt();
    std::vector<Ref<BufferRegion>> reads, writes;
    for (const auto& region : block_.reads) reads.push_back(substitute(region, axis_map));
    for (const auto& region : block_.writes)
      writes.push_back(substitute(rf_region(*region), axis_map));
    BlockRef block = make<Block>(axes, reads, writes, block_.name_hint + "_rf", body, init,
                                 List<Buffer>{}, List<MatchBufferRegion>{}, block_.annotations);
    rf_id = block->id;
    wrap_rf_block(values, block);
  }

  template <class F>
  void for_each_loop_in(const ExprNode& value, F&& f) const {
    post_order(value, [&](const Node& node) {
      for (const For* loop : loops_)
        if (loop->loop_var.get() == &node) f(*loop);
    });
  }

  Ref<BufferRegion> rf_region(const BufferRegion& region) const {
    std::vector<Ref<Range>> ranges = region.region.vec();
    ranges.insert(ranges.begin() + static_cast<long>(axis_),
                  make<Range>(rf_axis_, int_imm(rf_axis_->dtype, 1)));
    size_t i = 0;
    while (i < buffers.size() && reduction_.updates[i]->buffer != region.buffer) ++i;
    refuse_unless(i < buffers.size(), "The block {0} writes a buffer that it does not reduce into",
                  {&block_});
    return make<BufferRegion>(buffers[i], ranges);
  }

  /// Copies of all loops around the rf block.
  void wrap_rf_block(const std::vector<Expr>& values, BlockRef block) {
    VarMap loop_map;
    std::vector<VarRef> vars;
    for (const For* loop : loops_) {
      vars.push_back(renamed_var(loop->loop_var));
      loop_map.emplace(loop->loop_var.get(), vars.back());
    }
    std::vector<Expr> bound;
    for (const Expr& value : values) bound.push_back(substitute(value, loop_map));
    rf_nest = make<BlockRealize>(bound, substitute(realize_.predicate, loop_map), std::move(block));
    for (size_t i = loops_.size(); i-- > 0;) {
      auto loop = mutate(*loops_[i]);
      loop->loop_var = vars[i];
      if (loop->thread_binding) {
        auto thread = mutate(loop->thread_binding);
        thread->var = renamed_var(thread->var);
        loop->thread_binding = thread;
      }
      loop->min = substitute(loop->min, loop_map);
      loop->extent = substitute(loop->extent, loop_map);
      loop->body = rf_nest;
      rf_nest = loop;
    }
  }

  void make_write_back() {
    std::vector<Ref<IterVar>> axes = {axis_of(rf_loop_, IterType::CommReduce)};
    std::vector<Expr> values = {rf_loop_.loop_var};
    VarMap axis_map = {{rf_axis_.get(), axes[0]->var}};
    for (size_t i = 0; i < block_.iter_vars.size(); ++i) {
      const IterVar& iter = *block_.iter_vars[i];
      if (iter.iter_type != IterType::DataPar) continue;
      axes.push_back(make<IterVar>(iter.dom, renamed_var(iter.var), IterType::DataPar));
      values.push_back(realize_.iter_values[i]);
      axis_map.emplace(iter.var.get(), axes.back()->var);
    }
    std::vector<BufferRef> targets;
    std::vector<Expr> old, parts;
    std::vector<Ref<BufferRegion>> reads, writes;
    const Exprs& indices = reduction_.updates[0]->indices;
    Exprs to(substituted(indices.vec(), axis_map));
    Exprs from(substituted(with_rf_index(indices, rf_axis_), axis_map));
    for (size_t i = 0; i < buffers.size(); ++i) {
      targets.push_back(reduction_.updates[i]->buffer);
      old.push_back(make<BufferLoad>(targets[i], to));
      parts.push_back(make<BufferLoad>(buffers[i], from));
      writes.push_back(point_region(targets[i], to));
      reads.push_back(point_region(buffers[i], from));
    }
    auto block = mutate(block_);  // the same block in schedules
    block->iter_vars = axes;
    block->reads = reads;
    block->writes = writes;
    block->body = stores(targets, reduction_.combine(old, parts), to.vec(), targets.size() > 1);
    block->init = make_init(targets, to.vec());
    block->alloc_buffers = {};
    block->match_buffers = {};
    write_back = make<BlockRealize>(values, write_back_predicate(), BlockRef(block));
  }
  /// Of the old predicate, what is about loops that remain.
  Expr write_back_predicate() const {
    LoopUse use(realize_);
    LoopStack gone;
    for (const For* loop : loops_)
      if (use.is_reduce(*loop)) gone.push_back(loop);
    return predicate_without(realize_.predicate, gone);
  }
  static std::vector<Expr> substituted(std::vector<Expr> exprs, const VarMap& map) {
    for (Expr& e : exprs) e = substitute(e, map);
    return exprs;
  }

  const BlockRealize& realize_;
  const Block& block_;
  LoopStack loops_;
  const For& rf_loop_;
  BlockReduction reduction_;
  size_t axis_;
  VarRef rf_axis_;
};

/// The old nest without its reduction loops but one, around the new realize.
inline Stmt write_back_nest(const StmtNode& stmt, const BlockRealize& old, const Stmt& replacement,
                            const For& rf_loop, const LoopUse& use) {
  if (&stmt == &old) return replacement;
  Stmt out;
  for_each_substmt(stmt, [&](const StmtNode& below) {
    if (below.kind == Kind::BlockRealize && &below != &old) return;
    Stmt changed = write_back_nest(below, old, replacement, rf_loop, use);
    if (changed) out = with_substmt(out ? *out : stmt, &below, changed);
  });
  const For* loop = as<For>(&stmt);
  bool drop = out && loop && loop != &rf_loop && use.is_reduce(*loop);
  return drop ? as<For>(out)->body : out;
}

}  // namespace detail

METASCHEDULE_INLINE void RFactor::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  Path loop_path = state.path_of(loop);
  const auto& rf_loop = static_cast<const For&>(*loop_path.back());
  detail::check_single_block(rf_loop);
  const BlockRealize& realize = *child_blocks(rf_loop)[0];
  Path path = find_block(*state.program, realize.block->id);
  ScopeRoot scope = scope_root(state, path, true);
  bool checks = state.options.enable_check;
  if (checks) detail::check_reduction_block(path, scope.graph());
  if (rf_loop.kind != ForKind::Serial) {
    refuse(fmt::format("ScheduleError: The input loop {{0}} of rfactor is required to be `Serial`. "
                       "However, the kind of {{0}} is `{}`",
                       to_string(rf_loop.kind)),
           {&rf_loop});
  }
  LoopStack loops = path.loops_above();
  detail::LoopUse use(realize);
  if (checks) detail::check_rfactor_loops(loops, rf_loop, *realize.block, use);
  detail::check_rfactor_range(loops, rf_loop, realize, use);
  BlockReduction reduction = match_reduction(realize.block);
  auto ndim = static_cast<int64_t>(reduction.updates[0]->buffer->ndim());
  if (factor_axis < -(ndim + 1) || factor_axis > ndim) {
    refuse(
        fmt::format("The write buffer {} has {} dimension(s), so `factor_axis` is required to be "
                    "in [-{}, {}] for rfactor. However, the input `factor_axis` is {}, which "
                    "violates the requirement",
                    reduction.updates[0]->buffer->name, ndim, ndim + 1, ndim, factor_axis));
  }
  int64_t axis = factor_axis < 0 ? factor_axis + ndim + 1 : factor_axis;
  detail::RFactorPlan plan(realize, loops, rf_loop, std::move(reduction),
                           static_cast<size_t>(axis));
  outputs.push_back(TableEntry::block(plan.rf_id));

  const StmtNode* nest = loops[0];
  Stmt write_back = detail::write_back_nest(*nest, realize, plan.write_back, rf_loop, use);
  BlockId scope_id = scope.block().id;
  ModuleRef program = state.program;
  Path place = path;
  while (place.back() != nest) place.nodes.pop_back();
  replace_stmt(program, place, flatten_seq({plan.rf_nest, write_back}));
  Path scope_path = find_block(*program, scope_id);
  auto block = mutate(block_of(*scope_path.back()));
  std::vector<BufferRef> allocs = block->alloc_buffers.vec();
  allocs.insert(allocs.end(), plan.buffers.begin(), plan.buffers.end());
  block->alloc_buffers = allocs;
  replace_stmt(program, scope_path,
               with_block(static_cast<const BlockRealize&>(*scope_path.back()), BlockRef(block)));
  state.program = std::move(program);
}

}  // namespace metaschedule
