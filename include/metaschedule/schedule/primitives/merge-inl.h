// SPDX-License-Identifier: Apache-2.0
// merge.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/loop_checks.h"
#include "metaschedule/schedule/primitives/loop_partition.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

class LoopMerger {
 public:
  LoopMerger(ScheduleState& state, const std::vector<LoopRV>& loops) : state_(state) {
    for (LoopRV loop : loops) paths_.push_back(state.path_of(loop));
    find_common();
    for (const Path& path : paths_) add_nest(path);
    for (const LoopStack& nest : nests_) {
      if (nest.size() != nests_[0].size())
        refuse(fmt::format("Merge loop's nesting depth must be same, but loop {{0}} ends a nest of "
                           "{} and loop {{1}} one of {}",
                           nests_[0].size(), nest.size()),
               {nests_[0].back(), nest.back()});
      arith::Analyzer analyzer;
      for (size_t i = 0; i < nest.size(); ++i)
        refuse_unless(
            analyzer.can_prove_equal(nest[i]->extent, nests_[0][i]->extent),
            "Merge loop's `extent` must be same, but loop {0} has {2} and loop {1} has {3}",
            {nests_[0][i], nest[i], nests_[0][i]->extent.get(), nest[i]->extent.get()});
    }
    find_members();
  }

  VarRef run() {
    check_dependencies();
    std::vector<Stmt> bodies;
    std::vector<VarRef> vars;
    std::vector<Ref<Range>> ranges;
    for (const For* loop : nests_[0]) {
      vars.push_back(make<Var>(loop->loop_var->name + "_m", loop->loop_var->dtype));
      VarMap outer;
      for (size_t i = 0; i + 1 < vars.size(); ++i)
        outer.emplace(nests_[0][i]->loop_var.get(), vars[i]);
      ranges.push_back(make<Range>(int_imm(loop->min->dtype, 0), substitute(loop->extent, outer)));
    }
    for (const LoopStack& nest : nests_) {
      VarMap map;
      for (size_t i = 0; i < nest.size(); ++i)
        map.emplace(nest[i]->loop_var.get(), cast(nest[i]->loop_var->dtype, vars[i]));
      bodies.push_back(substitute_loops(nest.back()->body, map));
    }
    Stmt merged = flatten_seq(bodies);
    for (size_t i = vars.size(); i-- > 0;)
      merged = make<For>(vars[i], ranges[i]->min, ranges[i]->extent, ForKind::Serial, merged);
    std::vector<Stmt> members;
    for (const Stmt& member : members_->seq) {
      const LoopStack* nest = nullptr;
      for (const LoopStack& other : nests_)
        if (other[0] == member.get()) nest = &other;
      if (!nest) members.push_back(member);
      if (nest == &nests_.back()) members.push_back(merged);
    }
    ModuleRef program = state_.program;
    Path place = paths_[0].prefix(common_ + 2);
    replace_stmt(program, place, flatten_seq(members));
    check_cover(program);
    state_.program = std::move(program);
    return vars.back();
  }

 private:
  /// The lowest loop or block around all the loops.
  void find_common() {
    size_t shared = 0;
    const Path& first = paths_[0];
    auto in_all = [&](size_t i) {
      return std::all_of(paths_.begin(), paths_.end(), [&](const Path& path) {
        return path.function == first.function && i + 1 < path.size() &&
               path.nodes[i] == first.nodes[i];
      });
    };
    while (in_all(shared)) ++shared;
    refuse_unless(shared > 0,
                  "Expected the loops to be under the same block scope, but {0} and {1} are in "
                  "different functions",
                  {first.back(), paths_.back().back()});
    common_ = shared - 1;
    while (common_ > 0 && first.nodes[common_]->kind != Kind::For &&
           first.nodes[common_]->kind != Kind::BlockRealize)
      --common_;
  }

  void add_nest(const Path& path) {
    LoopStack nest;
    for (size_t i = common_ + 1; i < path.size(); ++i) {
      refuse_unless(path.nodes[i]->kind != Kind::BlockRealize,
                    "Expected the loops to be under the same block scope, but loop {0} is under "
                    "block {1}",
                    {path.back(), path.nodes[i]});
      const For* loop = as<For>(path.nodes[i]);
      if (!loop) continue;
      check_plain(*loop);
      check_starts_at_zero(*loop);
      if (!nest.empty())
        refuse_unless(nest.back()->body.get() == loop,
                      "The loops can't be fused because the inner loop {1} is not the only child "
                      "of outer loop {0}.",
                      {nest.back(), loop});
      nest.push_back(loop);
    }
    nests_.push_back(nest);
  }

  /// The nests are members of one sequence, directly below what is common.
  void find_members() {
    members_ = common_ + 1 < paths_[0].size() ? as<SeqStmt>(paths_[0].nodes[common_ + 1]) : nullptr;
    std::vector<const StmtNode*> seen;
    for (size_t i = 0; i < nests_.size(); ++i) {
      bool member = members_ && !nests_[i].empty() && common_ + 2 < paths_[i].size() &&
                    paths_[i].nodes[common_ + 2] == nests_[i][0];
      bool distinct = member && std::find(seen.begin(), seen.end(), nests_[i][0]) == seen.end();
      refuse_unless(distinct, "The loop {0} is not the end of a nest of its own beside the others",
                    {paths_[i].back()});
      seen.push_back(nests_[i][0]);
    }
  }

  /// Where a child block of the scope is.
  struct Place {
    int nest = -1;      // -1: in none
    size_t member = 0;  // of the sequence
  };
  std::vector<Place> places_of(const BlockScope& graph) const {
    std::unordered_map<const BlockRealize*, Place> of_block;
    for (size_t m = 0; m < members_->seq.size(); ++m) {
      const StmtNode* member = members_->seq[m].get();
      auto nest = std::find_if(nests_.begin(), nests_.end(),
                               [&](const LoopStack& loops) { return loops[0] == member; });
      const int number = nest == nests_.end() ? -1 : static_cast<int>(nest - nests_.begin());
      for (const BlockRealize* block : top_blocks(*member)) of_block[block] = {number, m};
    }
    std::vector<Place> out;
    for (const BlockRealize* child : graph.children) {
      auto found = of_block.find(child);
      out.push_back(found == of_block.end() ? Place{-1, members_->seq.size()} : found->second);
    }
    return out;
  }

  Path scope_path(const Path& below) const {
    size_t level = common_;
    while (below.nodes[level]->kind != Kind::BlockRealize) --level;
    return below.prefix(level + 1);
  }

  void check_dependencies() {
    Path scope = scope_path(paths_[0]);
    BlockScope graph = BlockScope::of(*scope.back());
    // All nests move to the place of the last one that was given.
    size_t target = 0;
    while (members_->seq[target].get() != nests_.back()[0]) ++target;
    auto fail_order = [&](const Dependency& d) {
      refuse("Merging the loops would break the order of block {0} and block {1}",
             {&graph.block(d.src), &graph.block(d.dst)});
    };
    const std::vector<Place> places = places_of(graph);
    for (const Dependency& d : graph.dependencies) {
      const auto [src, src_place] = places[static_cast<size_t>(d.src)];
      const auto [dst, dst_place] = places[static_cast<size_t>(d.dst)];
      if (src < 0 && dst < 0) continue;
      if (src >= 0 && dst >= 0) {
        if (src == dst) continue;
        if (d.kind != DepKind::RAW || src > dst) fail_order(d);
        if (repeats_in_nest(*graph.children[static_cast<size_t>(d.src)], src)) fail_order(d);
        consumers_.push_back(graph.block(d.dst).id);
        continue;
      }
      // A block that stays where it is, while the other one moves past it.
      const size_t stays = src < 0 ? src_place : dst_place;
      const size_t moves = src < 0 ? dst_place : src_place;
      if ((stays < moves) != (stays < target)) fail_order(d);
    }
  }
  /// Whether steps of a nest's loops add to what a block gave in steps before: a reduction, or a
  /// block that is run again.
  bool repeats_in_nest(const BlockRealize& realize, int nest) const {
    for (const For* loop : nests_[static_cast<size_t>(nest)]) {
      bool parallel = is_one(loop->extent);
      for (size_t i = 0; i < realize.iter_values.size(); ++i) {
        if (!uses_var(*realize.iter_values[i], loop->loop_var.get())) continue;
        if (realize.block->iter_vars[i]->iter_type != IterType::DataPar) return true;
        parallel = true;
      }
      if (!parallel) return true;
    }
    return false;
  }

  /// What a nest reads of another must be complete in each step of the merged loops.
  void check_cover(const ModuleRef& program) const {
    if (consumers_.empty()) return;
    Path scope = scope_path(find_block(*program, consumers_[0]));
    BlockScope graph = BlockScope::of(*scope.back());
    for (BlockId id : consumers_) {
      int child = graph.find(id);
      refuse_unless(child >= 0 && is_region_covered(scope, graph, child),
                    "Merging the loops would leave a part of what block {0} reads to later steps",
                    {&block_of(*find_block(*program, id).back())});
    }
  }

  ScheduleState& state_;
  std::vector<Path> paths_;
  size_t common_ = 0;  // position in the paths
  std::vector<LoopStack> nests_;
  const SeqStmt* members_ = nullptr;
  std::vector<BlockId> consumers_;  // of other nests
};

}  // namespace detail

METASCHEDULE_INLINE void Merge::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  check<ValueError>(loops.size() > 1, "'merge' requires at least 2 loop(s)");
  outputs.push_back(TableEntry::loop(detail::LoopMerger(state, loops).run()));
}

}  // namespace metaschedule
