// SPDX-License-Identifier: Apache-2.0
// Primitives that change the shape of loop nests.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct Split {
  static constexpr const char* kKind = "Split";
  static constexpr const char* kMethod = "split";
  static constexpr const char* kDoc =
      "rewrite: for i in range(n): s  →  for i_0 in range(f0): … for i_k in range(fk): s[i := (i_0 "
      "* "
      "f1 + i_1) * f2 + …], where each block below also requires that value to be less than n, "
      "unless that is known.\n"
      "needs: the loop starts at 0, has no annotation and no thread; at most one factor is None "
      "(it "
      "is inferred); the others are positive; their product is at least n.";
  static constexpr OutputType kOutputs = OutputType::Loops;
  LoopRV loop;
  std::vector<Factor> factors;
  bool preserve_unit_iters = true;
  bool disable_predication = false;
  static auto args() {
    return std::tuple{input("loop", &Split::loop), input("factors", &Split::factors, kSpread),
                      attr("preserve_unit_iters", &Split::preserve_unit_iters, kOptional),
                      attr("disable_predication", &Split::disable_predication, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Fuse {
  static constexpr const char* kKind = "Fuse";
  static constexpr const char* kMethod = "fuse";
  static constexpr const char* kDoc =
      "rewrite: for i in range(n): for j in range(m): s  →  for f in range(n * m): s[i := f // m, "
      "j "
      ":= f % m].\n"
      "needs: each loop is the only statement of the one before it, starts at 0, has no annotation "
      "and no thread; no extent depends on another of the loops.";
  static constexpr OutputType kOutputs = OutputType::Loop;
  std::vector<LoopRV> loops;
  bool preserve_unit_iters = true;
  static auto args() {
    return std::tuple{input("loops", &Fuse::loops, kSpread | kPositional),
                      attr("preserve_unit_iters", &Fuse::preserve_unit_iters, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Reorder {
  static constexpr const char* kKind = "Reorder";
  static constexpr const char* kMethod = "reorder";
  static constexpr const char* kDoc =
      "rewrite: for i: for j: s  →  for j: for i: s. The listed loops take the places that they "
      "had "
      "together, in the order given; loops between them stay.\n"
      "needs: the loops are distinct and on one chain in which each is the only statement of the "
      "one "
      "around it; all blocks below have data parallel and reduction axes only, with affine "
      "bindings; no bound of a loop depends on a loop that moves inside it.";
  static constexpr OutputType kOutputs = OutputType::None;
  std::vector<LoopRV> ordered_loops;
  static auto args() {
    return std::tuple{input("ordered_loops", &Reorder::ordered_loops, kSpread | kPositional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct AddUnitLoop {
  static constexpr const char* kKind = "AddUnitLoop";
  static constexpr const char* kMethod = "add_unit_loop";
  static constexpr const char* kDoc =
      "rewrite: s  →  for u in range(1): s.\n"
      "needs: the block is not the root.";
  static constexpr OutputType kOutputs = OutputType::Loop;
  BlockOrLoopRV block_or_loop;
  static auto args() { return std::tuple{input("block_or_loop", &AddUnitLoop::block_or_loop)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct LoopTransformMethods {
  std::vector<LoopRV> split(LoopRV loop, const std::vector<ExprRV>& factors,
                            bool preserve_unit_iters = true, bool disable_predication = false);
  LoopRV fuse(std::vector<LoopRV> loops, bool preserve_unit_iters = true);
  void reorder(std::vector<LoopRV> ordered_loops);
  LoopRV add_unit_loop(BlockOrLoopRV block_or_loop);
};

}  // namespace metaschedule
