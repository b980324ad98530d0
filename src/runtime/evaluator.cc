// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/evaluator.h"

#include <algorithm>
#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace metaschedule::runtime {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  double high = values[middle];
  if (values.size() % 2) return high;
  return (high + *std::max_element(values.begin(), values.begin() + middle)) / 2;
}

/// Readings of the clock that come out as zero, before giving up on a longer measurement.
constexpr int kMaxZeroReadings = 100;

class Measurement {
 public:
  Measurement(const EvaluatorOptions& options, const std::function<int()>& call, int* status)
      : options_(options), call_(call), status_(status) {}

  /// Seconds that `number` calls take.
  double run(int64_t number) {
    Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < number; ++i) {
      *status_ = call_();
      if (*status_ != 0) break;
    }
    return seconds_since(start);
  }
  bool failed() const { return *status_ != 0; }

  /// The first call finds cold caches, so a second one decides.
  bool is_hopeless(double first, double* seen) {
    double limit = options_.stop_if_slower_than;
    if (limit <= 0 || first < 3 * limit) return false;
    *seen = std::min(first, run(1));
    return !failed() && *seen > 2 * limit;
  }

  /// Short batches until they agree or until the time of a full measurement is spent.
  double run_adaptive(double first, bool* stopped) {
    double target = std::max(1e-3, options_.min_repeat_ms * 1e-3 / 20);
    int64_t number =
        std::clamp<int64_t>(static_cast<int64_t>(target / std::max(first, 1e-9)), 1, 1 << 24);
    std::vector<double> means;
    double total = 0;
    while (true) {
      double spent = run(number);
      if (failed()) return 0;
      total += spent;
      if (spent < target / 4 && number < (1 << 24)) {
        // The estimate came from a cold call.
        number = std::max<int64_t>(
            number * 2,
            static_cast<int64_t>(static_cast<double>(number) * target / std::max(spent, 1e-9)));
        continue;
      }
      means.push_back(spent / static_cast<double>(number));
      double best = *std::min_element(means.begin(), means.end());
      if (options_.stop_if_slower_than > 0 && means.size() >= 2 &&
          best > 1.3 * options_.stop_if_slower_than) {
        *stopped = true;
        return median(means);
      }
      if (total * 1e3 >= options_.min_repeat_ms) return median(means);
      if (means.size() < 4) continue;
      std::vector<double> sorted = means;
      std::sort(sorted.begin(), sorted.end());
      // Three of the fastest within one percent: noise only ever adds time.
      if (sorted[2] <= sorted[0] * 1.01) return median(means);
    }
  }

 private:
  const EvaluatorOptions& options_;
  const std::function<int()>& call_;
  int* status_;
};

}  // namespace

Evaluation evaluate(const EvaluatorOptions& options, const std::function<int()>& call,
                    const std::function<void()>& prepare, int* status) {
  Evaluation out;
  Measurement measurement(options, call, status);
  double first = measurement.run(1);
  if (measurement.failed()) return out;
  double seen = 0;
  if (measurement.is_hopeless(first, &seen)) {
    out.seconds.assign(std::max(options.repeat, 1), seen);
    out.stopped_early = true;
    return out;
  }
  int64_t number = std::max(options.number, 1);
  for (int r = 0; r < options.repeat; ++r) {
    if (prepare) prepare();
    if (options.adaptive) {
      out.seconds.push_back(measurement.run_adaptive(first, &out.stopped_early));
      if (measurement.failed()) return out;
      if (out.stopped_early) break;
      continue;
    }
    double ms = 0;
    for (int zeros = 0;;) {
      if (ms > 0) {
        double one = ms / static_cast<double>(number);
        number = static_cast<int64_t>(
            std::max(options.min_repeat_ms / one + 1, static_cast<double>(number) * 1.618));
      }
      ms = measurement.run(number) * 1e3;
      if (measurement.failed()) return out;
      if (ms <= 0) ++zeros;
      if (ms >= options.min_repeat_ms || zeros >= kMaxZeroReadings) break;
      double mean = ms * 1e-3 / static_cast<double>(number);
      if (options.stop_if_slower_than > 0 && mean > 1.3 * options.stop_if_slower_than) {
        out.stopped_early = true;
        break;
      }
    }
    out.seconds.push_back(ms * 1e-3 / static_cast<double>(number));
    if (out.stopped_early) break;
  }
  while (!out.seconds.empty() && static_cast<int>(out.seconds.size()) < options.repeat)
    out.seconds.push_back(out.seconds.back());
  return out;
}

void flush_cache(const void* data, size_t bytes) {
#if defined(__x86_64__)
  const char* p = static_cast<const char*>(data);
  for (size_t i = 0; i < bytes; i += 64) _mm_clflush(p + i);
  _mm_mfence();
#elif defined(__aarch64__)
  const char* p = static_cast<const char*>(data);
  for (size_t i = 0; i < bytes; i += 64) asm volatile("dc civac, %0" ::"r"(p + i) : "memory");
  asm volatile("dsb ish" ::: "memory");
#else
  (void)data, (void)bytes;
#endif
}

}  // namespace metaschedule::runtime
