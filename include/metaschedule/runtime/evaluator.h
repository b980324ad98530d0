// SPDX-License-Identifier: Apache-2.0
// Measures how long a call takes, by the algorithm that users of the original compare numbers of.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace metaschedule::runtime {

struct EvaluatorOptions {
  /// Calls in a measurement, to begin with.
  int number = 3;
  /// Measurements.
  int repeat = 1;
  /// A measurement shorter than this is thrown away and made again with more calls.
  double min_repeat_ms = 100;
  /// Evict all arguments but the first from the caches before each measurement.
  bool enable_cpu_cache_flush = false;
  /// Seconds a call; a candidate that is clearly slower is given up early, with what was seen as
  /// its result. 0: never.
  double stop_if_slower_than = 0;
  /// End a measurement as soon as its short batches agree within one percent, instead of after
  /// `min_repeat_ms`, which is then the longest it may take. Not what the original does: its
  /// result is a median of batches.
  bool adaptive = false;
};

struct Evaluation {
  std::vector<double> seconds;  // mean a call, one for each repeat
  bool stopped_early = false;
};

/// Calls `call` once untimed, then measures: `number` calls between two readings of the clock,
/// repeated with `number` enlarged by at least 1.618 while that takes less than `min_repeat_ms`;
/// the enlarged number stays for later repeats. `prepare` runs before each repeat.
/// A call that does not return 0 ends the evaluation: its code is stored in `*status`.
Evaluation evaluate(const EvaluatorOptions& options, const std::function<int()>& call,
                    const std::function<void()>& prepare, int* status);

/// Writes the cache lines of a memory range back and drops them.
void flush_cache(const void* data, size_t bytes);

}  // namespace metaschedule::runtime
