// SPDX-License-Identifier: Apache-2.0
// Primitives that move a block under a loop of its consumers or producers.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct ComputeAt {
  static constexpr const char* kKind = "ComputeAt";
  static constexpr const char* kMethod = "compute_at";
  static constexpr const char* kDoc =
      "rewrite: b is computed at the start of each step of `loop`, as much of it as the consumers "
      "under the loop need; its own loops are replaced by loops over that.\n"
      "needs: the scope is a pipeline of stages; b is a complete or reduction block, not an "
      "output, "
      "not the only block, not under the loop; all its consumers are under the loop, and behind "
      "its "
      "producers there. `index` is the position among the statements of the loop: -1 the last "
      "possible, -2 the first. A loop from sample_compute_location may also stand for inlining or "
      "for no move.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  LoopRV loop;
  bool preserve_unit_loops = false;
  int64_t index = -1;
  static auto args() {
    return std::tuple{input("block", &ComputeAt::block), input("loop", &ComputeAt::loop),
                      attr("preserve_unit_loops", &ComputeAt::preserve_unit_loops, kOptional),
                      attr("index", &ComputeAt::index, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReverseComputeAt {
  static constexpr const char* kKind = "ReverseComputeAt";
  static constexpr const char* kMethod = "reverse_compute_at";
  static constexpr const char* kDoc =
      "rewrite: b is computed in each step of `loop`, as much of it as the producers under the "
      "loop "
      "have given; its own loops are replaced by loops over that.\n"
      "needs: as compute_at, with producers for consumers; b may be an output.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  LoopRV loop;
  bool preserve_unit_loops = false;
  int64_t index = -1;
  static auto args() {
    return std::tuple{
        input("block", &ReverseComputeAt::block), input("loop", &ReverseComputeAt::loop),
        attr("preserve_unit_loops", &ReverseComputeAt::preserve_unit_loops, kOptional),
        attr("index", &ReverseComputeAt::index, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct SampleComputeLocation {
  static constexpr const char* kKind = "SampleComputeLocation";
  static constexpr const char* kMethod = "sample_compute_location";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives a loop under which a block may be computed. The decision is its "
      "position among the loops of the first consumer, -1 for staying where it is, -2 for "
      "inlining; one that is not among the choices becomes the nearest below it.\n"
      "needs: the block is not the root.";
  static constexpr OutputType kOutputs = OutputType::Loop;
  static constexpr bool kPure = true;
  BlockRV block;
  std::optional<int64_t> decision = {};
  static auto args() { return std::tuple{input("block", &SampleComputeLocation::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

/// The decisions that `sample_compute_location` chooses from: -2 for inlining, -1 for staying, then
/// positions of loops.
std::vector<int64_t> compute_locations(const ScheduleState& state, BlockRV block);

struct ComputeAtMethods {
  void compute_at(BlockRV block, LoopRV loop, bool preserve_unit_loops = false, int64_t index = -1);
  void reverse_compute_at(BlockRV block, LoopRV loop, bool preserve_unit_loops = false,
                          int64_t index = -1);
  LoopRV sample_compute_location(BlockRV block, std::optional<int64_t> decision = {});
};

}  // namespace metaschedule
