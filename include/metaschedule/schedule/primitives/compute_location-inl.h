// SPDX-License-Identifier: Apache-2.0
// sample_compute_location: the places where a block may be computed.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/primitives/compute_at-inl.h"
#include "metaschedule/schedule/primitives/compute_inline.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

namespace detail {

// True when the loop occurs in the values of data parallel axes only, or in none.
inline bool is_data_parallel_loop(const For& loop) {
  for (const BlockRealize* realize : child_blocks(loop))
    for (size_t i = 0; i < realize->iter_values.size(); ++i)
      if (realize->block->iter_vars[i]->iter_type != IterType::DataPar &&
          uses_var(*realize->iter_values[i], loop.loop_var.get()))
        return false;
  return true;
}

// How many statements two paths share from the top.
inline size_t common_length(const Path& a, const Path& b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a.nodes[n] == b.nodes[n]) ++n;
  return n;
}

struct ComputeLocation {
  int64_t index;
  TableEntry entry;
};

class LocationFinder {
 public:
  LocationFinder(const ScheduleState& state, BlockRV block)
      : state_(state), path_(state.path_of(block)) {}

  /// All places, in the order of their indices.
  std::vector<ComputeLocation> all() {
    std::vector<ComputeLocation> out;
    if (can_inline()) out.push_back(mark(TableEntry::kInlineMark));
    out.push_back(mark(TableEntry::kRootMark));
    for (const ComputeLocation& location : loop_locations())
      if (can_move_to(location.entry)) out.push_back(location);
    return out;
  }
  /// The place with this index, else the nearest one before it, else the root.
  ComputeLocation nearest(int64_t index) {
    if (index == TableEntry::kInlineMark && can_inline()) return mark(index);
    if (index >= 0) {
      std::vector<ComputeLocation> loops = loop_locations();
      for (size_t i = loops.size(); i-- > 0;)
        if (loops[i].index <= index && can_move_to(loops[i].entry)) return loops[i];
    }
    return mark(TableEntry::kRootMark);
  }

 private:
  template <class F>
  static bool succeeds(const F& f) {
    try {
      f();
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  bool can_inline() const {
    if (block_of(*path_.back()).init) return false;
    return succeeds([&] { check_compute_inline(state_, path_); });
  }
  static ComputeLocation mark(int64_t which) { return {which, TableEntry::mark(which)}; }
  bool can_move_to(const TableEntry& loop) {
    if (!looked_at_block_) {
      looked_at_block_ = true;
      succeeds([&] { movable_.emplace(state_, path_, false); });
    }
    return movable_ && succeeds([&] {
             ComputeAtPlan(state_, *movable_, find_loop(*state_.program, loop.var.get())).check(-1);
           });
  }

  // The loops that may be places, by what they run over.
  std::vector<ComputeLocation> loop_locations() const {
    std::vector<const For*> loops = candidate_loops();
    int last_parallel = -1;
    std::vector<bool> parallel;
    for (size_t i = 0; i < loops.size(); ++i) {
      parallel.push_back(is_data_parallel_loop(*loops[i]));
      if (parallel[i]) last_parallel = static_cast<int>(i);
    }
    std::vector<ComputeLocation> out;
    bool reduction_seen = false;
    for (size_t i = 0; i < loops.size(); ++i) {
      if (is_one(loops[i]->extent)) continue;
      if (parallel[i] && reduction_seen) break;
      if (!parallel[i]) {
        reduction_seen = true;
        if (static_cast<int>(i) > last_parallel) break;
      }
      out.push_back({static_cast<int64_t>(i), TableEntry::loop(loops[i]->loop_var)});
    }
    return out;
  }

  // The loops around the first consumer, as far down as all consumers are inside.
  std::vector<const For*> candidate_loops() const {
    int scope_level = path_.enclosing_block();
    refuse_unless(scope_level >= 0, "The primitive does not operate on the root block");
    std::shared_ptr<const BlockScope> kept =
        BlockScope::kept(*path_.nodes[static_cast<size_t>(scope_level)]);
    const BlockScope& scope = *kept;
    std::vector<int> consumers = scope.consumers(scope.find(block_of(*path_.back()).id));
    if (consumers.empty()) return {};
    Path first = find_block(*state_.program, scope.block(consumers[0]).id);
    size_t shared = first.size() - 1;
    for (size_t i = 1; i < consumers.size(); ++i)
      shared = std::min(
          shared, common_length(first, find_block(*state_.program, scope.block(consumers[i]).id)));
    // The lowest loop or block that is shared bounds the loops; nothing when that is the scope.
    std::vector<const For*> loops;
    for (size_t i = static_cast<size_t>(scope_level) + 1; i < shared; ++i)
      if (const For* loop = as<For>(first.nodes[i])) loops.push_back(loop);
    return loops;
  }

  const ScheduleState& state_;
  Path path_;
  bool looked_at_block_ = false;
  std::optional<MovableBlock> movable_;  // none where the block cannot move at all
};

}  // namespace detail

METASCHEDULE_INLINE void SampleComputeLocation::apply(ScheduleState& state,
                                                      std::vector<TableEntry>& outputs) {
  detail::LocationFinder finder(state, block);
  detail::ComputeLocation chosen;
  if (decision) {
    chosen = finder.nearest(*decision);
  } else {
    std::vector<detail::ComputeLocation> locations = finder.all();
    int64_t k = state.random.sample_int(0, static_cast<int64_t>(locations.size()));
    chosen = std::move(locations[static_cast<size_t>(k)]);
  }
  decision = chosen.index;
  outputs.push_back(std::move(chosen.entry));
}

METASCHEDULE_INLINE LoopRV
ComputeAtMethods::sample_compute_location(BlockRV block, std::optional<int64_t> decision) {
  return static_cast<Schedule*>(this)->run(SampleComputeLocation{block, decision});
}

METASCHEDULE_INLINE std::vector<int64_t> compute_locations(const ScheduleState& state,
                                                           BlockRV block) {
  std::vector<int64_t> out;
  for (const detail::ComputeLocation& location : detail::LocationFinder(state, block).all())
    out.push_back(location.index);
  return out;
}

}  // namespace metaschedule
