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
  /// Calls are added to a measurement until it has taken this long.
  double min_repeat_ms = 100;
  /// Evict all arguments but the first from the caches before each measurement.
  bool enable_cpu_cache_flush = false;
  /// Seconds a call. A candidate is given up when every one of its calls took longer, `number` or
  /// three of them and 5 ms in all, after the untimed one; their mean is its result. 0: never.
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

/// Calls `call` once untimed, then measures: `number` calls between two readings of the clock, then
/// as many more as `min_repeat_ms` asks for, by what the calls so far took; the mean of all of them
/// is the result. Later repeats begin with the number of calls that the one before them came to.
/// `prepare` runs before each repeat. A call that does not return 0 ends the evaluation: its code
/// is stored in `*status`.
Evaluation evaluate(const EvaluatorOptions& options, const std::function<int()>& call,
                    const std::function<void()>& prepare, int* status);

/// Writes the cache lines of a memory range back and drops them.
void flush_cache(const void* data, size_t bytes);

}  // namespace metaschedule::runtime
