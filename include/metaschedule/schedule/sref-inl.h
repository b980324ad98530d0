// SPDX-License-Identifier: Apache-2.0
// Finding and replacing named statements.
#pragma once

#include <unordered_map>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/sref.h"

namespace metaschedule {

METASCHEDULE_INLINE StmtSRef sref_of(const Node& stmt) {
  if (const For* loop = as<For>(&stmt)) return {0, loop->loop_var, 0};
  if (const Block* block = as<Block>(&stmt)) return {block->id, nullptr, 0};
  return {cast_to<BlockRealize>(stmt).block->id, nullptr, 0};
}
METASCHEDULE_INLINE StmtSRef sref_of(const ScheduleState& state, BlockRV block) {
  return {state.entry(block, TableEntry::Kind::Block).value, nullptr, 0};
}
METASCHEDULE_INLINE StmtSRef sref_of(const ScheduleState& state, LoopRV loop) {
  const TableEntry& entry = state.entry(loop, TableEntry::Kind::Loop);
  return {0, entry.var, entry.is_mark() ? entry.value : 0};
}

METASCHEDULE_INLINE Path find_sref(const IRModule& module, const StmtSRef& sref) {
  if (sref.block) return find_block(module, sref.block);
  return sref.loop ? find_loop(module, sref.loop.get()) : Path{};
}
METASCHEDULE_INLINE Path find_sref_stmt(const IRModule& module, const Node* stmt) {
  if (!stmt) return {};
  if (const Block* block = as<Block>(stmt)) {
    Path path = find_block(module, block->id);
    return !path.empty() && &block_of(*path.back()) == block ? path : Path{};
  }
  if (stmt->kind != Kind::For && stmt->kind != Kind::BlockRealize) return {};
  return find_stmt(module, static_cast<const StmtNode*>(stmt));
}
METASCHEDULE_INLINE Ref<Node> sref_stmt(const Path& path) {
  const StmtNode& stmt = *path.back();
  return stmt.kind == Kind::For ? Ref<Node>(&stmt) : Ref<Node>(&block_of(stmt));
}
METASCHEDULE_INLINE std::optional<StmtSRef> sref_parent(const Path& path) {
  for (size_t i = path.size() - 1; i-- > 0;) {
    Kind kind = path.nodes[i]->kind;
    if (kind == Kind::For || kind == Kind::BlockRealize) return sref_of(*path.nodes[i]);
  }
  return std::nullopt;
}

METASCHEDULE_INLINE void replace_sref(Schedule& schedule, const StmtSRef& sref, const Stmt& target,
                                      const std::vector<std::pair<BlockRef, BlockRef>>& reuse) {
  Path path = find_sref(*schedule.program, sref);
  check<ValueError>(!path.empty(), "The statement to replace no longer exists in the IRModule");
  const StmtNode& old = *path.back();
  bool fits = old.kind == Kind::For
                  ? target->kind == Kind::For || target->kind == Kind::BlockRealize
                  : target->kind == Kind::Block;
  check<TypeError>(fits, "src_stmt has type: {}. tgt_stmt has type: {}",
                   type_key(sref_stmt(path)->kind), type_key(target->kind));
  if (sref_stmt(path).same_as(target)) return;
  Stmt replacement = target;
  if (!reuse.empty()) {
    // Copies of a block keep its id, so that it is found whatever is replaced inside it.
    std::unordered_map<BlockId, BlockId> ids;
    for (const auto& [before, after] : reuse) ids[after->id] = before->id;
    Ref<Node> renamed = rewrite_post_order(*target, [&](const Node& node) -> Ref<Node> {
      const Block* block = as<Block>(&node);
      auto it = block ? ids.find(block->id) : ids.end();
      if (it == ids.end() || it->second == block->id) return nullptr;
      auto copy = mutate(*block);
      copy->id = it->second;
      return copy;
    });
    if (renamed) replacement = cast_to<StmtNode>(renamed);
  }
  if (old.kind == Kind::BlockRealize)
    replacement =
        with_block(static_cast<const BlockRealize&>(old), cast_to<Block>(Ref<Node>(replacement)));
  schedule.replace(path, std::move(replacement));
  schedule.debug_check();
}

}  // namespace metaschedule
