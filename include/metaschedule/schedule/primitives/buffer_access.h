// SPDX-License-Identifier: Apache-2.0
// Primitives that overrule the regions a block declares.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct UnsafeHideBufferAccess {
  static constexpr const char* kKind = "UnsafeHideBufferAccess";
  static constexpr const char* kMethod = "unsafe_hide_buffer_access";
  static constexpr const char* kDisplay = "hide-buffer-access";
  static constexpr const char* kDoc =
      "rewrite: the block no longer declares some of its \"read\" or \"write\" regions; its body "
      "is as it was. Dependencies through them are no longer seen.\n"
      "needs: valid positions of regions.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  std::string buf_type;
  std::vector<int64_t> buf_index_array;
  static auto args() {
    return std::tuple{input("block", &UnsafeHideBufferAccess::block, kHandleOnly),
                      input("buf_type", &UnsafeHideBufferAccess::buf_type),
                      input("buf_index_array", &UnsafeHideBufferAccess::buf_index_array)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct AnnotateBufferAccess {
  static constexpr const char* kKind = "AnnotateBufferAccess";
  static constexpr const char* kMethod = "annotate_buffer_access";
  static constexpr const char* kDoc =
      "rewrite: a region of the block becomes that given: index_map gives begin and end of each "
      "dimension in terms of the axes. An annotation keeps later analyses from deriving it anew.\n"
      "needs: a valid position; a begin and an end for each dimension of the buffer.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  int64_t buffer_index = 0;
  /// 0 is a read, 1 a write.
  int64_t buffer_index_type = 0;
  Ref<IndexMap> index_map;
  static auto args() {
    return std::tuple{
        input("block", &AnnotateBufferAccess::block, kHandleOnly),
        input("buffer_index", &AnnotateBufferAccess::buffer_index),
        input("buffer_index_type", &AnnotateBufferAccess::buffer_index_type, kReadWrite,
              "buf_type"),
        input("index_map", &AnnotateBufferAccess::index_map, kRanges, "gen_new_ranges")};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct BufferAccessMethods {
  void unsafe_hide_buffer_access(BlockRV block, std::string buf_type,
                                 std::vector<int64_t> buf_index_array);
  void annotate_buffer_access(BlockRV block, int64_t buffer_index, bool is_write,
                              Ref<IndexMap> index_map);
};

}  // namespace metaschedule
