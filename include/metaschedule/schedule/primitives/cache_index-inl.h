// SPDX-License-Identifier: Apache-2.0
// cache_index.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/cache_block.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/primitives/unique_access.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

/// The expressions over axes of a block that its stored values compute often enough.
class RepeatedIndices : public Walker {
 public:
  RepeatedIndices(const Block& block, int64_t threshold) : block_(block), threshold_(threshold) {
    if (block.init) visit(*block.init);
    visit(*block.body);
  }
  const std::vector<Expr>& found() const { return found_; }

  void visit(const Node& node) override {
    if (node.kind == Kind::BlockRealize) return;
    if (node.kind == Kind::BufferStore) add_value(static_cast<const BufferStore&>(node).value);
    walk_children(node);
  }

  bool is_eligible(const Node& node) const {
    if (!is_expr_kind(node.kind) || node.kind == Kind::Var || node.kind == Kind::Ramp ||
        node.kind == Kind::Broadcast)
      return false;
    bool uses_axis = false, other = false;
    post_order(node, [&](const Node& n) {
      if (const Var* var = as<Var>(&n)) {
        bool axis = is_axis(var);
        uses_axis = uses_axis || axis;
        other = other || !axis;
      }
      const Call* call = as<Call>(&n);
      const Op* op = call ? as<Op>(call->op) : nullptr;
      bool pure = !call || (op && op->effect <= CallEffect::Pure);
      other = other || !pure || n.kind == Kind::BufferLoad || n.kind == Kind::Let;
    });
    return uses_axis && !other;
  }

 private:
  struct Candidate {
    Expr expr, normal;
    int64_t count;
    size_t size;
  };

  bool is_axis(const Var* var) const {
    return std::any_of(block_.iter_vars.begin(), block_.iter_vars.end(),
                       [&](const auto& iter) { return iter->var.get() == var; });
  }
  /// The largest eligible expressions below or equal to a node.
  template <class F>
  void for_each_largest(const Node& node, const F& f) const {
    for_each_child(node, [&](const Node& child) {
      if (is_eligible(child))
        f(Expr(&static_cast<const ExprNode&>(child)));
      else
        for_each_largest(child, f);
    });
  }
  void count(std::vector<Candidate>& list, const Expr& expr, int64_t times, bool ordered) {
    Expr normal = analyzer_.simplify(expr);
    for (Candidate& candidate : list) {
      if (!expr_equal(candidate.normal, normal)) continue;
      candidate.count += times;
      return;
    }
    size_t size = 0;
    post_order(*expr, [&](const Node&) { ++size; });
    auto at = list.end();
    if (ordered)
      at =
          std::find_if(list.begin(), list.end(), [&](const Candidate& c) { return c.size < size; });
    list.insert(at, Candidate{expr, normal, times, size});
  }

  void add_value(const Expr& value) {
    std::vector<Candidate> list;
    if (is_eligible(*value))
      count(list, value, 1, false);
    else
      for_each_largest(*value, [&](const Expr& e) { count(list, e, 1, false); });
    std::stable_sort(list.begin(), list.end(),
                     [](const Candidate& a, const Candidate& b) { return a.size > b.size; });
    for (size_t i = 0; i < list.size(); ++i) {
      Candidate candidate = list[i];
      if (candidate.count >= threshold_) {
        bool known = std::any_of(found_.begin(), found_.end(), [&](const Expr& e) {
          return expr_equal(analyzer_.simplify(e), candidate.normal);
        });
        if (!known) found_.push_back(candidate.expr);
      } else {
        // Its parts are smaller, so they go behind it.
        for_each_largest(*candidate.expr,
                         [&](const Expr& e) { count(list, e, candidate.count, true); });
      }
    }
  }

  const Block& block_;
  int64_t threshold_;
  arith::Analyzer analyzer_;
  std::vector<Expr> found_;
};

/// Replaces expressions by loads.
class IndexReplacer : public Rewriter {
 public:
  IndexReplacer(const RepeatedIndices& indices, const std::vector<Expr>& loads)
      : indices_(indices), loads_(loads) {
    for (const Expr& e : indices.found()) normal_.push_back(analyzer_.simplify(e));
  }
  Ref<Node> visit(const Node& node) override {
    // What is declared stays.
    if (node.kind == Kind::BufferRegion || node.kind == Kind::BlockRealize) return nullptr;
    if (is_expr_kind(node.kind) && indices_.is_eligible(node)) {
      Expr self(&static_cast<const ExprNode&>(node));
      Expr normal = analyzer_.simplify(self);
      for (size_t i = 0; i < normal_.size(); ++i)
        if (self->dtype == indices_.found()[i]->dtype && expr_equal(normal, normal_[i]))
          return loads_[i];
    }
    return rewrite_children(node);
  }

 private:
  const RepeatedIndices& indices_;
  const std::vector<Expr>& loads_;
  std::vector<Expr> normal_;
  arith::Analyzer analyzer_;
};

/// A block that computes one expression for all values of its axes, and how to load it.
struct IndexStage {
  BufferRef buffer;
  BlockRef block;
  Stmt stmt;
  Expr load;

  IndexStage(const Path& path, const Expr& expr, size_t number, const std::string& memory) {
    const auto& realize = static_cast<const BlockRealize&>(*path.back());
    arith::Analyzer analyzer;
    std::vector<VarRef> loops;
    std::vector<Ref<Range>> ranges;
    VarMap loop_map, axis_map;
    std::vector<Ref<IterVar>> axes;
    std::vector<Expr> values, at, used, shape;
    Expr predicate = true_();
    LoopStack outer = path.loops_above();
    for (const For* loop : outer)
      analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    auto add_loops = [&](const Expr& value) {
      post_order(*value, [&](const Node& node) {
        const Var* var = as<Var>(&node);
        if (!var || loop_map.count(var)) return;
        for (const For* loop : outer) {
          if (loop->loop_var.get() != var) continue;
          loops.push_back(make<Var>(fmt::format("ax{}", loops.size()), var->dtype));
          ranges.push_back(make<Range>(loop->min, loop->extent));
          loop_map.emplace(var, loops.back());
        }
      });
    };
    post_order(*expr, [&](const Node& node) {
      const Var* var = as<Var>(&node);
      if (!var || axis_map.count(var)) return;
      for (size_t i = 0; i < realize.iter_values.size(); ++i) {
        const IterVar& iter = *realize.block->iter_vars[i];
        if (iter.var.get() != var) continue;
        const Expr& value = realize.iter_values[i];
        add_loops(value);
        const arith::ConstIntBound bound = analyzer.const_int_bound(value);
        const int64_t highest = bound.max_value;
        bool known = highest < arith::ConstIntBound::kPosInf && as<IntImm>(iter.dom->extent);
        Expr extent = known ? int_imm(var->dtype, highest + 1)
                            : analyzer.simplify(iter.dom->min + iter.dom->extent);
        VarRef axis = make<Var>(fmt::format("v{}", axes.size()), var->dtype);
        axes.push_back(
            make<IterVar>(make<Range>(int_imm(var->dtype, 0), extent), axis, IterType::DataPar));
        values.push_back(substitute(value, loop_map));
        // A predicate of the block may leave out steps before the first value.
        if (bound.min_value < 0 && !is_one(realize.predicate))
          predicate = logical_and(predicate, ge(values.back(), int_imm(value->dtype, 0)));
        at.push_back(axis);
        used.push_back(iter.var);
        shape.push_back(extent);
        axis_map.emplace(var, axis);
      }
    });
    auto declared =
        mutate(decl_buffer(shape, expr->dtype, fmt::format("index_var_{}", number), memory));
    declared->strides = {i32(1)};
    buffer = declared;
    block = make<Block>(axes, BufferRegions{}, BufferRegions{point_region(buffer, at)},
                        fmt::format("index_{}", number),
                        make<BufferStore>(buffer, substitute(expr, axis_map), at));
    stmt = loop_nest(loops, ranges, make<BlockRealize>(values, predicate, block));
    load = metaschedule::load(buffer, used);
  }
};

}  // namespace detail

METASCHEDULE_INLINE void CacheIndex::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  check_storage_scope(storage_scope);
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  ScopeRoot scope = scope_root(state, path, false);
  detail::RepeatedIndices indices(*realize.block, cse_thresh);
  if (indices.found().empty())
    refuse(fmt::format("The block {{0}} computes no index that can be cached, at least {} times",
                       cse_thresh),
           {realize.block.get()});
  std::vector<Stmt> stages;
  std::vector<BufferRef> buffers;
  std::vector<Expr> loads;
  for (size_t i = 0; i < indices.found().size(); ++i) {
    detail::IndexStage stage(path, indices.found()[i], i, storage_scope);
    stages.push_back(stage.stmt);
    buffers.push_back(stage.buffer);
    loads.push_back(stage.load);
    outputs.push_back(TableEntry::block(stage.block->id));
  }
  int position = detail::member_position(path, scope.path.size() - 1);
  BlockId scope_id = scope.block().id;
  auto copy = mutate(realize.block);
  detail::IndexReplacer replacer(indices, loads);
  copy->body = replacer(copy->body);
  if (copy->init) copy->init = replacer(copy->init);
  ModuleRef program = state.program;
  replace_stmt(program, path, with_block(realize, copy));
  detail::add_to_block(program, scope_id, position, stages, buffers);
  state.program = std::move(program);
}

}  // namespace metaschedule
