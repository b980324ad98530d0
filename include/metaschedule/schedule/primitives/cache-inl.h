// SPDX-License-Identifier: Apache-2.0
// cache_read and cache_write.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/primitives/cache.h"
#include "metaschedule/schedule/primitives/cache_stage.h"
#include "metaschedule/schedule/primitives/cache_users.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

// What cache_read and cache_write have in common.
class CachePlan {
 public:
  CachePlan(ScheduleState& state, BlockRV block, int64_t index, const std::string& memory,
            const std::vector<BlockRV>& consumers, bool is_read)
      : state_(state), path_(state.path_of(block)) {
    check_storage_scope(memory);
    const BufferRegion& region = nth_region(self(), index, !is_read);
    int level = path_.enclosing_block();
    refuse_unless(level >= 0, "The primitive does not operate on the root block");
    scope_path_ = path_.prefix(static_cast<size_t>(level) + 1);
    kept_ = BlockScope::kept(scope());
    stage_.is_read = is_read;
    stage_.original = region.buffer;
    stage_.cache = cache_buffer(*region.buffer, memory);
    for (BlockRV rv : consumers) {
      Path path = state.path_of(rv);
      users_.push_back(block_of(*path.back()).id);
      for (const BlockRealize* child : child_blocks(*path.back()))
        users_.push_back(child->block->id);
    }
  }

  void read(std::vector<TableEntry>& outputs) {
    for (int reader : kept_->readers_of(buffer()))
      refuse_unless(
          is_region_covered(scope_path_, *kept_, reader),
          "The scope {0} is required to have region cover: block {1} reads what has not been "
          "written of the buffer {2}",
          {&block_of(scope()), &kept_->block(reader), buffer()});
    int writer = only_writer(*kept_, *stage_.original);
    if (writer < 0) {
      stage_.place = {&scope(), 0};
      const BufferRegion* declared = find_region(block_of(scope()).reads, buffer());
      stage_.region = declared ? declared->region : full_region(stage_.original)->region;
    } else {
      std::vector<BlockId> related = users_;
      if (related.empty()) related = raw_dependents(*kept_, writer);
      place_and_relax(writer, std::move(related));
    }
    finish(users_, outputs);
  }

  void write(std::vector<TableEntry>& outputs) {
    int writer = only_writer(*kept_, *stage_.original);
    METASCHEDULE_CHECK(writer >= 0 && kept_->block(writer).id == self().id);
    refuse_unless(
        !reads_buffer(self(), buffer()),
        "The block {0} updates what the buffer holds before it, which its cache would not "
        "hold",
        {&self()});
    const auto& realize = static_cast<const BlockRealize&>(*path_.back());
    refuse_unless(detail::follows_from_domains(realize, path_.loops_above()),
                  "The block {0} has a predicate under which it leaves out a part of what its axes "
                  "run over, which the copy would overwrite",
                  {&self()});
    std::vector<BlockId> related = raw_dependents(*kept_, writer);
    add_undeclared_readers(writer, related);
    std::erase_if(related, [&](BlockId id) {
      return std::find(users_.begin(), users_.end(), id) != users_.end();
    });
    place_and_relax(writer, std::move(related));
    std::vector<BlockId> users = users_;
    users.push_back(self().id);
    finish(std::move(users), outputs);
  }

 private:
  const Block& self() const { return block_of(*path_.back()); }
  const StmtNode& scope() const { return *scope_path_.back(); }
  const Buffer* buffer() const { return stage_.original.get(); }

  // Blocks may read what they do not declare, after cache_index or unsafe_hide_buffer_access.
  void add_undeclared_readers(int writer, std::vector<BlockId>& related) const {
    if (is_output_block(self(), block_of(scope()))) return;
    for (int child = 0; child < static_cast<int>(kept_->children.size()); ++child) {
      const Block& block = kept_->block(child);
      if (child == writer || reads_buffer(block, buffer())) continue;
      bool loads = any_node(block, [&](const Node& node) {
        const BufferLoad* load = as<BufferLoad>(&node);
        return load && load->buffer == stage_.original;
      });
      if (loads) related.push_back(block.id);
    }
  }

  void place_and_relax(int writer, std::vector<BlockId> related) {
    const Block& block = kept_->block(writer);
    stage_.place = StagePlaceFinder(scope(), block.id, std::move(related)).find();
    Path path = scope_path_;
    path.nodes.pop_back();
    find_block_below(scope(), block.id, path);
    stage_.written_where = static_cast<const BlockRealize&>(*path.back()).predicate;
    auto at = std::find(path.nodes.begin(), path.nodes.end(), stage_.place.node);
    METASCHEDULE_CHECK(at != path.nodes.end());
    stage_.region = relaxed_region(path, static_cast<size_t>(at - path.nodes.begin()) + 1,
                                   *find_region(block.writes, buffer()));
  }

  // A stage inside a loop, or one that some reader is not under, needs the cache in full.
  bool needs_full_cache() const { return stage_.place.node != &scope(); }

  void finish(std::vector<BlockId> users, std::vector<TableEntry>& outputs) {
    stage_.full = needs_full_cache();
    Path place = scope_path_.prefix(scope_path_.size() - 1);
    find_stmt_below(scope(), stage_.place.node, place);
    LoopStack outer = place.loops_above();
    if (const For* loop = as<For>(place.back())) outer.push_back(loop);
    stage_.build(outer, block_of(scope()));
    Stmt scope_stmt = CacheRewriter(scope(), stage_, std::move(users)).run();
    state_.replace(scope_path_, std::move(scope_stmt));
    outputs.push_back(TableEntry::block(stage_.block->id));
  }

  ScheduleState& state_;
  Path path_, scope_path_;
  std::shared_ptr<const BlockScope> kept_;  // the graph of the scope
  CacheStage stage_;
  std::vector<BlockId> users_;
};

}  // namespace detail

METASCHEDULE_INLINE void CacheRead::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  detail::CachePlan(state, block, read_buffer_index, storage_scope, consumer_blocks, true)
      .read(outputs);
}
METASCHEDULE_INLINE void CacheWrite::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  detail::CachePlan(state, block, write_buffer_index, storage_scope, consumer_blocks, false)
      .write(outputs);
}

METASCHEDULE_INLINE BlockRV CacheMethods::cache_read(BlockRV block, int64_t read_buffer_index,
                                                     std::string storage_scope,
                                                     std::vector<BlockRV> consumer_blocks) {
  return static_cast<Schedule*>(this)->run(
      CacheRead{block, read_buffer_index, std::move(storage_scope), std::move(consumer_blocks)});
}
METASCHEDULE_INLINE BlockRV CacheMethods::cache_write(BlockRV block, int64_t write_buffer_index,
                                                      std::string storage_scope,
                                                      std::vector<BlockRV> consumer_blocks) {
  return static_cast<Schedule*>(this)->run(
      CacheWrite{block, write_buffer_index, std::move(storage_scope), std::move(consumer_blocks)});
}

}  // namespace metaschedule
