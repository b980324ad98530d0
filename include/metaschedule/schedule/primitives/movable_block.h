// SPDX-License-Identifier: Apache-2.0
// What compute_at and reverse_compute_at ask of the block that they move, whatever the loop.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule::detail {

// A block that is to move, with what can be said before its new place is known.
struct MovableBlock {
  /// Refuses.
  MovableBlock(const ScheduleState& state, Path block, bool to_producers)
      : path(std::move(block)),
        scope(scope_of(path)),
        reverse(to_producers),
        held(BlockScope::kept(*scope.back())),
        graph(*held) {
    const Block& moved = block_of(*path.back());
    self = graph.find(moved.id);
    if (state.options.enable_check)
      refuse_unless(is_stage_pipeline(scope, graph),
                    "The scope {0} is not a stage pipeline: each child must be covered by its "
                    "producers, and no dependency may be write-after-read or opaque",
                    {&block_of(*scope.back())});
    if (complete_block_violation(moved, graph) != 0 &&
        reduction_block_violation(moved, graph, is_affine_binding(path)) != 0)
      refuse(fmt::format("The block {{0}} is not a complete block or a reduction block.\n{}\n{}",
                         complete_block_definition(), reduction_block_definition()),
             {&moved});
  }

  Path path, scope;
  bool reverse;
  std::shared_ptr<const BlockScope> held;
  const BlockScope& graph;  // of the scope
  int self;                 // position in it

 private:
  static Path scope_of(const Path& block) {
    int level = block.enclosing_block();
    refuse_unless(level >= 0, "The primitive does not operate on the root block");
    return block.prefix(static_cast<size_t>(level) + 1);
  }
};

}  // namespace metaschedule::detail
