// SPDX-License-Identifier: Apache-2.0
// How a candidate is timed.
#pragma once

namespace metaschedule {

struct EvaluatorConfig {
  int number = 3;                       // calls in a measurement, to begin with
  int repeat = 1;                       // measurements
  double min_repeat_ms = 100;           // shorter measurements are made again with more calls
  bool enable_cpu_cache_flush = false;  // evict all arguments but the first before each
};

}  // namespace metaschedule
