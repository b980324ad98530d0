// SPDX-License-Identifier: Apache-2.0
// How a candidate is timed.
#pragma once

namespace metaschedule {

struct EvaluatorConfig {
  int number = 3;                       // calls in a measurement, to begin with
  int repeat = 1;                       // measurements
  double min_repeat_ms = 100;           // calls are added to shorter measurements
  bool enable_cpu_cache_flush = false;  // evict all arguments but the first before each

  bool operator==(const EvaluatorConfig&) const = default;
};

}  // namespace metaschedule
