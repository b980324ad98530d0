// SPDX-License-Identifier: Apache-2.0
// parallel, vectorize, bind and unroll.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

namespace detail {

// Every child block of the loop is complete or a reduction with respect to the loop itself, where
// only writers inside the children's own scopes count.
inline void check_compact_dataflow(const Path& path) {
  const StmtNode& loop = *path.back();
  LoopStack loops = path.loops_above();
  BlockScope inner;
  for (const BlockRealize* child : child_blocks(loop)) {
    BlockScope scope = BlockScope::of(*child);
    for (const auto& [buffer, users] : scope.writers) {
      auto& all = inner.writers[buffer];
      for (size_t i = 0; i < users.size(); ++i) all.push_back(static_cast<int>(all.size()));
    }
  }
  auto visit = [&](const auto& self, const StmtNode& stmt) -> void {
    if (stmt.kind == Kind::BlockRealize) {
      const auto& realize = static_cast<const BlockRealize&>(stmt);
      const Block& block = *realize.block;
      int complete = complete_block_violation(block, inner);
      if (complete == 0) return;
      // Affine bindings cost most to see: they are looked at last.
      int reduction = reduction_block_violation(block, inner, true);
      if (reduction == 0 && !is_affine_binding(realize, loops)) reduction = 2;
      if (reduction == 0) return;
      refuse(fmt::format("The queried subtree root {{0}} in SRef tree does not have compact "
                         "dataflow, because its child block {{1}} is neither a local complete "
                         "block (it violates condition #{}) nor a local reduction block (it "
                         "violates condition #{}).\n{}\n{}",
                         complete, reduction, complete_block_definition(),
                         reduction_block_definition()),
             {path.back(), &block});
    }
    const For* inner_loop = as<For>(&stmt);
    if (inner_loop) loops.push_back(inner_loop);
    for_each_substmt(stmt, [&](const StmtNode& below) { self(self, below); });
    if (inner_loop) loops.pop_back();
  };
  visit(visit, loop);
}

// "threadIdx.x" and the like. `rank` is 0 for blocks of threads, 1 for threads.
struct ThreadScope {
  int rank = -1;
  bool is_thread_index = false;
};
inline ThreadScope parse_thread_scope(std::string_view axis) {
  auto has_dim = [&](std::string_view prefix) {
    return axis.size() == prefix.size() + 1 && axis.substr(0, prefix.size()) == prefix &&
           axis.back() >= 'x' && axis.back() <= 'z';
  };
  if (has_dim("blockIdx.")) return {0, false};
  if (has_dim("threadIdx.")) return {1, true};
  if (axis == "cthread" || axis.substr(0, 7) == "vthread") return {1, false};
  fail<ValueError>("Unknown threadscope {}", axis);
}

inline void set_loop_kind(ScheduleState& state, LoopRV loop, ForKind kind,
                          const std::string& thread_axis = "") {
  Path path = state.path_of(loop);
  const For& old = static_cast<const For&>(*path.back());
  ThreadScope thread;
  if (!thread_axis.empty()) thread = parse_thread_scope(thread_axis);
  const char* word = kind == ForKind::Parallel     ? "parallel"
                     : kind == ForKind::Vectorized ? "vectorize"
                                                   : "bind";
  if (kind != ForKind::Unrolled) {
    if (state.options.enable_check) check_compact_dataflow(path);
    for (const BlockRealize* realize : all_blocks(old)) {
      const Block& block = *realize->block;
      for (size_t i = 0; i < block.iter_vars.size(); ++i) {
        IterType type = block.iter_vars[i]->iter_type;
        if (type == IterType::DataPar) continue;
        if (type == IterType::CommReduce && thread.is_thread_index) continue;
        if (!uses_var(*realize->iter_values[i], old.loop_var.get())) continue;
        refuse(fmt::format("The \"{}\" cannot be fulfilled with regard to block {{0}} because some "
                           "block iter whose block binding contains the loop var is not a data "
                           "parallel block iter{}: iter {}, bound to {{1}}, is {}",
                           word,
                           kind == ForKind::ThreadBinding
                               ? ", nor a reduction block iter for an axis of threadIdx"
                               : "",
                           block.iter_vars[i]->var->name,
                           type == IterType::CommReduce ? "a reduction" : "of another kind"),
               {&block, realize->iter_values[i].get()});
      }
    }
  }
  auto copy = mutate(old);
  copy->kind = kind;
  copy->thread_binding = nullptr;
  if (kind == ForKind::ThreadBinding)
    copy->thread_binding = make<IterVar>(nullptr, make<Var>(thread_axis, old.loop_var->dtype),
                                         IterType::ThreadIndex, thread_axis);
  state.replace(path, Stmt(copy));
}

}  // namespace detail

METASCHEDULE_INLINE void Parallel::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::set_loop_kind(state, loop, ForKind::Parallel);
}
METASCHEDULE_INLINE void Vectorize::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::set_loop_kind(state, loop, ForKind::Vectorized);
}
METASCHEDULE_INLINE void Bind::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::parse_thread_scope(thread_axis);
  detail::set_loop_kind(state, loop, ForKind::ThreadBinding, thread_axis);
}
METASCHEDULE_INLINE void Unroll::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::set_loop_kind(state, loop, ForKind::Unrolled);
}

METASCHEDULE_INLINE void LoopKindMethods::parallel(LoopRV loop) {
  static_cast<Schedule*>(this)->run(Parallel{loop});
}
METASCHEDULE_INLINE void LoopKindMethods::vectorize(LoopRV loop) {
  static_cast<Schedule*>(this)->run(Vectorize{loop});
}
METASCHEDULE_INLINE void LoopKindMethods::bind(LoopRV loop, std::string thread_axis) {
  static_cast<Schedule*>(this)->run(Bind{loop, std::move(thread_axis)});
}
METASCHEDULE_INLINE void LoopKindMethods::unroll(LoopRV loop) {
  static_cast<Schedule*>(this)->run(Unroll{loop});
}

}  // namespace metaschedule
