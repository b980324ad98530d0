// SPDX-License-Identifier: Apache-2.0
// The primitive that puts a tensor instruction in place of what it computes.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct Tensorize {
  static constexpr const char* kKind = "Tensorize";
  static constexpr const char* kMethod = "tensorize";
  static constexpr const char* kDoc =
      "rewrite: with block b: desc(A, B, …)  →  with block b: impl(match_buffer(A[…]), …). A loop "
      "is blockized first.\n"
      "needs: the intrinsic is registered (ValueError); the block does just what its description "
      "says: loops, order of regions, storage scopes and indices relative to the block's regions.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockOrLoopRV block_or_loop;
  std::string tensor_intrin;
  bool preserve_unit_iters = true;
  static auto args() {
    return std::tuple{input("block_or_loop", &Tensorize::block_or_loop),
                      attr("tensor_intrin", &Tensorize::tensor_intrin),
                      attr("preserve_unit_iters", &Tensorize::preserve_unit_iters, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct TensorizeMethods {
  void tensorize(BlockOrLoopRV block_or_loop, std::string tensor_intrin,
                 bool preserve_unit_iters = true);
};

}  // namespace metaschedule
