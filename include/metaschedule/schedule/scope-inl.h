// SPDX-License-Identifier: Apache-2.0
// The dependency graph of a scope and the properties of blocks that rest on it.
#pragma once

#include <algorithm>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

namespace detail {

// The buffers of some regions, each once, in order.
inline void distinct_buffers(const BufferRegions& regions, std::vector<const Buffer*>& out) {
  out.clear();
  for (const auto& region : regions)
    if (std::find(out.begin(), out.end(), region->buffer.get()) == out.end())
      out.push_back(region->buffer.get());
}

inline void add_once(std::vector<int>& list, int item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace detail

METASCHEDULE_INLINE BlockScope BlockScope::of(const StmtNode& scope) {
  BlockScope out;
  out.children = child_blocks(scope);
  if (out.children.empty()) return out;
  out.dependencies.reserve(2 * out.children.size());
  out.writers.reserve(out.children.size() + 2);
  out.readers.reserve(out.children.size() + 6);
  std::vector<const Buffer*> reads, writes;
  reads.reserve(8);
  writes.reserve(2);
  for (size_t k = 0; k < out.children.size(); ++k) {
    int c = static_cast<int>(k);
    const Block& block = *out.children[k]->block;
    detail::distinct_buffers(block.reads, reads);
    detail::distinct_buffers(block.writes, writes);
    for (const Buffer* b : reads) detail::users_slot(out.readers, b).push_back(c);
    for (const Buffer* b : writes) detail::users_slot(out.writers, b).push_back(c);
    auto depend = [&](const std::vector<int>& sources, DepKind kind) {
      for (int s : sources)
        if (s != c) out.dependencies.push_back({s, c, kind});
    };
    for (const Buffer* b : reads) depend(out.writers_of(b), DepKind::RAW);
    for (const Buffer* b : writes) depend(out.writers_of(b), DepKind::WAW);
    for (const Buffer* b : writes) depend(out.readers_of(b), DepKind::WAR);
  }
  return out;
}

METASCHEDULE_INLINE std::shared_ptr<const BlockScope> BlockScope::kept(const StmtNode& scope) {
  // What the memo holds on to is not changed in place.
  struct Memo {
    Stmt scope;
    std::shared_ptr<const BlockScope> graph;
  };
  thread_local Memo memo;
  if (memo.scope.get() != &scope) memo = {Stmt(&scope), std::make_shared<BlockScope>(of(scope))};
  return memo.graph;
}

METASCHEDULE_INLINE int BlockScope::find(BlockId id) const {
  for (size_t i = 0; i < children.size(); ++i)
    if (children[i]->block->id == id) return static_cast<int>(i);
  return -1;
}
METASCHEDULE_INLINE std::vector<int> BlockScope::producers(int child) const {
  std::vector<int> out;
  for (const Dependency& d : dependencies)
    if (d.dst == child && d.kind <= DepKind::WAW) detail::add_once(out, d.src);
  return out;
}
METASCHEDULE_INLINE std::vector<int> BlockScope::consumers(int child) const {
  std::vector<int> out;
  for (const Dependency& d : dependencies)
    if (d.src == child && d.kind <= DepKind::WAW) detail::add_once(out, d.dst);
  return out;
}
METASCHEDULE_INLINE const std::vector<int>& BlockScope::users(const Users& map,
                                                              const Buffer* buffer) {
  static const std::vector<int> none;
  for (const auto& [key, users] : map)
    if (key == buffer) return users;
  return none;
}

METASCHEDULE_INLINE bool reads_buffer(const Block& block, const Buffer* buffer) {
  return std::any_of(block.reads.begin(), block.reads.end(),
                     [&](const auto& region) { return region->buffer.get() == buffer; });
}
METASCHEDULE_INLINE bool writes_buffer(const Block& block, const Buffer* buffer) {
  return std::any_of(block.writes.begin(), block.writes.end(),
                     [&](const auto& region) { return region->buffer.get() == buffer; });
}
METASCHEDULE_INLINE bool is_output_block(const Block& block, const Block& scope) {
  for (const auto& region : block.writes) {
    const auto& alloc = scope.alloc_buffers;
    if (std::find(alloc.begin(), alloc.end(), region->buffer) == alloc.end()) return true;
  }
  return false;
}
METASCHEDULE_INLINE bool is_dominant(const Block& block, const BlockScope& scope) {
  for (const auto& region : block.writes)
    if (scope.writers_of(region->buffer.get()).size() > 1) return false;
  return true;
}
METASCHEDULE_INLINE bool has_only_spatial_iters(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(),
                     [](const auto& iter) { return iter->iter_type == IterType::DataPar; });
}
METASCHEDULE_INLINE bool has_only_spatial_or_reduce_iters(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(), [](const auto& iter) {
    return iter->iter_type == IterType::DataPar || iter->iter_type == IterType::CommReduce;
  });
}

METASCHEDULE_INLINE bool reduction_indexes_output(const Block& block) {
  std::vector<const Var*> reduce;
  for (const auto& iter : block.iter_vars)
    if (iter->iter_type == IterType::CommReduce) reduce.push_back(iter->var.get());
  if (reduce.empty()) return false;
  std::vector<const Buffer*> outputs;
  for (const auto& region : block.writes) outputs.push_back(region->buffer.get());
  bool affected = false;
  auto check_store = [&](const BufferStore& store) {
    for (const Expr& index : store.indices)
      affected = affected || any_node(*index, [&](const Node& n) {
                   return std::find(reduce.begin(), reduce.end(), &n) != reduce.end();
                 });
  };
  auto visit = [&](const auto& self, const StmtNode& stmt) -> void {
    if (affected) return;
    if (const BufferStore* store = as<BufferStore>(&stmt)) return check_store(*store);
    for_each_substmt(stmt, [&](const StmtNode& below) { self(self, below); });
  };
  visit(visit, *block.body);
  return affected;
}

METASCHEDULE_INLINE int complete_block_violation(const Block& block, const BlockScope& scope) {
  if (!has_only_spatial_iters(block)) return 1;
  if (!is_dominant(block, scope)) return 2;
  for (const auto& region : block.writes)
    if (reads_buffer(block, region->buffer.get())) return 3;
  return 0;
}
METASCHEDULE_INLINE int reduction_block_violation(const Block& block, const BlockScope& scope,
                                                  bool affine_binding) {
  if (!block.init) return 1;
  if (!affine_binding) return 2;
  if (!has_only_spatial_or_reduce_iters(block)) return 3;
  if (!is_dominant(block, scope)) return 4;
  return reduction_indexes_output(block) ? 5 : 0;
}

METASCHEDULE_INLINE const char* complete_block_definition() {
  return "Definition of a complete block: 1) all axes are data parallel; 2) dominant: it is the "
         "only writer of its outputs in the scope; 3) it does not read a buffer that it writes";
}
METASCHEDULE_INLINE const char* reduction_block_definition() {
  return "Definition of a reduction block: 1) it has an init statement; 2) all bindings are "
         "affine; "
         "3) all axes are data parallel or reductions; 4) dominant: it is the only writer of its "
         "outputs in the scope; 5) reduction axes do not index its outputs";
}

}  // namespace metaschedule
