// SPDX-License-Identifier: Apache-2.0
// Primitives on the axes of a block.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct ReorderBlockIterVar {
  static constexpr const char* kKind = "ReorderBlockIterVar";
  static constexpr const char* kMethod = "reorder_block_iter_var";
  static constexpr const char* kDisplay = "reorder_block_iter_var";
  static constexpr const char* kDoc =
      "rewrite: axis `p` of the block is what was axis `new_order[p]`.\n"
      "needs: a permutation of the positions of the axes.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  std::vector<int64_t> new_order;
  static auto args() {
    return std::tuple{input("block", &ReorderBlockIterVar::block, kHandleOnly),
                      input("new_order", &ReorderBlockIterVar::new_order)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct TransformBlockLayout {
  static constexpr const char* kKind = "TransformBlockLayout";
  static constexpr const char* kMethod = "transform_block_layout";
  static constexpr const char* kDisplay = "transform_block_layout";
  static constexpr const char* kDoc =
      "rewrite: for i, …: b(i, …)  ->  for ax in the image of index_map: b(ax), the old axes being "
      "index_map^-1(ax).\n"
      "needs: all loops around the block start at 0 and are its axes, one by one; it is the only "
      "block there; the map is affine and bijective on the axes and mixes no kinds of axes.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  Ref<IndexMap> index_map;
  static auto args() {
    return std::tuple{input("block", &TransformBlockLayout::block),
                      attr("index_map", &TransformBlockLayout::index_map)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct BlockAxesMethods {
  void reorder_block_iter_var(BlockRV block, std::vector<int64_t> new_order);
  void transform_block_layout(BlockRV block, Ref<IndexMap> index_map);
};

}  // namespace metaschedule
