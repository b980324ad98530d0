// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/evaluator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace metaschedule::runtime {
namespace {

/// A call that takes about so long.
std::function<int()> busy(double seconds, int* calls) {
  return [=] {
    ++*calls;
    auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
    }
    return 0;
  };
}

TEST(Evaluator, CallsOncePlusNumberTimesRepeatWithoutAMinimum) {
  EvaluatorOptions options{.number = 3, .repeat = 4, .min_repeat_ms = 0};
  int calls = 0, prepared = 0, status = 0;
  Evaluation e = evaluate(options, busy(1e-5, &calls), [&] { ++prepared; }, &status);
  EXPECT_EQ(calls, 13);
  EXPECT_EQ(prepared, 4);
  ASSERT_EQ(e.seconds.size(), 4u);
  for (double s : e.seconds) EXPECT_GE(s, 1e-5);
}

TEST(Evaluator, GrowsTheNumberUntilAMeasurementIsLongEnough) {
  EvaluatorOptions options{.number = 1, .repeat = 2, .min_repeat_ms = 5};
  int calls = 0, status = 0;
  Evaluation e = evaluate(options, busy(1e-4, &calls), nullptr, &status);
  ASSERT_EQ(e.seconds.size(), 2u);
  // 1 + 1 + about 51 + 51, more when a measurement falls short; the second repeat starts where the
  // first one ended.
  EXPECT_GE(calls, 1 + 1 + 20 + 20);
  EXPECT_GE(e.seconds[0], 1e-4);
}

TEST(Evaluator, EndsWithTheCodeOfAFailedCall) {
  EvaluatorOptions options{.number = 3, .repeat = 1, .min_repeat_ms = 0};
  int status = 0, calls = 0;
  evaluate(options, [&] { return ++calls == 3 ? 7 : 0; }, nullptr, &status);
  EXPECT_EQ(status, 7);
  EXPECT_EQ(calls, 3);
}

TEST(Evaluator, GivesUpOnWhatIsClearlySlower) {
  EvaluatorOptions options{.number = 3, .repeat = 2, .min_repeat_ms = 10000};
  options.stop_if_slower_than = 1e-4;
  int status = 0, calls = 0;
  Evaluation e = evaluate(options, busy(2e-3, &calls), nullptr, &status);
  EXPECT_TRUE(e.stopped_early);
  EXPECT_EQ(calls, 2);
  ASSERT_EQ(e.seconds.size(), 2u);
  EXPECT_GE(e.seconds[0], 2e-3);
}

TEST(Evaluator, AdaptiveMeasurementsAreShorterAndNoLessFaithful) {
  EvaluatorOptions options{.number = 3, .repeat = 1, .min_repeat_ms = 400};
  options.adaptive = true;
  int status = 0, calls = 0;
  auto start = std::chrono::steady_clock::now();
  Evaluation e = evaluate(options, busy(5e-4, &calls), nullptr, &status);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ASSERT_EQ(e.seconds.size(), 1u);
  EXPECT_GE(e.seconds[0], 5e-4);
  EXPECT_LT(seconds, 2.0);
}

}  // namespace
}  // namespace metaschedule::runtime
