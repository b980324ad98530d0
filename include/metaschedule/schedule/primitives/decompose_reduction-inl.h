// SPDX-License-Identifier: Apache-2.0
// decompose_reduction: the init of a reduction becomes a block of its own.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/primitives/reduction.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

inline void check_reduction_block(const Path& path, const BlockScope& graph) {
  const Block& block = block_of(*path.back());
  int violated = reduction_block_violation(block, graph, is_affine_binding(path));
  if (violated != 0) {
    refuse(fmt::format("The block {{0}} is not a reduction block - it violates condition #{}.\n{}",
                       violated, reduction_block_definition()),
           {&block});
  }
}

/// A copy of a variable under the name with a suffix.
inline VarRef renamed_var(const VarRef& var, const std::string& suffix = "") {
  auto copy = mutate(var);
  copy->name += suffix;
  return copy;
}

class InitBlock {
 public:
  InitBlock(const BlockRealize& realize, const LoopStack& loops, const For* outermost)
      : realize_(realize), block_(*realize.block) {
    make_axes();
    auto from = std::find(loops.begin(), loops.end(), outermost);
    std::vector<const For*> kept, discarded;
    for (auto it = loops.end(); it != from;) {
      const For* loop = *--it;
      bool used = std::any_of(values_.begin(), values_.end(), [&](const Expr& value) {
        return uses_var(*value, loop->loop_var.get());
      });
      (used ? kept : discarded).push_back(loop);
    }
    wrap(kept, discarded);
  }

  Stmt nest;
  BlockId id = 0;

 private:
  void make_axes() {
    for (size_t i = 0; i < block_.iter_vars.size(); ++i) {
      const IterVar& iter = *block_.iter_vars[i];
      if (iter.iter_type != IterType::DataPar) continue;
      auto copy = mutate(iter);
      copy->var = renamed_var(iter.var);
      axes_.push_back(copy);
      values_.push_back(realize_.iter_values[i]);
      axis_map_.emplace(iter.var.get(), copy->var);
    }
  }

  /// `kept` are innermost first.
  void wrap(const std::vector<const For*>& kept, const std::vector<const For*>& discarded) {
    std::vector<Ref<BufferRegion>> writes;
    for (const auto& region : block_.writes) writes.push_back(substitute(region, axis_map_));
    BlockRef block = make<Block>(axes_, BufferRegions{}, writes, block_.name_hint + "_init",
                                 substitute(block_.init, axis_map_), nullptr, List<Buffer>{},
                                 List<MatchBufferRegion>{}, block_.annotations);
    id = block->id;
    VarMap loop_map;
    std::vector<VarRef> vars;
    for (const For* loop : kept) {
      vars.push_back(renamed_var(loop->loop_var, "_init"));
      loop_map.emplace(loop->loop_var.get(), vars.back());
    }
    std::vector<Expr> values;
    for (const Expr& value : values_) values.push_back(substitute(value, loop_map));
    // A discarded loop of one step takes no condition with it.
    VarMap single;
    for (const For* loop : discarded)
      if (is_one(loop->extent)) single.emplace(loop->loop_var.get(), loop->min);
    Expr known = single.empty() ? realize_.predicate : substitute(realize_.predicate, single);
    Expr predicate = substitute(predicate_without(known, discarded), loop_map);
    nest = make<BlockRealize>(values, predicate, block);
    for (size_t i = 0; i < kept.size(); ++i) {
      const For& loop = *kept[i];
      Ref<IterVar> thread = loop.thread_binding;
      if (thread) {
        auto copy = mutate(thread);
        copy->var = renamed_var(thread->var);
        thread = copy;
      }
      nest = make<For>(vars[i], substitute(loop.min, loop_map), substitute(loop.extent, loop_map),
                       loop.kind, nest, thread);
    }
  }

  const BlockRealize& realize_;
  const Block& block_;
  std::vector<Ref<IterVar>> axes_;
  std::vector<Expr> values_;
  VarMap axis_map_;
};

/// The block without its init; what it updates it also reads.
inline BlockRef update_block(const Block& block) {
  auto out = mutate(block);
  out->name_hint = block.name_hint + "_update";
  out->init = nullptr;
  std::vector<Ref<BufferRegion>> reads;
  for (const auto& region : block.writes)
    if (!reads_buffer(block, region->buffer.get())) reads.push_back(region);
  reads.insert(reads.end(), block.reads.begin(), block.reads.end());
  out->reads = reads;
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE void DecomposeReduction::apply(ScheduleState& state,
                                                   std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block);
  Path loop_path = state.path_of(loop);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const auto& target = static_cast<const For&>(*loop_path.back());
  LoopStack loops = path.loops_above();
  ScopeRoot scope = scope_root(state, path, false);
  auto at = std::find(loops.begin(), loops.end(), &target);
  refuse_unless(at != loops.end(),
                "ScheduleError: The input loop {0} of decompose_reduction is required to be an "
                "ancestor of block {1}",
                {&target, realize.block.get()});
  if (state.options.enable_check) {
    detail::check_reduction_block(path, scope.graph());
    for (size_t i = 0; i < realize.iter_values.size(); ++i) {
      if (realize.block->iter_vars[i]->iter_type != IterType::CommReduce) continue;
      for (auto above = loops.begin(); above != at; ++above)
        refuse_unless(
            !uses_var(*realize.iter_values[i], (*above)->loop_var.get()),
            "ScheduleError: decompose_reduction expect the loop {0} to be higher than all "
            "the loops related to reduce block var of block {1}",
            {&target, realize.block.get()});
    }
    // A loop that only repeats the reduction must repeat its init too. The original does not see
    // it.
    for (auto below = at; below != loops.end(); ++below)
      refuse_unless(is_one((*below)->extent) ||
                        std::any_of(realize.iter_values.begin(), realize.iter_values.end(),
                                    [&](const Expr& value) {
                                      return uses_var(*value, (*below)->loop_var.get());
                                    }),
                    "The loop {0} repeats the block {1} as a whole", {*below, realize.block.get()});
  }
  refuse_unless(realize.block->init.get() != nullptr, "The block {0} has no init",
                {realize.block.get()});
  detail::InitBlock init(realize, loops, &target);
  outputs.push_back(TableEntry::block(init.id));

  ModuleRef program = state.program;
  replace_stmt(program, path, with_block(realize, detail::update_block(*realize.block)));
  Path place = find_loop(*program, target.loop_var.get());
  replace_stmt(program, place, flatten_seq({init.nest, Stmt(place.back())}));
  state.program = std::move(program);
}

METASCHEDULE_INLINE BlockRV ReductionMethods::decompose_reduction(BlockRV block, LoopRV loop) {
  return static_cast<Schedule*>(this)->run(DecomposeReduction{block, loop});
}
METASCHEDULE_INLINE BlockRV ReductionMethods::rfactor(LoopRV loop, int64_t factor_axis) {
  return static_cast<Schedule*>(this)->run(RFactor{loop, factor_axis});
}

}  // namespace metaschedule
