// SPDX-License-Identifier: Apache-2.0
// cache_inplace.
#pragma once

#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/primitives/cache_block.h"
#include "metaschedule/schedule/primitives/cache_stage.h"
#include "metaschedule/schedule/primitives/views.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

METASCHEDULE_INLINE void CacheInplace::apply(ScheduleState& state,
                                             std::vector<TableEntry>& outputs) {
  check_storage_scope(storage_scope);
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Block& old = *realize.block;
  BufferRef buffer = nth_region(old, read_buffer_index, false).buffer;
  refuse_unless(writes_buffer(old, buffer.get()),
                "The target block {0} does not both read & write target buffer {1}.",
                {&old, buffer.get()});
  ScopeRoot scope = scope_root(state, path, false);
  for (int reader : scope.graph().readers_of(buffer.get()))
    refuse_unless(
        is_region_covered(scope.path, scope.graph(), reader),
        "The scope {0} is required to have region cover: block {1} reads what has not been "
        "written of the buffer {2}",
        {&scope.block(), &scope.graph().block(reader), buffer.get()});

  // The innermost statement of several around the block, up to the loop or the scope.
  size_t top = path.size() - 1;
  while (path.nodes[top - 1]->kind != Kind::For && top - 1 > scope.path.size() - 1 &&
         path.nodes[top - 1]->kind != Kind::SeqStmt)
    --top;
  LoopStack outer = path.loops_above();
  auto stage_of = [&](bool is_read, const BufferRef& cache) {
    detail::CacheStage stage;
    stage.is_read = is_read;
    stage.original = buffer;
    stage.cache = cache;
    stage.full = true;
    stage.written_where = realize.predicate;
    stage.region = relaxed_region(path, path.size() - 1,
                                  *find_region(is_read ? old.reads : old.writes, buffer.get()));
    stage.build(outer, scope.block());
    return stage;
  };
  BufferRef cache = cache_buffer(*buffer, storage_scope);
  detail::CacheStage reads = stage_of(true, cache), writes = stage_of(false, cache);

  BlockId scope_id = scope.block().id, id = old.id;
  ModuleRef program = state.program;
  replace_stmt(program, path, top, flatten_seq({reads.stmt, Stmt(path.nodes[top]), writes.stmt}));
  Path now = find_block(*program, id);
  replace_stmt(program, now, detail::use_copy(Stmt(now.back()), buffer, cache));
  detail::add_to_block(program, scope_id, 0, {}, {cache});
  state.program = std::move(program);
  outputs.push_back(TableEntry::block(reads.block->id));
  outputs.push_back(TableEntry::block(writes.block->id));
}

METASCHEDULE_INLINE std::vector<BlockRV> CacheBlockMethods::cache_inplace(
    BlockRV block, int64_t read_buffer_index, std::string storage_scope) {
  return static_cast<Schedule*>(this)->run(
      CacheInplace{block, read_buffer_index, std::move(storage_scope)});
}
METASCHEDULE_INLINE std::vector<BlockRV> CacheBlockMethods::cache_index(BlockRV block,
                                                                        std::string storage_scope,
                                                                        int64_t cse_thresh) {
  return static_cast<Schedule*>(this)->run(CacheIndex{block, std::move(storage_scope), cse_thresh});
}

}  // namespace metaschedule
