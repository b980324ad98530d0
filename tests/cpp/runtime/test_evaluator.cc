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
  // 1 + about 50 + 50, or fewer on a busy machine.
  EXPECT_GE(calls, 1 + 20 + 20);
  EXPECT_LE(calls, 1 + 52 + 52);
  EXPECT_GE(e.seconds[0], 1e-4);
}

TEST(Evaluator, EndsWithTheCodeOfAFailedCall) {
  EvaluatorOptions options{.number = 3, .repeat = 1, .min_repeat_ms = 0};
  int status = 0, calls = 0;
  evaluate(options, [&] { return ++calls == 3 ? 7 : 0; }, nullptr, &status);
  EXPECT_EQ(status, 7);
  EXPECT_EQ(calls, 3);
}

TEST(Evaluator, CountsAllCallsAndDoesNotOvershoot) {
  EvaluatorOptions options{.number = 3, .repeat = 1, .min_repeat_ms = 20};
  for (double seconds : {1e-6, 1e-4, 3e-3}) {
    int calls = 0, status = 0;
    // Time that only the calls see, so that a busy machine changes nothing.
    auto start = std::chrono::steady_clock::now();
    Evaluation e = evaluate(options, busy(seconds, &calls), nullptr, &status);
    double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ASSERT_EQ(e.seconds.size(), 1u);
    const double measured = e.seconds[0] * (calls - 1);
    EXPECT_GE(measured, 20e-3);
    // One call may stand out, the last one may begin just before the time is over.
    EXPECT_LE(measured, 20e-3 + 12 * e.seconds[0] + 20e-3) << calls << " calls";
    EXPECT_LE(measured, all);
  }
}

TEST(Evaluator, CallsLongerThanTheMinimumAreNotRepeated) {
  EvaluatorOptions options{.number = 3, .repeat = 2, .min_repeat_ms = 1};
  int calls = 0, status = 0;
  evaluate(options, busy(1e-3, &calls), nullptr, &status);
  EXPECT_EQ(calls, 1 + 3 + 3);
}

TEST(Evaluator, GivesUpOnWhatIsClearlySlower) {
  EvaluatorOptions options{.number = 3, .repeat = 2, .min_repeat_ms = 10000};
  options.stop_if_slower_than = 1e-4;
  int status = 0, calls = 0;
  Evaluation e = evaluate(options, busy(5e-4, &calls), nullptr, &status);
  EXPECT_TRUE(e.stopped_early);
  // At least three calls and 5 ms.
  EXPECT_GE(calls, 1 + 3);
  EXPECT_LE(calls, 1 + 10);
  ASSERT_EQ(e.seconds.size(), 2u);
  EXPECT_GE(e.seconds[0], 5e-4);
  EXPECT_GE(e.seconds[0] * (calls - 1), 5e-3);
}

TEST(Evaluator, OneFastCallKeepsACandidateInTheRace) {
  EvaluatorOptions options{.number = 1, .repeat = 1, .min_repeat_ms = 10};
  options.stop_if_slower_than = 1e-3;
  int status = 0, calls = 0, counted = 0;
  auto slow = busy(4e-3, &calls), fast = busy(1e-5, &calls);
  Evaluation e =
      evaluate(options, [&] { return ++counted <= 2 ? slow() : fast(); }, nullptr, &status);
  EXPECT_FALSE(e.stopped_early);
  EXPECT_GT(calls, 20);
  EXPECT_LT(e.seconds.at(0), 1e-3);
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
