// SPDX-License-Identifier: Apache-2.0
// The random numbers of schedules: a linear congruential generator and distributions that are
// reproduced bit by bit on every platform, so that a seed always gives the same design space.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule {

/// state ← state * 48271 mod (2^31 - 1). A value: copies go on independently from the same state.
class Rand {
 public:
  static constexpr int64_t kMultiplier = 48271;
  static constexpr int64_t kModulus = 2147483647;

  /// A seed of -1 is taken from the device; other negative ones raise ValueError.
  explicit Rand(int64_t seed = -1) : state_(normalize(seed)) {}

  /// The state that `seed` stands for, in [1, 2^31 - 2].
  static int64_t normalize(int64_t seed) {
    if (seed == -1) seed = static_cast<int64_t>(std::random_device{}());
    check<ValueError>(seed >= 0, "Random seed must be non-negative, found {}", seed);
    seed %= kModulus;
    return seed == 0 ? 1 : seed;
  }

  /// The next number in [1, 2^31 - 2], which is also the new state.
  int64_t next() { return state_ = state_ * kMultiplier % kModulus; }
  int64_t state() const { return state_; }

  /// A seed for an independent generator.
  int64_t fork_seed() { return next() * 32767 % 1999999973; }

  /// Uniform in [lo, hi); a range of one value takes no draw. Raises ValueError for an empty range.
  int64_t sample_int(int64_t lo, int64_t hi) {
    check<ValueError>(lo < hi, "sample_int: expected lo < hi, found [{}, {})", lo, hi);
    return hi == lo + 1 ? lo : lo + static_cast<int64_t>(up_to(static_cast<uint64_t>(hi - 1 - lo)));
  }

  /// Uniform in [0, 1) with 53 bits: two draws.
  double uniform() {
    constexpr double m = static_cast<double>(kModulus);
    double low = static_cast<double>(next());
    double value = (low + static_cast<double>(next()) * m) / (m * m);
    return value < 1.0 ? value : std::nextafter(1.0, 0.0);
  }

  /// An index with the given weights; fewer than two take no draw.
  int discrete(const std::vector<double>& weights) {
    if (weights.size() < 2) return 0;
    double sum = 0;
    for (double w : weights) sum += w;
    std::vector<double> cumulative;
    cumulative.reserve(weights.size());
    double total = 0;
    for (double w : weights) cumulative.push_back(total += w / sum);
    cumulative.back() = 1.0;
    double p = uniform();
    return static_cast<int>(std::lower_bound(cumulative.begin(), cumulative.end(), p) -
                            cumulative.begin());
  }

 private:
  static constexpr uint64_t kSpan = kModulus - 1;  // of the raw draws

  // Uniform in [0, range], by the classic rejection scheme on raw draws.
  uint64_t up_to(uint64_t range) {
    if (range < kSpan) {
      uint64_t scaling = kSpan / (range + 1), past = (range + 1) * scaling, x;
      do {
        x = static_cast<uint64_t>(next());
      } while (x >= past);
      return x / scaling;
    }
    if (range == kSpan) return static_cast<uint64_t>(next());
    uint64_t high, value;
    do {
      high = (kSpan + 1) * up_to(range / (kSpan + 1));
      value = high + static_cast<uint64_t>(next());
    } while (value > range || value < high);
    return value;
  }

  int64_t state_;
};

}  // namespace metaschedule
