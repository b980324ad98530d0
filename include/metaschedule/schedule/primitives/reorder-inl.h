// SPDX-License-Identifier: Apache-2.0
// reorder.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

namespace detail {

// All blocks under the innermost loop of the chain can run in any order of these loops.
inline void check_reorderable(const Path& bottom, size_t top_level) {
  LoopStack outer = Path(bottom).loops_above();
  outer.push_back(static_cast<const For*>(bottom.back()));
  LoopStack inside;  // from the top of the chain
  for (size_t i = top_level; i < bottom.size(); ++i)
    inside.push_back(static_cast<const For*>(bottom.nodes[i]));
  auto visit = [&](const auto& self, const StmtNode& stmt) -> void {
    if (stmt.kind == Kind::BlockRealize) {
      const auto& realize = static_cast<const BlockRealize&>(stmt);
      refuse_unless(has_only_spatial_or_reduce_iters(*realize.block),
                    "The block {0} has block iters that are neither data parallel nor reduction",
                    {realize.block.get()});
      if (is_affine_binding(realize, outer)) return;
      if (inside.size() < outer.size() && is_affine_binding(realize, inside)) return;
      Ref<Node> bindings = make<Array>(realize.iter_values);
      refuse("The block {0} is required to have an affine binding, but is bound to {1}",
             {realize.block.get(), bindings.get()});
    }
    const For* loop = as<For>(&stmt);
    if (loop) outer.push_back(loop), inside.push_back(loop);
    for_each_substmt(stmt, [&](const StmtNode& below) { self(self, below); });
    if (loop) outer.pop_back(), inside.pop_back();
  };
  visit(visit, *static_cast<const For&>(*bottom.back()).body);
}

// Whether a block reduces over loops that its data parallel axes use too, and these loops change
// their order: then the init would no longer come first. The original does not see it.
inline bool breaks_init(const BlockRealize& realize, const std::vector<const For*>& before,
                        const std::vector<const For*>& after) {
  if (!realize.block->init) return false;
  auto users = [&](const For* loop, IterType type) {
    for (size_t i = 0; i < realize.iter_values.size(); ++i)
      if (realize.block->iter_vars[i]->iter_type == type &&
          uses_var(*realize.iter_values[i], loop->loop_var.get()))
        return true;
    return false;
  };
  std::vector<const For*> reducing;
  bool shared = false;
  for (const For* loop : before) {
    if (!users(loop, IterType::CommReduce)) continue;
    reducing.push_back(loop);
    shared = shared || users(loop, IterType::DataPar);
  }
  if (!shared) return false;
  size_t next = 0;
  for (const For* loop : after)
    if (next < reducing.size() && loop == reducing[next]) ++next;
  return next < reducing.size();
}

}  // namespace detail

METASCHEDULE_INLINE void Reorder::apply(ScheduleState& state, std::vector<TableEntry>&) {
  if (ordered_loops.size() <= 1) return;
  Path bottom;
  std::vector<const For*> listed;
  for (LoopRV loop : ordered_loops) {
    Path path = state.path_of(loop);
    const For* found = static_cast<const For*>(path.back());
    refuse_unless(std::find(listed.begin(), listed.end(), found) == listed.end(),
                  "Loop {0} appears in the input array for multiple times.", {found});
    listed.push_back(found);
    if (path.size() > bottom.size()) bottom = std::move(path);
  }

  // The chain from the topmost to the innermost of them.
  size_t top = bottom.size();
  for (const For* loop : listed) {
    auto at = std::find(bottom.nodes.begin(), bottom.nodes.end(), loop);
    refuse_unless(at != bottom.nodes.end(),
                  "The loops are not under the same scope or chain: {0} is not around {1}",
                  {loop, bottom.back()});
    top = std::min(top, static_cast<size_t>(at - bottom.nodes.begin()));
  }
  refuse_unless(bottom.enclosing_block(top) == bottom.enclosing_block(),
                "The loops are not under the same scope: a block is between {0} and {1}",
                {bottom.nodes[top], bottom.back()});
  for (size_t i = top; i + 1 < bottom.size(); ++i) {
    const For* loop = as<For>(bottom.nodes[i]);
    refuse_unless(loop && as<For>(loop->body),
                  "The loops are not a chain: {0} holds more than the next of them",
                  {bottom.nodes[i]});
  }
  // Places of listed loops are filled with listed loops in the order given.
  std::vector<const For*> nest;
  size_t next = 0;
  for (size_t i = top; i < bottom.size(); ++i) {
    const For* loop = static_cast<const For*>(bottom.nodes[i]);
    bool is_listed = std::find(listed.begin(), listed.end(), loop) != listed.end();
    nest.push_back(is_listed ? listed[next++] : loop);
  }
  for (size_t i = 0; i < nest.size(); ++i) {
    if (as<IntImm>(nest[i]->extent) && as<IntImm>(nest[i]->min)) continue;
    for (size_t k = i + 1; k < nest.size(); ++k) {
      const Var* inner = nest[k]->loop_var.get();
      if (uses_var(*nest[i]->extent, inner) || uses_var(*nest[i]->min, inner))
        refuse(fmt::format("Outer Loop {{0}} depends on inner loop {}", inner->name), {nest[i]});
    }
  }

  detail::check_reorderable(bottom, top);

  std::vector<const For*> before;
  for (size_t i = top; i < bottom.size(); ++i)
    before.push_back(static_cast<const For*>(bottom.nodes[i]));
  for (const BlockRealize* realize : child_blocks(*bottom.back()))
    refuse_unless(!detail::breaks_init(*realize, before, nest),
                  "The block {0} would no longer start its reduction with its init",
                  {realize->block.get()});

  Stmt body = static_cast<const For&>(*bottom.back()).body;
  for (size_t i = nest.size(); i-- > 0;) {
    auto copy = mutate(*nest[i]);
    copy->body = std::move(body);
    body = copy;
  }
  state.replace(bottom, top, std::move(body));
}

}  // namespace metaschedule
