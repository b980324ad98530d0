// SPDX-License-Identifier: Apache-2.0
// Primitives that say how a loop is run.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct Parallel {
  static constexpr const char* kKind = "Parallel";
  static constexpr const char* kMethod = "parallel";
  static constexpr const char* kDoc =
      "rewrite: for i: s  →  for i in parallel: s.\n"
      "needs: every block below is complete or a reduction of its own; axes bound to the loop are "
      "data parallel.";
  static constexpr OutputType kOutputs = OutputType::None;
  LoopRV loop;
  static auto args() { return std::tuple{input("loop", &Parallel::loop)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Vectorize {
  static constexpr const char* kKind = "Vectorize";
  static constexpr const char* kMethod = "vectorize";
  static constexpr const char* kDoc =
      "rewrite: for i: s  →  for i in vectorized: s.\n"
      "needs: as parallel.";
  static constexpr OutputType kOutputs = OutputType::None;
  LoopRV loop;
  static auto args() { return std::tuple{input("loop", &Vectorize::loop)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Bind {
  static constexpr const char* kKind = "Bind";
  static constexpr const char* kMethod = "bind";
  static constexpr const char* kDoc =
      "rewrite: for i: s  →  for i in the threads of `thread_axis`: s.\n"
      "needs: as parallel, but reductions may be bound to threadIdx; the axis is blockIdx.{x,y,z}, "
      "threadIdx.{x,y,z}, vthread, vthread.{x,y,z} or cthread.";
  static constexpr OutputType kOutputs = OutputType::None;
  LoopRV loop;
  std::string thread_axis;
  static auto args() {
    return std::tuple{input("loop", &Bind::loop), attr("thread_axis", &Bind::thread_axis)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Unroll {
  static constexpr const char* kKind = "Unroll";
  static constexpr const char* kMethod = "unroll";
  static constexpr const char* kDoc =
      "rewrite: for i: s  →  for i in unrolled: s.\n"
      "needs: nothing.";
  static constexpr OutputType kOutputs = OutputType::None;
  LoopRV loop;
  static auto args() { return std::tuple{input("loop", &Unroll::loop)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct LoopKindMethods {
  void parallel(LoopRV loop);
  void vectorize(LoopRV loop);
  void bind(LoopRV loop, std::string thread_axis);
  void unroll(LoopRV loop);
};

}  // namespace metaschedule
