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
      "Returns b_o.\n"
      "needs: the target is a loop with one child block, whose bindings can be divided.";
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
  BlockRV blockize(LoopRV target, bool preserve_unit_iters = true);
};

}  // namespace metaschedule
