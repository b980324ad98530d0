// SPDX-License-Identifier: Apache-2.0
// The primitive that keeps a window of a buffer from step to step.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct RollingBuffer {
  static constexpr const char* kKind = "RollingBuffer";
  static constexpr const char* kMethod = "rolling_buffer";
  static constexpr const char* kDoc =
      "rewrite: for i: b writes X[i : i + n] (again, what the step before wrote too); c reads it  "
      "→ "
      " "
      "X holds n rows, row r at r % n; b writes only what is new in this step.\n"
      "needs: a valid index; b is no output block and has read-after-write dependencies only; b "
      "and "
      "all its consumers are under one loop; what b writes in a step of it starts at a multiple of "
      "a loop, and overlaps that of the next step.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  int64_t write_buffer_index = 0;
  static auto args() {
    return std::tuple{input("block", &RollingBuffer::block),
                      attr("write_buffer_index", &RollingBuffer::write_buffer_index)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct RollingBufferMethods {
  void rolling_buffer(BlockRV block, int64_t write_buffer_index);
};

}  // namespace metaschedule
