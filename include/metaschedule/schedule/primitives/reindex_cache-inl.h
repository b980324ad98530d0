// SPDX-License-Identifier: Apache-2.0
// reindex_cache_read and reindex_cache_write.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/cache_users.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/primitives/reindex.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/primitives/unique_access.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

class ReindexCache {
 public:
  ReindexCache(ScheduleState& state, BlockRV block, int64_t index, const std::string& memory,
               const Ref<IndexMap>& map, bool is_read)
      : state_(state), path_(state.path_of(block)), is_read_(is_read) {
    check_storage_scope(memory);
    const BufferRegion& region = nth_region(self(), index, !is_read);
    original_ = region.buffer;
    scope_ = scope_root(state, path_, true);
    find_place();
    point_ = point_of(region);
    refuse_unless(
        !(reads_buffer(self(), original_.get()) && writes_buffer(self(), original_.get())),
        "The block {0} both reads and writes the buffer {1}", {&self(), original_.get()});
    map_indices(map, memory);
  }

  void run(std::vector<TableEntry>& outputs) {
    make_stage();
    Stmt scope_stmt(scope_.path.back());
    BlockId scope_id = scope_.block().id;
    // The stage first: it does not move what it goes beside out of the program.
    Path place = scope_.path.prefix(scope_.path.size() - 1);
    find_stmt_below(*scope_.path.back(), place_.node, place);
    ModuleRef program = state_.program;
    if (const For* loop = as<For>(place.back())) {
      auto copy = mutate(*loop);
      copy->body = insert_stage(loop->body, place_.position, stage_);
      replace_stmt(program, place, Stmt(copy));
    } else {
      add_to_block(program, scope_id, place_.position, {stage_}, {});
    }
    Path now = find_block(*program, self().id);
    const auto& realize = static_cast<const BlockRealize&>(*now.back());
    replace_stmt(program, now,
                 with_block(realize, AccessRedirector(original_, cache_, at_)(realize.block)));
    add_to_block(program, scope_id, 0, {}, {cache_});
    state_.program = std::move(program);
    outputs.push_back(TableEntry::block(stage_id_));
  }

 private:
  const BlockRealize& realize() const { return static_cast<const BlockRealize&>(*path_.back()); }
  const Block& self() const { return *realize().block; }

  void find_place() {
    int writer = only_writer(scope_.graph(), *original_);
    const StmtNode& scope = *scope_.path.back();
    if (is_read_) {
      place_ = {&scope, 0};
      if (writer >= 0)
        place_ = StagePlaceFinder(scope, scope_.graph().block(writer).id, {self().id}).find();
    } else {
      METASCHEDULE_CHECK(writer >= 0 && scope_.graph().block(writer).id == self().id);
      place_ = StagePlaceFinder(scope, self().id, raw_dependents(scope_.graph(), writer)).find();
    }
  }

  /// The point that the region is; refuses where it is none.
  Exprs point_of(const BufferRegion& region) const {
    std::vector<Expr> out;
    for (const auto& range : region.region) {
      refuse_unless(is_one(range->extent),
                    "The region {1} that block {0} accesses is not a single point",
                    {&self(), &region});
      out.push_back(range->min);
    }
    AccessCollector access(self(), original_);
    refuse_unless(!access.opaque && !access.several,
                  "The block {0} accesses the buffer {1} at other points than {2}",
                  {&self(), original_.get(), &region});
    return out;
  }

  void map_indices(const Ref<IndexMap>& map, const std::string& memory) {
    check<ValueError>(map->initial_indices.size() == self().iter_vars.size(),
                      "expected an index map of {} indices, found {}", self().iter_vars.size(),
                      map->initial_indices.size());
    arith::Analyzer analyzer;
    std::vector<Expr> axes, extents;
    for (const auto& iter : self().iter_vars) {
      axes.push_back(iter->var);
      // What an axis reaches counts, wherever it starts.
      const Range& dom = *iter->dom;
      extents.push_back(is_zero(dom.min) ? dom.extent : dom.min + dom.extent);
    }
    at_ = arith::map_indices(*map, axes, analyzer);
    auto in_point = vars_in(point_), in_map = vars_in(at_);
    for (const auto& iter : self().iter_vars) {
      bool in_old = in_point.count(iter->var.get()), in_new = in_map.count(iter->var.get());
      if (in_old != in_new) {
        refuse(fmt::format("The index map and the access of the buffer in block {{0}} are required "
                           "to use the same axes; {} is in {} only",
                           iter->var->name, in_old ? "the access" : "the index map"),
               {&self()});
      }
    }
    check_injective(in_point, analyzer);
    auto copy =
        reshaped_buffer(*original_, "_" + memory, arith::map_shape(*map, extents, analyzer));
    cache_ = with_scope(*copy, memory);
  }

  /// Two instances that access different points of the buffer must not share a point of the cache.
  void check_injective(const std::unordered_set<const Var*>& used,
                       arith::Analyzer& analyzer) const {
    auto in_map = [&](const Expr& index) {
      return std::any_of(at_.begin(), at_.end(),
                         [&](const Expr& e) { return analyzer.can_prove_equal(e, index); });
    };
    if (std::all_of(point_.begin(), point_.end(),
                    [&](const Expr& index) { return as<IntImm>(index) || in_map(index); }))
      return;
    std::vector<VarRef> vars;
    std::vector<Ref<Range>> ranges;
    for (const auto& iter : self().iter_vars) {
      if (!used.count(iter->var.get())) continue;
      vars.push_back(iter->var);
      ranges.push_back(iter->dom);
    }
    bool understood = true;
    try {
      arith::non_surjective_inverse(*make<IndexMap>(Vars(vars), at_), ranges, analyzer);
    } catch (const ValueError&) {
      understood = false;
    }
    if (understood) return;
    Ref<Node> indices = make<Array>(at_);
    refuse("The index map to {1} is not known to keep the points of block {0} apart",
           {&self(), indices.get()});
  }

  void make_stage() {
    auto used = vars_in(point_);
    std::vector<Ref<IterVar>> axes;
    std::vector<Expr> values;
    VarMap axis_map, loop_map;
    for (size_t i = 0; i < self().iter_vars.size(); ++i) {
      const IterVar& iter = *self().iter_vars[i];
      if (!used.count(iter.var.get())) continue;
      axes.push_back(parallel_axis(iter, iter.var->name));
      axis_map.emplace(iter.var.get(), axes.back()->var);
      values.push_back(realize().iter_values[i]);
    }
    std::vector<VarRef> loops;
    std::vector<Ref<Range>> ranges;
    LoopStack dropped;
    Expr condition = without_unit_loops();
    auto bound_loops = stage_loops(values, condition);
    bool below = place_.node == scope_.path.back();
    for (const For* loop : path_.loops_above()) {
      if (below && !bound_loops.count(loop->loop_var.get())) dropped.push_back(loop);
      if (below && bound_loops.count(loop->loop_var.get())) {
        loops.push_back(make<Var>(loop->loop_var->name, loop->loop_var->dtype));
        ranges.push_back(
            make<Range>(substitute(loop->min, loop_map), substitute(loop->extent, loop_map)));
        loop_map.emplace(loop->loop_var.get(), loops.back());
      }
      below = below || place_.node == loop;
    }
    for (Expr& value : values) value = substitute(value, loop_map);
    std::vector<Expr> point, at;
    for (const Expr& e : point_) point.push_back(substitute(e, axis_map));
    for (const Expr& e : at_) at.push_back(substitute(e, axis_map));
    const BufferRef &from = is_read_ ? original_ : cache_, &to = is_read_ ? cache_ : original_;
    const Exprs from_at = is_read_ ? point : at, to_at = is_read_ ? at : point;
    BlockRef block = make<Block>(axes, BufferRegions{point_region(from, from_at)},
                                 BufferRegions{point_region(to, to_at)}, cache_->name,
                                 make<BufferStore>(to, load(from, from_at), to_at));
    stage_id_ = block->id;
    Expr predicate = substitute(predicate_without(condition, dropped), loop_map);
    predicate = logical_and(predicate, inside(axes, values, loops, ranges, point));
    stage_ = loop_nest(loops, ranges, make<BlockRealize>(values, predicate, block));
  }

  /// The predicate of the block with loops of one step replaced by it.
  Expr without_unit_loops() const {
    VarMap units;
    for (const For* loop : path_.loops_above())
      if (is_one(loop->extent)) units.emplace(loop->loop_var.get(), loop->min);
    return substitute(realize().predicate, units);
  }
  /// The loops that the stage runs: those of its axes, and those tied to them by a condition.
  std::unordered_set<const Var*> stage_loops(const std::vector<Expr>& values,
                                             const Expr& condition) const {
    auto loops = vars_in(values);
    std::vector<Expr> terms;
    collect_conjuncts(condition, terms);
    for (bool grown = true; grown;) {
      grown = false;
      for (const Expr& term : terms) {
        auto used = vars_in(Exprs{term});
        if (std::none_of(used.begin(), used.end(), [&](const Var* v) { return loops.count(v); }))
          continue;
        size_t before = loops.size();
        loops.insert(used.begin(), used.end());
        grown = grown || loops.size() != before;
      }
    }
    return loops;
  }

  /// What is not known of the point to lie in the original: the block may guard its access.
  Expr inside(const std::vector<Ref<IterVar>>& axes, const std::vector<Expr>& values,
              const std::vector<VarRef>& loops, const std::vector<Ref<Range>>& ranges,
              const Exprs& point) const {
    arith::Analyzer analyzer;
    for (const For* loop : path_.loops_above())
      analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    for (size_t i = 0; i < loops.size(); ++i) analyzer.bind(loops[i], ranges[i]);
    VarMap bound;
    for (size_t i = 0; i < axes.size(); ++i) {
      analyzer.bind(axes[i]->var, axes[i]->dom);
      bound.emplace(axes[i]->var.get(), values[i]);
    }
    Expr out = true_();
    for (size_t i = 0; i < point.size(); ++i) {
      for (const Expr& term :
           {ge(point[i], int_imm(point[i]->dtype, 0)), lt(point[i], original_->shape[i])})
        if (!analyzer.can_prove(term, arith::ProofStrength::SymbolicBound))
          out = logical_and(out, substitute(term, bound));
    }
    return is_one(out) ? out : analyzer.simplify(out);
  }

  ScheduleState& state_;
  Path path_;
  bool is_read_;
  ScopeRoot scope_;
  StagePlace place_;
  BufferRef original_, cache_;
  Exprs point_, at_;  // of the original and of the cache, in axes of the block
  Stmt stage_;
  BlockId stage_id_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE void ReindexCacheRead::apply(ScheduleState& state,
                                                 std::vector<TableEntry>& outputs) {
  detail::ReindexCache(state, block, read_buffer_index, storage_scope, state.evaluate(index_map),
                       true)
      .run(outputs);
}
METASCHEDULE_INLINE void ReindexCacheWrite::apply(ScheduleState& state,
                                                  std::vector<TableEntry>& outputs) {
  detail::ReindexCache(state, block, write_buffer_index, storage_scope, state.evaluate(index_map),
                       false)
      .run(outputs);
}

}  // namespace metaschedule
