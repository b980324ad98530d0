// SPDX-License-Identifier: Apache-2.0
// Multi-level tiling shaped like the kernels of linear algebra libraries: the part of an operand
// that a tile needs is copied together first.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/tune/space/multi_level_tiling.h"

namespace metaschedule {

/// is: multi-level tiling would apply, and one of the buffers that are read is walked along by the
/// innermost axis over elements, is used again along another such axis, and does not fit into the
/// first cache. does: tiles as `structure` says and copies, under the first level of reduction
/// loops, what the tile reads of that buffer: rows that lie far apart in memory, and so fall into
/// few sets of the cache, then lie side by side. Beside that the schedule as it was goes on, for
/// MultiLevelTiling.
class MultiLevelTilingPacked : public MultiLevelTiling {
 public:
  /// Raises ValueError for a structure without a level of reduction loops below one of others.
  explicit MultiLevelTilingPacked(Options options);
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<MultiLevelTilingPacked>(*this); }
  std::string name() const override { return "MultiLevelTilingPacked"; }

 protected:
  /// Leaves out cuts that change nothing: a reduction of a few steps stays whole in the tile, and
  /// only the innermost axis has a part of its own for the lanes.
  std::vector<LoopRV> split_loop(State& state, LoopRV loop, size_t levels,
                                 std::vector<ExprRV>& factors) const override;
  /// Packs.
  std::vector<State> add_read_reuse(State state) const override;
};

/// Which read of a block would be packed; none when nothing would be gained.
std::optional<size_t> packable_read(const Block& block);

}  // namespace metaschedule
