// SPDX-License-Identifier: Apache-2.0
// Sampling of tiles and categories. The order of the draws is part of what a seed means.
#pragma once

#include <algorithm>
#include <numeric>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

inline constexpr int64_t kSieveSize = 65536;

// The smallest prime factor of each number below kSieveSize.
inline const std::vector<uint16_t>& smallest_factors() {
  static const std::vector<uint16_t> table = [] {
    std::vector<uint16_t> out(kSieveSize, 0);
    for (int64_t p = 2; p < kSieveSize; ++p) {
      if (out[static_cast<size_t>(p)]) continue;
      for (int64_t k = p; k < kSieveSize; k += p)
        if (!out[static_cast<size_t>(k)]) out[static_cast<size_t>(k)] = static_cast<uint16_t>(p);
    }
    return out;
  }();
  return table;
}

// Prime powers in the order in which they are found. A prime that the table does not reach is never
// split between slots by powers.
struct PrimePower {
  int64_t prime;
  int power;
  bool large;
};
inline std::vector<PrimePower> factorize(int64_t n) {
  const auto& smallest = smallest_factors();
  std::vector<PrimePower> out;
  auto take = [&](int64_t p) {
    int power = 0;
    for (; n % p == 0; n /= p) ++power;
    if (power) out.push_back({p, power, false});
  };
  for (int64_t p = 2; n >= kSieveSize && p < kSieveSize && p * p <= n; ++p)
    if (smallest[static_cast<size_t>(p)] == p) take(p);
  if (n >= kSieveSize) {
    out.push_back({n, 1, true});
    return out;
  }
  while (n > 1) take(smallest[static_cast<size_t>(n)]);
  return out;
}

inline std::vector<int64_t> sample_without_replacement(Rand& rand, int64_t n, int64_t k) {
  if (k == 1) return {rand.sample_int(0, n)};
  if (k == 2) {
    int64_t a = rand.sample_int(0, n), b = rand.sample_int(0, n - 1);
    return {a, b >= a ? b + 1 : b};
  }
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = 0; i < k; ++i)
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(rand.sample_int(i, n))]);
  order.resize(static_cast<size_t>(k));
  return order;
}

inline int64_t int_pow(int64_t base, int64_t exponent) {
  int64_t out = 1;
  for (; exponent > 0; --exponent) out *= base;
  return out;
}

// The extent as the original reads it: in 32 bits. Nothing when it is not constant.
inline std::optional<int64_t> tile_extent(const ScheduleState& state, LoopRV loop) {
  const auto* found = static_cast<const For*>(state.path_of(loop).back());
  const IntImm* extent = as<IntImm>(found->extent);
  if (!extent) return std::nullopt;
  return static_cast<int32_t>(static_cast<uint32_t>(extent->value));
}
inline void check_tileable(int64_t extent) {
  check<ValueError>(extent > 0, "Cannot tile a loop with 0 or negative extent, found {}", extent);
}

// Makes the product of a decision the extent: factors that do not divide what is left take all.
inline void perfect_decision(std::vector<int64_t>& tiles, int64_t extent) {
  for (size_t i = tiles.size(); i-- > 1;) {
    int64_t& factor = tiles[i];
    if (factor <= 0 || extent % factor != 0) factor = extent;
    extent /= factor;
  }
  tiles[0] = extent;
}

inline std::vector<int64_t> unknown_tiles(int64_t n) {
  check<ValueError>(n >= 1, "expected at least one factor, found {}", n);
  std::vector<int64_t> out(static_cast<size_t>(n), 1);
  out[0] = -1;
  return out;
}

inline bool inner_part_fits(const std::vector<int64_t>& tiles, int64_t partition_pos,
                            int64_t factor) {
  int64_t product = 1;
  for (size_t i = static_cast<size_t>(partition_pos); i < tiles.size(); ++i) product *= tiles[i];
  return product % factor == 0;
}

}  // namespace detail

METASCHEDULE_INLINE std::vector<int64_t> sample_factors(Rand& rand, int64_t extent, int64_t n) {
  check<ValueError>(extent >= 1 && n >= 1, "cannot tile {} into {} factors", extent, n);
  if (n == 1) return {extent};
  std::vector<int64_t> tiles(static_cast<size_t>(n), 1);
  if (extent == 1) return tiles;
  for (const detail::PrimePower& entry : detail::factorize(extent)) {
    int64_t prime = entry.prime, power = entry.power;
    if (n == 2) {
      if (entry.large) {
        tiles[rand.sample_int(0, 2) ? 1 : 0] *= prime;
      } else {
        int64_t first = rand.sample_int(0, power + 1);
        tiles[0] *= detail::int_pow(prime, first);
        tiles[1] *= detail::int_pow(prime, power - first);
      }
    } else if (entry.large || power == 1) {
      tiles[static_cast<size_t>(rand.sample_int(0, n))] *= prime;
    } else {
      // Stars and bars.
      std::vector<int64_t> bars = detail::sample_without_replacement(rand, power + n - 1, n - 1);
      std::sort(bars.begin(), bars.end());
      bars.push_back(power + n - 1);
      int64_t previous = -1;
      for (size_t i = 0; i < bars.size(); ++i) {
        tiles[i] *= detail::int_pow(prime, bars[i] - previous - 1);
        previous = bars[i];
      }
    }
  }
  return tiles;
}

METASCHEDULE_INLINE void SampleCategorical::apply(ScheduleState& state,
                                                  std::vector<TableEntry>& outputs) {
  check<ValueError>(candidates.size() == probs.size(),
                    "expected as many probabilities as candidates, found {} and {}", probs.size(),
                    candidates.size());
  check<ValueError>(!candidates.empty(), "expected at least one candidate");
  int64_t count = static_cast<int64_t>(candidates.size());
  if (!decision) decision = state.random.discrete(probs);
  check<ValueError>(*decision >= 0 && *decision < count,
                    "Wrong decision value, where n = {}, but decision is: {}", count, *decision);
  outputs.push_back(TableEntry::integer(candidates[static_cast<size_t>(*decision)]));
}

METASCHEDULE_INLINE void SamplePerfectTile::apply(ScheduleState& state,
                                                  std::vector<TableEntry>& outputs) {
  std::optional<int64_t> extent = detail::tile_extent(state, loop);
  if (!extent) {
    decision = detail::unknown_tiles(n);
    outputs.push_back(TableEntry::unknown());
    for (int64_t i = 1; i < n; ++i) outputs.push_back(TableEntry::integer(1));
    return;
  }
  detail::check_tileable(*extent);
  if (decision) {
    check<ValueError>(!decision->empty(), "expected a decision of at least one factor");
    detail::perfect_decision(*decision, *extent);
  } else if (max_innermost_factor == -1) {
    decision = sample_factors(state.random, *extent, n);
  } else {
    check<ValueError>(n >= 2, "sample_perfect_tile: expected at least 2 factors, found {}", n);
    check<ValueError>(max_innermost_factor >= 1,
                      "sample_perfect_tile: expected a positive max_innermost_factor, found {}",
                      max_innermost_factor);
    do {
      decision = sample_factors(state.random, *extent, n);
    } while (decision->back() > max_innermost_factor);
  }
  for (int64_t tile : *decision) outputs.push_back(TableEntry::integer(tile));
}

METASCHEDULE_INLINE void SamplePartitionedTile::apply(ScheduleState& state,
                                                      std::vector<TableEntry>& outputs) {
  std::optional<int64_t> extent = detail::tile_extent(state, loop);
  check<ValueError>(innerpart_factor >= 1 && partition_pos >= 0 && partition_pos < n,
                    "sample_partitioned_tile: expected 0 <= partition_pos < n and a positive "
                    "innerpart_factor, found {}, {} and {}",
                    partition_pos, n, innerpart_factor);
  if (!extent || *extent % innerpart_factor != 0) {
    decision = detail::unknown_tiles(n);
  } else if (detail::check_tileable(*extent); decision) {
    check<ValueError>(decision->size() > static_cast<size_t>(partition_pos),
                      "sample_partitioned_tile: expected a decision of {} factors, found {}", n,
                      decision->size());
    if (!detail::inner_part_fits(*decision, partition_pos, innerpart_factor)) {
      decision = std::vector<int64_t>(static_cast<size_t>(n), 1);
      (*decision)[0] = *extent / innerpart_factor;
      (*decision)[static_cast<size_t>(partition_pos)] = innerpart_factor;
    } else {
      detail::perfect_decision(*decision, *extent);
    }
  } else if (partition_pos == 0 && innerpart_factor == 1) {
    decision = sample_factors(state.random, *extent, n);
  } else {
    check<ValueError>(n >= 2, "sample_partitioned_tile: expected at least 2 factors, found {}", n);
    do {
      decision = sample_factors(state.random, *extent, n);
    } while (!detail::inner_part_fits(*decision, partition_pos, innerpart_factor));
  }
  for (int64_t tile : *decision) outputs.push_back(TableEntry::integer(tile));
}

METASCHEDULE_INLINE ExprRV SamplingMethods::sample_categorical(std::vector<int64_t> candidates,
                                                               std::vector<double> probs,
                                                               std::optional<int64_t> decision) {
  return static_cast<Schedule*>(this)->run(
      SampleCategorical{std::move(candidates), std::move(probs), decision});
}
METASCHEDULE_INLINE std::vector<ExprRV> SamplingMethods::sample_perfect_tile(
    LoopRV loop, int64_t n, int64_t max_innermost_factor,
    std::optional<std::vector<int64_t>> decision) {
  return static_cast<Schedule*>(this)->run(
      SamplePerfectTile{loop, n, max_innermost_factor, std::move(decision)});
}
METASCHEDULE_INLINE std::vector<ExprRV> SamplingMethods::sample_partitioned_tile(
    LoopRV loop, int64_t n, int64_t partition_pos, int64_t innerpart_factor,
    std::optional<std::vector<int64_t>> decision) {
  return static_cast<Schedule*>(this)->run(
      SamplePartitionedTile{loop, n, partition_pos, innerpart_factor, std::move(decision)});
}

}  // namespace metaschedule
