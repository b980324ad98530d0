// SPDX-License-Identifier: Apache-2.0
// Primitives that make a part of a loop nest a block of its own.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct Blockize {
  static constexpr const char* kKind = "Blockize";
  static constexpr const char* kMethod = "blockize";
  static constexpr const char* kDoc =
      "rewrite: for i: b(i)  →  with block b_o: for i: b(i). The axes of b are divided: b_o has "
      "what "
      "the loops outside give, b what the loop and those below it give; an init moves to b_o. "
      "A list of blocks: one block outer_b1_b2_ around their nests, which keep their inits. "
      "Returns the new block.\n"
      "needs: a loop with one child block, or blocks each alone in its nest, the nests neighbours; "
      "bindings that can be divided, for a list all alike outside.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlocksOrLoopRV target;
  bool preserve_unit_iters = true;
  static auto args() {
    return std::tuple{input("target", &Blockize::target),
                      attr("preserve_unit_iters", &Blockize::preserve_unit_iters, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct BlockizeMethods {
  BlockRV blockize(std::vector<BlockRV> target, bool preserve_unit_iters = true);
  BlockRV blockize(LoopRV target, bool preserve_unit_iters = true);
};

}  // namespace metaschedule
