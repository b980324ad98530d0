// SPDX-License-Identifier: Apache-2.0
// Primitives that cut loops into ranges, or join loops over the same range.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct LoopPartition {
  static constexpr const char* kKind = "LoopPartition";
  static constexpr const char* kMethod = "loop_partition";
  static constexpr const char* kDisplay = "loop_partition";
  static constexpr const char* kDoc =
      "rewrite: for i in range(n): s  →  for i0 in range(f0): s0; for i1 in range(f0, f0 + f1): "
      "s1; "
      "…, each in a block of its own, all in one block. What is left after the last factor is a "
      "further range. Returns the loops.\n"
      "needs: the range is constant; the loop has no annotation and no thread and holds one "
      "statement; at most one factor is None (it is inferred); the others are positive; their sum "
      "is less than n.";
  static constexpr OutputType kOutputs = OutputType::Loops;
  LoopRV loop;
  std::vector<Factor> factors;
  bool preserve_unit_iters = true;
  static auto args() {
    return std::tuple{input("loop", &LoopPartition::loop),
                      input("factors", &LoopPartition::factors, kSpread),
                      attr("preserve_unit_iters", &LoopPartition::preserve_unit_iters, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Merge {
  static constexpr const char* kKind = "Merge";
  static constexpr const char* kMethod = "merge";
  static constexpr const char* kDoc =
      "rewrite: for i: s; for j: t  →  for i_m: s[i := i_m]; t[j := i_m], in place of the last of "
      "the nests. A nest is what leads from the lowest statement around all the loops to one of "
      "them. Returns the innermost loop.\n"
      "needs: two loops or more, in one block; each starts at 0, has no annotation and no thread; "
      "the nests have the same depth and extents and hold nothing else; what one nest reads of "
      "another is there by then.";
  static constexpr OutputType kOutputs = OutputType::Loop;
  std::vector<LoopRV> loops;
  static auto args() { return std::tuple{input("loops", &Merge::loops, kSpread | kPositional)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct LoopPartitionMethods {
  LoopRV merge(std::vector<LoopRV> loops);
  std::vector<LoopRV> loop_partition(LoopRV loop, const std::vector<ExprRV>& factors,
                                     bool preserve_unit_iters = true);
};

}  // namespace metaschedule
