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
/// How much longer than all before it together a batch may be: an estimate from a few calls can be
/// far off.
constexpr int64_t kMaxGrowth = 10;
/// What a candidate is allowed before it is given up as too slow.
constexpr int64_t kLeastRaceCalls = 3;
constexpr double kLeastRaceSeconds = 5e-3;

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

  /// Calls one by one until one is fast enough, or enough of them were not: then their mean, else
  /// 0.
  double race() {
    const int64_t least_calls = std::max<int64_t>(kLeastRaceCalls, options_.number);
    double total = 0;
    for (int64_t calls = 1;; ++calls) {
      const double spent = run(1);
      if (failed() || spent <= options_.stop_if_slower_than) return 0;
      total += spent;
      if (calls >= least_calls && total >= kLeastRaceSeconds)
        return total / static_cast<double>(calls);
    }
  }

  /// Batches until they take `min_repeat_ms` together; the mean of a call. `number` becomes how
  /// many calls that took.
  double run_repeat(int64_t& number) {
    double spent = 0;
    int64_t calls = 0, batch = number;
    for (int zeros = 0;;) {
      spent += run(batch);
      if (failed()) return 0;
      calls += batch;
      if (spent * 1e3 >= options_.min_repeat_ms) break;
      if (spent <= 0) {
        if (++zeros >= kMaxZeroReadings) break;
        batch += batch / 2 + 1;
        continue;
      }
      const double left = (options_.min_repeat_ms * 1e-3 - spent) / spent;
      const double wanted = left * static_cast<double>(calls) + 1;
      batch = static_cast<int64_t>(std::min(wanted, static_cast<double>(calls * kMaxGrowth)));
    }
    number = calls;
    return spent / static_cast<double>(calls);
  }

  /// Short batches until they agree or until the time of a full measurement is spent.
  double run_adaptive(double first) {
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
  if (options.stop_if_slower_than > 0 && first > options.stop_if_slower_than) {
    if (prepare) prepare();
    const double mean = measurement.race();
    if (measurement.failed()) return out;
    if (mean > 0) {
      out.seconds.assign(static_cast<size_t>(std::max(options.repeat, 1)), mean);
      out.stopped_early = true;
      return out;
    }
  }
  int64_t number = std::max(options.number, 1);
  for (int r = 0; r < options.repeat; ++r) {
    if (prepare) prepare();
    const double mean =
        options.adaptive ? measurement.run_adaptive(first) : measurement.run_repeat(number);
    if (measurement.failed()) return out;
    out.seconds.push_back(mean);
  }
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
