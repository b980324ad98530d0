// SPDX-License-Identifier: Apache-2.0
// Primitives that take reductions apart.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct DecomposeReduction {
  static constexpr const char* kKind = "DecomposeReduction";
  static constexpr const char* kMethod = "decompose_reduction";
  static constexpr const char* kDoc =
      "rewrite: for loop: … b: init: s0; s  ->  for (axes of b that are not reduced): b_init: s0; "
      "for loop: … b_update: s. Gives b_init; b is b_update.\n"
      "needs: loop is around b; b is a reduction block; no loop above `loop` takes part in a "
      "reduction axis of b.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  LoopRV loop;
  static auto args() {
    return std::tuple{input("block", &DecomposeReduction::block),
                      input("loop", &DecomposeReduction::loop)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct RFactor {
  static constexpr const char* kKind = "RFactor";
  static constexpr const char* kMethod = "rfactor";
  static constexpr const char* kDoc =
      "rewrite: b: C[i] = C[i] + e over loops with k  ->  b_rf: C_rf[k, i] = C_rf[k, i] + e; over "
      "the same loops without the other reduction loops: b: C[i] = C[i] + C_rf[k, i]. Gives b_rf. "
      "`factor_axis` is the place of k among the dimensions of C_rf; -1 is the last.\n"
      "needs: `loop` is serial, has one block below, a reduction block that starts its nest, and "
      "belongs to reduction axes only; no loop is shared between both kinds of axes; the scope is "
      "a "
      "pipeline of stages; the update matches a known commutative reducer.";
  static constexpr OutputType kOutputs = OutputType::Block;
  LoopRV loop;
  int64_t factor_axis = 0;
  static auto args() {
    return std::tuple{input("loop", &RFactor::loop), attr("factor_axis", &RFactor::factor_axis)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReductionMethods {
  BlockRV decompose_reduction(BlockRV block, LoopRV loop);
  BlockRV rfactor(LoopRV loop, int64_t factor_axis);
};

}  // namespace metaschedule
