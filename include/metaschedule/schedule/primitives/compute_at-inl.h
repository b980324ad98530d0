// SPDX-License-Identifier: Apache-2.0
// compute_at and reverse_compute_at.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/block_domain.h"
#include "metaschedule/schedule/leaf.h"
#include "metaschedule/schedule/linear_domain.h"
#include "metaschedule/schedule/primitives/movable_block.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule::detail {

// The values of the axes of a block realize, by axis.
inline VarMap bindings_of(const BlockRealize& realize) {
  VarMap map;
  for (size_t i = 0; i < realize.iter_values.size(); ++i)
    map[realize.block->iter_vars[i]->var.get()] = realize.iter_values[i];
  return map;
}

// Shapes of parameters are sizes.
inline void assume_shapes(const PrimFunc& func, arith::Analyzer& analyzer) {
  for (const auto& [param, buffer] : func.buffer_map)
    for (const Expr& extent : cast_to<Buffer>(buffer)->shape)
      if (!as<IntImm>(extent)) analyzer.mark_global_non_negative(extent);
}

class ComputeAtPlan {
 public:
  ComputeAtPlan(const ScheduleState& state, const MovableBlock& moved, Path loop)
      : state_(state),
        block_path_(moved.path),
        loop_path_(std::move(loop)),
        reverse_(moved.reverse),
        loop_(static_cast<const For&>(*loop_path_.back())),
        realize_(static_cast<const BlockRealize&>(*block_path_.back())),
        block_(*realize_.block),
        scope_block_(block_of(*moved.scope.back())),
        graph_(moved.graph),
        self_(moved.self) {}

  ModuleRef run(bool preserve_unit_loops, int64_t index) {
    check_loop();
    refuse_unless(follows_from_domains(realize_, block_path_.loops_above()),
                  "The predicate of block {0} leaves out a part of what its axes run over, and the "
                  "block would lose it",
                  {&block_});
    LeafRemoval removal = plan_leaf_removal(block_path_);
    size_t position = find_position(index);
    std::vector<AxisDomain> domains = solve();
    Stmt nest = make_nest(domains, preserve_unit_loops);

    ModuleRef program = state_.program;
    const VarRef loop_var = loop_.loop_var;
    removal.apply(program);
    Path target = find_loop(*program, loop_var.get());
    const For& loop = static_cast<const For&>(*target.back());
    std::vector<Stmt> items = direct_subtrees(loop);
    items.insert(items.begin() + static_cast<long>(position), std::move(nest));
    auto copy = mutate(loop);
    copy->body = flatten_seq(items);
    replace_stmt(program, target, Stmt(copy));
    return program;
  }

  /// Refuses where `run` would, and changes nothing.
  void check(int64_t index) {
    check_loop();
    plan_leaf_removal(block_path_);
    find_position(index);
    if (!surely_solvable()) solve();
  }

 private:
  static std::vector<Stmt> direct_subtrees(const For& loop) {
    if (const SeqStmt* seq = as<SeqStmt>(loop.body)) return seq->seq.vec();
    return {loop.body};
  }

  void check_loop() {
    int loop_scope = loop_path_.enclosing_block();
    bool same_scope =
        loop_scope >= 0 &&
        &block_of(*loop_path_.nodes[static_cast<size_t>(loop_scope)]) == &scope_block_;
    bool is_ancestor = std::find(block_path_.nodes.begin(), block_path_.nodes.end(), &loop_) !=
                       block_path_.nodes.end();
    refuse_unless(same_scope && !is_ancestor,
                  "ScheduleError: Expected the block {0} and loop {1} to be under the same block "
                  "scope, and loop not to be the ancestor of block",
                  {&block_, &loop_});
    if (!reverse_)
      refuse_unless(!is_output_block(block_, scope_block_), "The block {0} is an output block",
                    {&block_});
  }

  size_t find_position(int64_t index) {
    std::vector<int> producers = graph_.producers(self_), consumers = graph_.consumers(self_);
    std::vector<int>& required = reverse_ ? producers : consumers;
    std::vector<Stmt> subtrees = direct_subtrees(loop_);
    int last_producer = -1, first_consumer = static_cast<int>(subtrees.size());
    size_t visited = 0;
    int first_inside = static_cast<int>(graph_.children.size()), last_inside = -1;
    for (size_t i = 0; i < subtrees.size(); ++i) {
      for (const BlockRealize* realize : top_blocks(*subtrees[i])) {
        int child = graph_.find(realize->block->id);
        first_inside = std::min(first_inside, child);
        last_inside = std::max(last_inside, child);
        auto in = [&](const std::vector<int>& list) {
          return std::find(list.begin(), list.end(), child) != list.end();
        };
        if (in(producers)) last_producer = static_cast<int>(i);
        if (in(consumers)) first_consumer = std::min(first_consumer, static_cast<int>(i));
        visited += in(required);
      }
    }
    // Dependencies go forward, and the loop, which is not around the block, is before it or after.
    METASCHEDULE_CHECK(last_producer < first_consumer);
    if (visited < required.size()) {
      std::vector<Ref<Node>> locations;
      std::string names;
      for (int child : required) {
        names += fmt::format("{}{{{}}}", names.empty() ? "" : ", ", locations.size());
        locations.emplace_back(&graph_.block(child));
      }
      throw Refusal(fmt::format("The primitive requires all the {}(s) of the given block to be "
                                "present under the target loop. However, there are {} {}(s) not "
                                "satisfying the constraint. List of the {}(s): {}",
                                required_word(), required.size() - visited, required_word(),
                                required_word(), names),
                    std::move(locations));
    }
    // The original moves a block without producers behind consumers that are not under the loop.
    bool in_order =
        std::all_of(producers.begin(), producers.end(), [&](int c) { return c <= last_inside; }) &&
        std::all_of(consumers.begin(), consumers.end(), [&](int c) { return c >= first_inside; });
    refuse_unless(in_order, "The block {0} would be moved past a block that it depends on",
                  {&block_});
    if (index == -1) return static_cast<size_t>(first_consumer);
    if (index == -2) return static_cast<size_t>(last_producer + 1);
    if (index < last_producer + 1 || index > first_consumer)
      refuse(fmt::format("Valid index:(-1, -2, [{}, {}]), current index={}", last_producer + 1,
                         first_consumer, index));
    return static_cast<size_t>(index);
  }
  const char* required_word() const { return reverse_ ? "producer" : "consumer"; }

  std::vector<AxisDomain> solve() {
    assume_shapes(state_.function(block_path_), analyzer_);
    for (const StmtNode* above : loop_path_.nodes)
      if (const For* loop = as<For>(above))
        analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    std::optional<LinearDomains> linear = solve_linearly();
    if (!linear) return solve_generally(nullptr, {});
    if (linear->open.empty()) return std::move(linear->axes);
    std::vector<AxisDomain> general = solve_generally(linear->buffer, linear->open);
    for (size_t axis : linear->open_axes) linear->axes[axis] = std::move(general[axis]);
    return std::move(linear->axes);
  }

  // With `only`, the dimensions `dims` of that buffer alone.
  std::vector<AxisDomain> solve_generally(const Buffer* only, const std::vector<size_t>& dims) {
    auto chosen = [&](const BufferRegion& region) {
      std::vector<Ref<Range>> ranges;
      for (size_t d : dims) ranges.push_back(region.region[d]);
      return dims.empty() ? region.region : Ranges(ranges);
    };
    BufferSets provided, required;
    for (const auto& region : reverse_ ? block_.reads : block_.writes) {
      if (only && region->buffer.get() != only) continue;
      std::vector<arith::IntSet> sets;
      for (const auto& range : chosen(*region)) sets.push_back(arith::IntSet::from_range(*range));
      add_region(provided, region->buffer.get(), std::move(sets));
    }
    std::vector<int> blocks = reverse_ ? graph_.producers(self_) : graph_.consumers(self_);
    for (int child : blocks) {
      Path path = path_below(child);
      const auto& realize = static_cast<const BlockRealize&>(*path.back());
      VarMap bindings = bindings_of(realize);
      for (const auto& region : reverse_ ? realize.block->writes : realize.block->reads) {
        bool wanted = std::any_of(provided.begin(), provided.end(), [&](const auto& item) {
          return item.first == region->buffer.get();
        });
        if (!wanted) continue;
        arith::DomMap dom = relaxed_loops(path, *region->buffer);
        std::vector<Ref<Range>> ranges;
        for (const auto& range : chosen(*region)) ranges.push_back(substitute(range, bindings));
        add_region(required, region->buffer.get(), arith::eval_set(Ranges(ranges), dom, analyzer_));
      }
    }
    return solve_axis_domains(block_, provided, required, analyzer_, reverse_, dims);
  }

  // The usual case of `solve`, if it is that.
  std::optional<LinearDomains> solve_linearly() {
    std::vector<int> users = reverse_ ? graph_.producers(self_) : graph_.consumers(self_);
    if (users.size() != 1) return std::nullopt;
    Path path = path_below(users[0]);
    ScopeChild user{static_cast<const BlockRealize*>(path.back()), path.loops_above()};
    return linear_axis_domains(block_, reverse_ ? block_.reads : block_.writes, user,
                               reverse_ ? user.realize->block->writes : user.realize->block->reads,
                               loop_path_.loops_above().size() + 1, !reverse_, analyzer_);
  }

  // True when nothing in `solve` can refuse: each dimension of what the block gives (or takes) is
  // an axis of its own, and what is needed is bounded.
  bool surely_solvable() const {
    const BufferRegions& given = reverse_ ? block_.reads : block_.writes;
    if (!has_plain_regions(block_, given)) return false;
    std::vector<int> users = reverse_ ? graph_.producers(self_) : graph_.consumers(self_);
    return std::all_of(users.begin(), users.end(), [&](int child) {
      Path path = path_below(child);
      const Block& user = block_of(*path.back());
      return is_bounded_use(path, reverse_ ? user.writes : user.reads, given);
    });
  }

  // To a child below the target.
  Path path_below(int child) const {
    Path path = loop_path_;
    path.nodes.pop_back();
    find_block_below(loop_, graph_.block(child).id, path);
    return path;
  }

  // The loops below the target that one step of it runs through, and those of threads above that
  // share the buffer.
  arith::DomMap relaxed_loops(const Path& path, const Buffer& buffer) {
    arith::DomMap dom;
    auto add = [&](const For& loop) {
      dom[loop.loop_var.get()] = arith::IntSet::from_min_extent(loop.min, loop.extent);
    };
    for (size_t i = loop_path_.size(); i < path.size(); ++i)
      if (const For* loop = as<For>(path.nodes[i])) add(*loop);
    std::string scope = buffer.scope();
    if (reverse_ || scope.empty() || scope.starts_with("global")) return dom;
    for (size_t i = 0; i < loop_path_.size(); ++i) {
      const For* loop = as<For>(path.nodes[i]);
      if (loop && loop->kind == ForKind::ThreadBinding &&
          relaxes_thread_axis(scope, loop->thread_binding->thread_tag))
        add(*loop);
    }
    return dom;
  }

  Stmt make_nest(const std::vector<AxisDomain>& domains, bool preserve_unit_loops) {
    std::vector<std::pair<VarRef, Expr>> loops;
    std::vector<Expr> values;
    Expr predicate = true_();
    auto require = [&](const Expr& condition) {
      if (!analyzer_.can_prove(condition, arith::ProofStrength::SymbolicBound))
        predicate = logical_and(predicate, condition);
    };
    for (size_t i = 0; i < domains.size(); ++i) {
      Ref<Range> range = domains[i].dom.cover_range(block_.iter_vars[i]->dom);
      if (preserve_unit_loops || !is_one(range->extent)) {
        int bits = std::max(range->min->dtype.bits, range->extent->dtype.bits);
        VarRef var = make<Var>(fmt::format("ax{}", loops.size()), DType::int_(bits));
        loops.emplace_back(var, analyzer_.simplify(range->extent));
        values.push_back(range->min + var);
        analyzer_.bind(var, make<Range>(int_imm(var->dtype, 0), range->extent));
      } else {
        values.push_back(range->min);
      }
      const arith::IntSet& bound = domains[i].bound;
      if (bound.is_nothing()) continue;
      if (bound.has_lower_bound()) require(ge(values.back(), bound.min()));
      if (bound.has_upper_bound()) require(lt(values.back(), bound.max() + 1));
    }
    if (!is_one(predicate)) predicate = analyzer_.simplify(predicate);
    if (reverse_) check_reduces_once(values, loops, predicate);
    Stmt out = make<BlockRealize>(values, predicate, realize_.block);
    for (size_t i = loops.size(); i-- > 0;)
      out = make<For>(loops[i].first, int_imm(loops[i].first->dtype, 0), loops[i].second,
                      ForKind::Serial, out);
    return out;
  }

  // A reduction that goes on from one step of a loop to the next must not meet an instance twice:
  // refuses loops below that repeat it, and steps that overlap.
  void check_reduces_once(const std::vector<Expr>& values,
                          const std::vector<std::pair<VarRef, Expr>>& inner,
                          const Expr& predicate) {
    LoopStack outer = loop_path_.loops_above();
    outer.push_back(&loop_);
    const For* reduces = nullptr;
    const For* repeats = nullptr;
    arith::IterRanges ranges;
    for (const For* loop : outer) {
      ranges.emplace_back(loop->loop_var, make<Range>(loop->min, loop->extent));
      bool used = false, reduced = false;
      for (size_t i = 0; i < values.size(); ++i) {
        if (!uses_var(*values[i], loop->loop_var.get())) continue;
        used = true;
        reduced = reduced || block_.iter_vars[i]->iter_type == IterType::CommReduce;
      }
      if (reduced)
        reduces = loop;
      else if (!used && reduces && !is_one(loop->extent))
        repeats = loop;
    }
    if (!reduces) return;
    if (repeats)
      refuse("The loop {1} would repeat the reduction of block {0} over the loop {2}",
             {&block_, repeats, reduces});
    for (const auto& [var, extent] : inner)
      ranges.emplace_back(var, make<Range>(int_imm(var->dtype, 0), extent));
    refuse_unless(static_cast<bool>(arith::detect_iter_map(
                      values, ranges, predicate, arith::IterMapLevel::NoCheck, analyzer_, true)),
                  "The steps of the loop {1} may reduce the same in block {0}", {&block_, reduces});
  }

  const ScheduleState& state_;
  Path block_path_, loop_path_;
  bool reverse_;
  const For& loop_;
  const BlockRealize& realize_;
  const Block &block_, &scope_block_;
  const BlockScope& graph_;
  int self_;
  arith::Analyzer analyzer_;
};

}  // namespace metaschedule::detail

namespace metaschedule {

namespace detail {

inline void move_block(ScheduleState& state, BlockRV block, LoopRV loop, bool reverse,
                       bool preserve_unit_loops, int64_t index) {
  Path block_path = state.path_of(block), loop_path = state.path_of(loop);
  MovableBlock movable(state, std::move(block_path), reverse);
  ModuleRef moved =
      ComputeAtPlan(state, movable, std::move(loop_path)).run(preserve_unit_loops, index);
  state.program = std::move(moved);
}

}  // namespace detail

METASCHEDULE_INLINE void ComputeAt::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  int64_t mark = state.mark_of(loop);
  if (mark == TableEntry::kRootMark) return;
  if (mark == TableEntry::kInlineMark) return ComputeInline{block}.apply(state, outputs);
  detail::move_block(state, block, loop, false, preserve_unit_loops, index);
}
METASCHEDULE_INLINE void ReverseComputeAt::apply(ScheduleState& state,
                                                 std::vector<TableEntry>& outputs) {
  int64_t mark = state.mark_of(loop);
  if (mark == TableEntry::kRootMark) return;
  if (mark == TableEntry::kInlineMark) return ReverseComputeInline{block}.apply(state, outputs);
  detail::move_block(state, block, loop, true, preserve_unit_loops, index);
}

METASCHEDULE_INLINE void ComputeAtMethods::compute_at(BlockRV block, LoopRV loop,
                                                      bool preserve_unit_loops, int64_t index) {
  static_cast<Schedule*>(this)->run(ComputeAt{block, loop, preserve_unit_loops, index});
}
METASCHEDULE_INLINE void ComputeAtMethods::reverse_compute_at(BlockRV block, LoopRV loop,
                                                              bool preserve_unit_loops,
                                                              int64_t index) {
  static_cast<Schedule*>(this)->run(ReverseComputeAt{block, loop, preserve_unit_loops, index});
}

}  // namespace metaschedule
