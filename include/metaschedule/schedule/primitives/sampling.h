// SPDX-License-Identifier: Apache-2.0
// Primitives that choose. A decision given to one is used, mended where it does not fit; without
// one the random state of the schedule decides. What was used is recorded.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct SampleCategorical {
  static constexpr const char* kKind = "SampleCategorical";
  static constexpr const char* kMethod = "sample_categorical";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives one of some integers, with the given probabilities. The decision is "
      "its position.\n"
      "needs: as many probabilities as candidates; a decision within their number (ValueError).";
  static constexpr OutputType kOutputs = OutputType::Number;
  static constexpr bool kPure = true;
  std::vector<int64_t> candidates;
  std::vector<double> probs;
  std::optional<int64_t> decision = {};
  static auto args() {
    return std::tuple{attr("candidates", &SampleCategorical::candidates),
                      attr("probs", &SampleCategorical::probs)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct SamplePerfectTile {
  static constexpr const char* kKind = "SamplePerfectTile";
  static constexpr const char* kMethod = "sample_perfect_tile";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives `n` factors whose product is the extent of a loop, the last at most "
      "max_innermost_factor (-1: any). A loop whose extent is not constant gives None and ones.\n"
      "needs: n is at least 2, or max_innermost_factor is -1 (ValueError).";
  static constexpr OutputType kOutputs = OutputType::Numbers;
  static constexpr bool kPure = true;
  LoopRV loop;
  int64_t n = 0;
  int64_t max_innermost_factor = 16;
  std::optional<std::vector<int64_t>> decision = {};
  static auto args() {
    return std::tuple{
        input("loop", &SamplePerfectTile::loop), attr("n", &SamplePerfectTile::n),
        attr("max_innermost_factor", &SamplePerfectTile::max_innermost_factor, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct SamplePartitionedTile {
  static constexpr const char* kKind = "SamplePartitionedTile";
  static constexpr const char* kMethod = "sample_partitioned_tile";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives `n` factors whose product is the extent of a loop, where the "
      "product of those from partition_pos on is a multiple of innerpart_factor.\n"
      "needs: n is at least 2 unless nothing is asked of the inner part (ValueError).";
  static constexpr OutputType kOutputs = OutputType::Numbers;
  static constexpr bool kPure = true;
  LoopRV loop;
  int64_t n = 0;
  int64_t partition_pos = 0;
  int64_t innerpart_factor = 1;
  std::optional<std::vector<int64_t>> decision = {};
  static auto args() {
    return std::tuple{
        input("loop", &SamplePartitionedTile::loop), attr("n", &SamplePartitionedTile::n),
        attr("partition_pos", &SamplePartitionedTile::partition_pos, kOptional),
        attr("innerpart_factor", &SamplePartitionedTile::innerpart_factor, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

/// Factors with product `extent`, drawn prime by prime.
std::vector<int64_t> sample_factors(Rand& rand, int64_t extent, int64_t n);

struct SamplingMethods {
  ExprRV sample_categorical(std::vector<int64_t> candidates, std::vector<double> probs,
                            std::optional<int64_t> decision = {});
  std::vector<ExprRV> sample_perfect_tile(LoopRV loop, int64_t n, int64_t max_innermost_factor = 16,
                                          std::optional<std::vector<int64_t>> decision = {});
  std::vector<ExprRV> sample_partitioned_tile(LoopRV loop, int64_t n, int64_t partition_pos = 0,
                                              int64_t innerpart_factor = 1,
                                              std::optional<std::vector<int64_t>> decision = {});
};

}  // namespace metaschedule
