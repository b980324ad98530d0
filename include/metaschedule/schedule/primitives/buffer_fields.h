// SPDX-License-Identifier: Apache-2.0
// Primitives that change one field of a buffer everywhere.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct UnsafeSetDType {
  static constexpr const char* kKind = "UnsafeSetDType";
  static constexpr const char* kMethod = "unsafe_set_dtype";
  static constexpr const char* kDisplay = "set-dtype";
  static constexpr const char* kDoc =
      "rewrite: the buffer X that a block writes holds `dtype`: what is stored is cast to it, what "
      "is loaded back to the old type. Values may change.\n"
      "needs: a valid index; a block allocates X.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  int64_t buffer_index = 0;
  std::string dtype;
  static auto args() {
    return std::tuple{input("block", &UnsafeSetDType::block),
                      attr("buffer_index", &UnsafeSetDType::buffer_index),
                      attr("dtype", &UnsafeSetDType::dtype)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct SetAxisSeparator {
  static constexpr const char* kKind = "SetAxisSeparator";
  static constexpr const char* kMethod = "set_axis_separator";
  static constexpr const char* kDoc =
      "rewrite: the dimensions of a buffer are grouped at the given positions when it is flattened."
      "\nneeds: the buffer is not a match_buffer.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  BufferArg buffer;
  std::vector<int64_t> axis_separators;
  static auto args() {
    return std::tuple{input("block", &SetAxisSeparator::block),
                      attr("buffer", &SetAxisSeparator::buffer),
                      attr("axis_separators", &SetAxisSeparator::axis_separators)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct BufferFieldMethods {
  void unsafe_set_dtype(BlockRV block, int64_t buffer_index, std::string dtype);
  void set_axis_separator(BlockRV block, BufferArg buffer, std::vector<int64_t> axis_separators);
};

}  // namespace metaschedule
