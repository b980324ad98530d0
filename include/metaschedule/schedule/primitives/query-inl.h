// SPDX-License-Identifier: Apache-2.0
// Looking up blocks and loops.
#pragma once

#include <fmt/format.h>

#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

METASCHEDULE_INLINE void GetBlock::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  if (func_name.empty()) func_name = state.func_working_on;
  check<ValueError>(!func_name.empty(),
                    "`get_block` does not know which function to be working on. Please specify the "
                    "function name explicitly, or call `work_on` to specify the function before "
                    "using `get_block`.");
  const PrimFunc* func = state.program->find(func_name);
  if (!func) state.program->lookup(func_name);  // raises
  std::vector<const Node*> found;
  auto visit = [&](const auto& self, const StmtNode& stmt) -> void {
    if (stmt.kind == Kind::BlockRealize && block_of(stmt).name_hint == name)
      found.push_back(&block_of(stmt));
    for_each_substmt(stmt, [&](const StmtNode& below) { self(self, below); });
  };
  visit(visit, *func->body);
  if (found.size() != 1) {
    std::vector<Ref<Node>> locations;
    for (const Node* node : found) locations.emplace_back(node);
    throw Refusal(found.empty()
                      ? fmt::format("Cannot find a block with the name: {}", name)
                      : fmt::format("Found  {} blocks with the name: {}", found.size(), name),
                  std::move(locations));
  }
  outputs.push_back(TableEntry::block(static_cast<const Block*>(found[0])->id));
}

METASCHEDULE_INLINE void GetLoops::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  for (const For* loop : state.path_of(block).loops_above())
    outputs.push_back(TableEntry::loop(loop->loop_var));
}

METASCHEDULE_INLINE void GetChildBlocks::apply(ScheduleState& state,
                                               std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block_or_loop);
  for (const BlockRealize* child : child_blocks(*path.back()))
    outputs.push_back(TableEntry::block(child->block->id));
}

namespace detail {
// The scope around a block; refuses for the root block.
inline std::shared_ptr<const BlockScope> scope_around(const Path& path) {
  int scope = path.enclosing_block();
  refuse_unless(scope >= 0, "The primitive does not operate on the root block");
  return BlockScope::kept(*path.nodes[static_cast<size_t>(scope)]);
}
}  // namespace detail

METASCHEDULE_INLINE void GetProducers::apply(ScheduleState& state,
                                             std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block);
  auto scope = detail::scope_around(path);
  for (int i : scope->producers(scope->find(block_of(*path.back()).id)))
    outputs.push_back(TableEntry::block(scope->block(i).id));
}
METASCHEDULE_INLINE void GetConsumers::apply(ScheduleState& state,
                                             std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block);
  auto scope = detail::scope_around(path);
  for (int i : scope->consumers(scope->find(block_of(*path.back()).id)))
    outputs.push_back(TableEntry::block(scope->block(i).id));
}

METASCHEDULE_INLINE void GetOutputBlocks::apply(ScheduleState& state,
                                                std::vector<TableEntry>& outputs) {
  Path path = state.path_of(scope_block);
  auto visit = [&](const auto& self, const Block& scope) -> void {
    for (const BlockRealize* child : child_blocks(scope)) {
      if (is_output_block(*child->block, scope))
        outputs.push_back(TableEntry::block(child->block->id));
      self(self, *child->block);
    }
  };
  visit(visit, block_of(*path.back()));
}

METASCHEDULE_INLINE BlockRV QueryMethods::get_block(std::string name,
                                                    std::optional<std::string> func_name) {
  return static_cast<Schedule*>(this)->run(GetBlock{std::move(name), func_name.value_or("")});
}
METASCHEDULE_INLINE std::vector<LoopRV> QueryMethods::get_loops(BlockRV block) {
  return static_cast<Schedule*>(this)->run(GetLoops{block});
}
METASCHEDULE_INLINE std::vector<BlockRV> QueryMethods::get_child_blocks(
    BlockOrLoopRV block_or_loop) {
  return static_cast<Schedule*>(this)->run(GetChildBlocks{block_or_loop});
}
METASCHEDULE_INLINE std::vector<BlockRV> QueryMethods::get_producers(BlockRV block) {
  return static_cast<Schedule*>(this)->run(GetProducers{block});
}
METASCHEDULE_INLINE std::vector<BlockRV> QueryMethods::get_consumers(BlockRV block) {
  return static_cast<Schedule*>(this)->run(GetConsumers{block});
}
METASCHEDULE_INLINE std::vector<BlockRV> QueryMethods::get_output_blocks(BlockRV scope_block) {
  return static_cast<Schedule*>(this)->run(GetOutputBlocks{scope_block});
}

}  // namespace metaschedule
