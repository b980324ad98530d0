// SPDX-License-Identifier: Apache-2.0
// Primitives that change what a buffer is.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct SetScope {
  static constexpr const char* kKind = "SetScope";
  static constexpr const char* kMethod = "set_scope";
  static constexpr const char* kDoc =
      "rewrite: the buffer X that a block writes becomes X_<scope>, in that storage scope, "
      "everywhere.\n"
      "needs: a valid index and storage scope; a block allocates X.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  int64_t buffer_index = 0;
  std::string storage_scope;
  static auto args() {
    return std::tuple{input("block", &SetScope::block),
                      attr("buffer_index", &SetScope::buffer_index),
                      attr("storage_scope", &SetScope::storage_scope)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct StorageAlign {
  static constexpr const char* kKind = "StorageAlign";
  static constexpr const char* kMethod = "storage_align";
  static constexpr const char* kDoc =
      "rewrite: b writes X  →  b with the annotation `buffer_dim_align`: strides of that dimension "
      "of X are `offset` more than a multiple of `factor` elements.\n"
      "needs: a valid index and axis (negative ones count from the last); a positive factor; a "
      "block allocates the buffer.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  int64_t buffer_index = 0, axis = 0, factor = 0, offset = 0;
  static auto args() {
    return std::tuple{input("block", &StorageAlign::block),
                      attr("buffer_index", &StorageAlign::buffer_index),
                      attr("axis", &StorageAlign::axis), attr("factor", &StorageAlign::factor),
                      attr("offset", &StorageAlign::offset)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct BufferMethods {
  void set_scope(BlockRV block, int64_t buffer_index, std::string storage_scope);
  void storage_align(BlockRV block, int64_t buffer_index, int64_t axis, int64_t factor,
                     int64_t offset);
};

}  // namespace metaschedule
