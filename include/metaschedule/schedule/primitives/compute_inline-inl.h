// SPDX-License-Identifier: Apache-2.0
// compute_inline: a producer goes into its consumers.
#pragma once

#include <fmt/format.h>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/leaf.h"
#include "metaschedule/schedule/primitives/compute_inline.h"
#include "metaschedule/schedule/primitives/inliner.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

inline void check_no_init(const Block& block) {
  refuse_unless(!block.init, "ScheduleError: The block has init statement: {0}", {&block});
}
inline void check_complete(const Block& block, const BlockScope& graph) {
  if (int violated = complete_block_violation(block, graph)) {
    refuse(fmt::format("The block {{0}} is not a complete block - it violates condition #{}.\n{}",
                       violated, complete_block_definition()),
           {&block});
  }
}

/// `B[index_vars] = value`: a store with its indices solved for the axes of its block.
struct SolvedStore {
  std::vector<VarRef> index_vars;
  Expr value;

  Expr at(const Exprs& indices) const {
    VarMap map;
    for (size_t i = 0; i < index_vars.size(); ++i) map.emplace(index_vars[i].get(), indices[i]);
    return substitute(value, map);
  }
};

/// True when index `i` of the store is axis `i`, for all axes.
inline bool is_trivial_store(const Block& block, const BufferStore& store) {
  if (block.iter_vars.size() != store.indices.size()) return false;
  for (size_t i = 0; i < store.indices.size(); ++i) {
    const IterVar& iter = *block.iter_vars[i];
    bool unit = is_zero(store.indices[i]) && is_zero(iter.dom->min) && is_one(iter.dom->extent);
    if (!store.indices[i].same_as(iter.var) && !unit) return false;
  }
  return true;
}

inline std::optional<SolvedStore> solve_store(const Block& block) {
  const BufferStore* store = as<BufferStore>(block.body);
  if (!store || !block.match_buffers.empty()) return std::nullopt;
  SolvedStore out{{}, store->value};
  if (is_trivial_store(block, *store)) {
    for (const auto& iter : block.iter_vars) out.index_vars.push_back(iter->var);
    return out;
  }
  arith::IterRanges iters;
  for (const auto& iter : block.iter_vars) iters.emplace_back(iter->var, iter->dom);
  arith::Analyzer analyzer;
  auto found = arith::detect_iter_map(store->indices.vec(), iters, true_(),
                                      arith::IterMapLevel::Bijective, analyzer, false);
  if (!found) return std::nullopt;
  for (size_t i = 0; i < store->indices.size(); ++i) {
    out.index_vars.push_back(make<Var>(fmt::format("ph_{}", i), store->indices[i]->dtype));
  }
  VarMap inverse;
  try {
    inverse = arith::inverse_affine_iter_map(
        found.indices, {out.index_vars.begin(), out.index_vars.end()}, analyzer);
  } catch (const ValueError&) {
    return std::nullopt;  // scaled: not onto what it is read from
  }
  for (const auto& [var, dom] : iters) {
    if (as<IntImm>(dom->min) && is_one(dom->extent)) inverse[var.get()] = dom->min;
  }
  out.value = substitute(out.value, inverse);
  return out;
}

/// Puts the value of a store where its buffer is loaded.
class LoadReplacer : public BufferInliner {
 public:
  LoadReplacer(const PrimFunc& func, const Path& scope, BufferRef buffer, const SolvedStore& store)
      : BufferInliner(func, scope, std::move(buffer)), store_(store) {}

 protected:
  Ref<Node> visit_other(const Node& node) override {
    Ref<Node> inside = rewrite_children(node);
    if (node.kind != Kind::BufferLoad) return inside;
    const auto& load = static_cast<const BufferLoad&>(inside ? *inside : node);
    return load.buffer == buffer_ ? Ref<Node>(store_.at(load.indices)) : inside;
  }

 private:
  const SolvedStore& store_;
};

/// A producer that can be inlined, as far as the rest of its scope lets it.
struct InlinePlan {
  BlockRef producer;
  BufferRef buffer;
  ScopeRoot scope;
  SolvedStore store;
};

inline InlinePlan plan_inline(const ScheduleState& state, const Path& path) {
  BlockRef producer(&block_of(*path.back()));
  check_no_init(*producer);
  if (producer->writes.size() != 1) {
    refuse(fmt::format("The block is only allowed to write a single buffer region, but it writes "
                       "{} region(s): {{0}}",
                       producer->writes.size()),
           {producer.get()});
  }
  ScopeRoot scope = scope_root(state, path, true);
  refuse_unless(!is_output_block(*producer, scope.block()), "The block {0} is an output block",
                {producer.get()});
  check_complete(*producer, scope.graph());
  auto store = solve_store(*producer);
  refuse_unless(store.has_value(),
                "The body of the inlined block should be in form of 'A[f(i, j, k, ...)] = "
                "g(i, j, k, ...)', where the store indices mapping f on the left are bijective "
                "affine: {0}",
                {producer.get()});
  return {producer, producer->writes[0]->buffer, std::move(scope), std::move(*store)};
}

/// True when the data pointer of a buffer is used below a statement, or a part of it has another
/// name there; `except` is not looked into.
inline bool has_opaque_access(const Node& root, const Node& except, const Buffer& buffer) {
  bool found = false;
  pre_order(root, [&](const Node& node) {
    const MatchBufferRegion* match = as<MatchBufferRegion>(&node);
    found =
        found || &node == buffer.data.get() || (match && match->source->buffer.get() == &buffer);
    return !found && &node != &except;
  });
  return found;
}

}  // namespace detail

METASCHEDULE_INLINE void check_compute_inline(const ScheduleState& state, const Path& block) {
  detail::InlinePlan plan = detail::plan_inline(state, block);
  plan_leaf_removal(block);
  detail::refuse_opaque_access(
      detail::has_opaque_access(*plan.scope.path.back(), *block.back(), *plan.buffer),
      plan.scope.block());
}

METASCHEDULE_INLINE void ComputeInline::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  detail::InlinePlan plan = detail::plan_inline(state, path);
  detail::LoadReplacer inliner(state.function(path), plan.scope.path, plan.buffer, plan.store);
  BlockId scope_id = plan.scope.block().id;
  ModuleRef program = state.program;
  plan_leaf_removal(path).apply(program);
  detail::rewrite_scope(program, scope_id, inliner);
  state.program = std::move(program);
}

METASCHEDULE_INLINE void InlineMethods::compute_inline(BlockRV block) {
  static_cast<Schedule*>(this)->run(ComputeInline{block});
}
METASCHEDULE_INLINE void InlineMethods::reverse_compute_inline(BlockRV block) {
  static_cast<Schedule*>(this)->run(ReverseComputeInline{block});
}
METASCHEDULE_INLINE void InlineMethods::fuse_reduction_epilogue(BlockRV reduction_block,
                                                                BlockRV epilogue_block) {
  static_cast<Schedule*>(this)->run(FuseReductionEpilogue{reduction_block, epilogue_block});
}

}  // namespace metaschedule
