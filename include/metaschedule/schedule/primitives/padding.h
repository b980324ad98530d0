// SPDX-License-Identifier: Apache-2.0
// Primitives that pad what a block works on, or take padding apart.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct DecomposePadding {
  static constexpr const char* kKind = "DecomposePadding";
  static constexpr const char* kMethod = "decompose_padding";
  static constexpr const char* kDoc =
      "rewrite: for loop: … b: X[v] = if_then_else(inside(v), e, c)  →  for …: b_pad_const: X[v] = "
      "c; "
      "for loop: … b: X[v + low] = e, over the part where inside(v) holds. Returns b_pad_const.\n"
      "needs: b is complete; loop is around b; b stores a choice between something without side "
      "effects and a constant; where the condition holds is a box that is not everything.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  LoopRV loop;
  static auto args() {
    return std::tuple{input("block", &DecomposePadding::block),
                      input("loop", &DecomposePadding::loop)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct PadEinsum {
  static constexpr const char* kKind = "PadEinsum";
  static constexpr const char* kMethod = "pad_einsum";
  static constexpr const char* kDoc =
      "rewrite: b: C[i] = C[i] + A[i, k]  →  a block fills A_pad from A and with zeros; b over "
      "axes "
      "whose extents are multiples of `padding`: C_pad[i] = C_pad[i] + A_pad[i, k]; a block copies "
      "C_pad to C.\n"
      "needs: a positive number for each axis; the scope is a pipeline of stages; each region of b "
      "is a point at axes and constants, all of different buffers.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  std::vector<int64_t> padding;
  static auto args() {
    return std::tuple{input("block", &PadEinsum::block), attr("padding", &PadEinsum::padding)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct PaddingMethods {
  BlockRV decompose_padding(BlockRV block, LoopRV loop);
  /// Whether decompose_padding would not refuse. Records nothing.
  bool can_decompose_padding(BlockRV block, LoopRV loop) const;
  void pad_einsum(BlockRV block, std::vector<int64_t> padding);
};

}  // namespace metaschedule
