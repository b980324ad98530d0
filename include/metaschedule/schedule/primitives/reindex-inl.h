// SPDX-License-Identifier: Apache-2.0
// reindex.
#pragma once

#include <fmt/format.h>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/reindex.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/primitives/unique_access.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

/// The indices of all accesses of the buffer, simplified where that leaves a variable in them.
inline Exprs unique_indices(const Block& block, const BufferRef& buffer) {
  AccessCollector access(block, buffer);
  std::unordered_set<const Var*> used = vars_in(access.indices);
  bool inner = any_node(*block.body, [&](const Node& node) {
    const For* loop = as<For>(&node);
    const LetStmt* let = as<LetStmt>(&node);
    return (loop && used.count(loop->loop_var.get())) || (let && used.count(let->var.get()));
  });
  const char* problem = nullptr;
  if (inner) problem = "is accessed at variables of its body";
  if (!access.found) problem = "is not accessed";
  if (access.several) problem = "is accessed with different indices";
  if (access.opaque) problem = "is accessed in an opaque way";
  if (problem)
    refuse(fmt::format("The buffer {} {} in block {{0}}; one pattern of indices is required",
                       buffer->name, problem),
           {&block});
  arith::Analyzer analyzer;
  for (const auto& iter : block.iter_vars) analyzer.bind(iter->var, iter->dom);
  std::vector<Expr> out;
  for (const Expr& index : access.indices) {
    Expr simple = analyzer.simplify(index);
    out.push_back(as<IntImm>(simple) ? index : simple);
  }
  return out;
}

/// Refuses unless each loop of a block but the last holds the next one only.
inline void check_chain(const Path& path) {
  LoopStack loops = path.loops_above();
  for (size_t i = 0; i + 1 < loops.size(); ++i)
    refuse_unless(loops[i]->body.get() == loops[i + 1],
                  "The loop {1} of block {0} is required to hold the loop {2} only",
                  {&block_of(*path.back()), loops[i], loops[i + 1]});
}

/// The copy is made before the nest, or after it: refuses where another block of the nest would
/// have to come in between.
inline void check_alone(const Path& path, const Buffer& buffer, bool is_write) {
  LoopStack loops = path.loops_above();
  if (loops.empty()) return;
  const Block& self = block_of(*path.back());
  for (const BlockRealize* other : child_blocks(*loops[0])) {
    if (other->block.get() == &self) continue;
    bool meets =
        writes_buffer(*other->block, &buffer) || (is_write && reads_buffer(*other->block, &buffer));
    if (meets)
      refuse(
          fmt::format("The block {{1}} in the loops of {{0}} uses the buffer {}, too", buffer.name),
          {&self, other->block.get()});
  }
}

}  // namespace detail

METASCHEDULE_INLINE void ReIndex::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Block& old = *realize.block;
  BufferRef target = nth_region(old, buffer.index, buffer.is_write).buffer;
  ScopeRoot scope = scope_root(state, path, true);
  if (auto inside = child_blocks(old); !inside.empty())
    refuse("The block {0} is not a leaf block: block {1} is inside",
           {&old, inside[0]->block.get()});
  Exprs indices = detail::unique_indices(old, target);
  detail::check_chain(path);
  detail::check_alone(path, *target, buffer.is_write);

  std::unordered_set<const Var*> used = detail::vars_in(indices);
  std::vector<Ref<IterVar>> axes;
  std::vector<VarRef> loops;
  std::vector<Ref<Range>> ranges;
  std::vector<Expr> covered, shape, at, values;
  VarMap renamed;
  for (const auto& iter : old.iter_vars) {
    if (!used.count(iter->var.get())) continue;
    axes.push_back(detail::parallel_axis(*iter, fmt::format("v{}", axes.size())));
    loops.push_back(make<Var>(fmt::format("ax{}", loops.size()), iter->var->dtype));
    ranges.push_back(iter->dom);
    covered.push_back(iter->var);
    shape.push_back(iter->dom->min + iter->dom->extent);
    at.push_back(axes.back()->var);
    values.push_back(loops.back());
    renamed.emplace(iter->var.get(), axes.back()->var);
  }
  BufferRef copy = reshaped_buffer(*target, "_reindex", shape);
  std::vector<Expr> target_at;
  for (const Expr& index : indices) target_at.push_back(substitute(index, renamed));

  const BufferRef &from = buffer.is_write ? copy : target, &to = buffer.is_write ? target : copy;
  const Exprs from_at = buffer.is_write ? at : target_at, to_at = buffer.is_write ? target_at : at;
  BlockRef stage = make<Block>(axes, BufferRegions{point_region(from, from_at)},
                               BufferRegions{point_region(to, to_at)}, to->name + "_reindex",
                               make<BufferStore>(to, load(from, from_at), to_at));
  Stmt nest = detail::loop_nest(loops, ranges, make<BlockRealize>(values, true_(), stage));

  BlockId scope_id = scope.block().id;
  int position = detail::member_position(path, scope.path.size() - 1) + buffer.is_write;
  ModuleRef program = state.program;
  Exprs covered_at = covered;
  BlockRef now = detail::AccessRedirector(target, copy, covered_at)(realize.block);
  replace_stmt(program, path, with_block(realize, now));
  detail::add_to_block(program, scope_id, position, {nest}, {copy});
  state.program = std::move(program);
  outputs.push_back(TableEntry::block(stage->id));
}

METASCHEDULE_INLINE BlockRV ReindexMethods::reindex(BlockRV block, BufferArg buffer) {
  return static_cast<Schedule*>(this)->run(ReIndex{block, buffer});
}
METASCHEDULE_INLINE BlockRV ReindexMethods::reindex_cache_read(BlockRV block,
                                                               int64_t read_buffer_index,
                                                               std::string storage_scope,
                                                               Ref<IndexMap> index_map) {
  return static_cast<Schedule*>(this)->run(
      ReindexCacheRead{block, read_buffer_index, std::move(storage_scope), std::move(index_map)});
}
METASCHEDULE_INLINE BlockRV ReindexMethods::reindex_cache_write(BlockRV block,
                                                                int64_t write_buffer_index,
                                                                std::string storage_scope,
                                                                Ref<IndexMap> index_map) {
  return static_cast<Schedule*>(this)->run(
      ReindexCacheWrite{block, write_buffer_index, std::move(storage_scope), std::move(index_map)});
}

}  // namespace metaschedule
