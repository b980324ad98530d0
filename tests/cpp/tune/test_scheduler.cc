// SPDX-License-Identifier: Apache-2.0
// Task schedulers on made-up searches: who is picked, what is counted, what is told.
#include <gtest/gtest.h>

#include "fakes.h"
#include "metaschedule/tune/measure/callbacks.h"
#include "metaschedule/tune/measure/result_check.h"
#include "metaschedule/tune/measure/schedulers.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/task_scheduler.h"
#include "metaschedule/tune/tune.h"

namespace metaschedule::testing {
namespace {

/// Sends the unscheduled program again and again.
class SameAgain : public SearchStrategy {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override { mod_ = context->mod; }
  void pre_tuning(int max_trials, int per_iter, const std::vector<SchedulePtr>&, const DatabasePtr&,
                  const CostModelPtr&) override {
    check<ValueError>(!running_, "twice");
    running_ = true;
    left_ = max_trials;
    per_iter_ = per_iter;
  }
  void post_tuning() override { running_ = false; }
  std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override {
    const int n = std::min(left_, per_iter_);
    if (n <= 0) return std::nullopt;
    left_ -= n;
    return std::vector<MeasureCandidate>(
        n, {std::make_shared<Schedule>(mod_, 1), std::vector<ArgInfoPtr>{}});
  }
  void notify_runner_results(const std::vector<MeasureCandidate>&,
                             const std::vector<RunnerResult>& results) override {
    notified += results.size();
  }
  SearchStrategyPtr clone() const override { return std::make_shared<SameAgain>(); }
  size_t notified = 0;
  bool running_ = false;

 private:
  ModuleRef mod_;
  int left_ = 0, per_iter_ = 0;
};

std::vector<TuneContextPtr> contexts(int n) {
  std::vector<TuneContextPtr> out;
  for (int i = 0; i < n; ++i)
    out.push_back(context_of(matmul(8, 8, 8), tile_space(), std::make_shared<SameAgain>(), 1, 1,
                             "task" + std::to_string(i)));
  return out;
}

/// Records which task each join was of.
class Spy : public MeasureCallback {
 public:
  void apply(const TaskSchedulerPtr&, int task_id, const std::vector<MeasureCandidate>& candidates,
             const std::vector<BuilderResult>&, const std::vector<RunnerResult>& results) override {
    joined.push_back(task_id);
    EXPECT_EQ(candidates.size(), results.size());
    for (const RunnerResult& result : results) all.push_back(result);
  }
  std::vector<int> joined;
  std::vector<RunnerResult> all;
};

TEST(GradientBased, picks_the_tasks_of_the_worked_example) {
  // Latencies in ms by task; the picks of the original for them.
  const std::vector<std::vector<double>> latencies = {
      {5, 4, 3}, {9, 8.5, 8, 7.8, 7.6, 7.5}, {2, 1, 0.5, 0.25, 0.2}};
  std::vector<int> sent(3, 0);
  std::vector<int> ran;
  struct Picker : GradientBased {
    using GradientBased::GradientBased;
    int next_task_id() override { return picked = GradientBased::next_task_id(); }
    int picked = -1;
  };
  auto scheduler = std::make_shared<Picker>(0.2, 3, 1);
  auto runner = std::make_shared<FakeRunner>([&](const RunnerInput&, int) {
    const int task = scheduler->picked;
    ran.push_back(task);
    const auto& list = latencies[task];
    const size_t i = std::min<size_t>(sent[task]++, list.size() - 1);
    return RunnerResult::ok({list[i] / 1000});
  });
  scheduler->tune(contexts(3), {1, 2.5, 10}, 14, 8, 1, std::make_shared<FakeBuilder>(), runner, {},
                  nullptr, nullptr);
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 1, 2, 1, 1, 1, 0, 2, 1, 1, 1, 0}));
}

TEST(RoundRobin, takes_tasks_in_turn_until_all_have_ended) {
  auto scheduler = std::make_shared<RoundRobin>();
  auto spy = std::make_shared<Spy>();
  scheduler->tune(contexts(2), {1, 1}, 100, 4, 2, std::make_shared<FakeBuilder>(),
                  std::make_shared<FakeRunner>(), {spy}, nullptr, nullptr);
  EXPECT_EQ(spy->joined, (std::vector<int>{0, 1, 0, 1}));
  EXPECT_EQ(scheduler->remaining_tasks_, 0);
  for (const TaskRecordPtr& task : scheduler->tasks_) {
    EXPECT_TRUE(task->is_terminated);
    EXPECT_EQ(task->latency_ms.size(), 4u);
    const auto& strategy = dynamic_cast<SameAgain&>(*task->ctx->search_strategy);
    EXPECT_EQ(strategy.notified, 4u);
    EXPECT_FALSE(strategy.running_);
  }
}

TEST(TaskScheduler, counts_every_kind_of_failure_and_goes_on) {
  auto builder = std::make_shared<FakeBuilder>([](int n) {
    return n == 0 ? FailureKind::Timeout : n == 1 ? FailureKind::Crash : FailureKind::None;
  });
  auto runner = std::make_shared<FakeRunner>([](const RunnerInput&, int n) {
    switch (n) {
      case 0:
        return RunnerResult::failed(FailureKind::OutOfMemory, "planted");
      case 1:
        return RunnerResult::failed(FailureKind::WrongResult, "planted");
      case 2:
        return RunnerResult{};  // neither times nor error
      case 3:
        return RunnerResult{{}, "by a user", {}};  // no kind
      default:
        return RunnerResult::ok({0.002, 0.001, 0.004});
    }
  });
  auto scheduler = std::make_shared<RoundRobin>();
  auto spy = std::make_shared<Spy>();
  std::vector<TuneProgress> progress;
  scheduler->on_progress = [&](const TuneProgress& p) { progress.push_back(p); };
  scheduler->tune(contexts(1), {3}, 8, 8, 4, builder, runner, {spy}, nullptr, nullptr);
  const TaskRecord& task = *scheduler->tasks_[0];
  EXPECT_EQ(task.build_error_count, 2);
  EXPECT_EQ(task.run_error_count, 4);
  const std::map<std::string, int> expected = {{"build: crash", 1},
                                               {"build: timeout", 1},
                                               {"run: exception", 2},
                                               {"run: out of memory", 1},
                                               {"run: wrong result", 1}};
  EXPECT_EQ(task.failures, expected);
  EXPECT_DOUBLE_EQ(task.best_latency_ms(), 2.0) << "the median of the three times";
  EXPECT_EQ(spy->all.size(), 8u);
  ASSERT_EQ(progress.size(), 2u);
  EXPECT_EQ(progress[0].trials_done, 4);
  EXPECT_EQ(progress[0].trials_total, 8);
  EXPECT_GT(progress[0].seconds_left, 0);
  EXPECT_EQ(progress[1].seconds_left, 0);
  EXPECT_DOUBLE_EQ(progress[1].best_latency_ms, 2.0);
  const std::string table = scheduler->tuning_statistics();
  EXPECT_NE(table.find("| task0 |"), std::string::npos) << table;
  EXPECT_NE(table.find("Total trials: 8\nTotal latency (us): 6000\n"), std::string::npos) << table;
}

TEST(TaskScheduler, checks_what_would_be_the_best_and_drops_what_is_wrong) {
  struct Check : ResultCheck {
    std::optional<std::string> fault(const TuneContext&, const Schedule&,
                                     const BuilderResult&) override {
      return ++asked <= 2 ? std::optional<std::string>("planted") : std::nullopt;
    }
    int asked = 0;
  };
  auto scheduler = std::make_shared<RoundRobin>();
  auto check = std::make_shared<Check>();
  scheduler->result_check = check;
  auto spy = std::make_shared<Spy>();
  auto runner = std::make_shared<FakeRunner>(
      [](const RunnerInput&, int n) { return RunnerResult::ok({0.004 - 0.001 * n}); });
  scheduler->tune(contexts(1), {1}, 4, 4, 4, std::make_shared<FakeBuilder>(), runner, {spy},
                  nullptr, nullptr);
  // 1 and 2 ms are wrong, 3 ms is right and the best, 4 ms is the sample of the others.
  EXPECT_EQ(check->asked, 4);
  EXPECT_DOUBLE_EQ(scheduler->tasks_[0]->best_latency_ms(), 3.0);
  EXPECT_EQ(scheduler->tasks_[0]->failures.at("run: wrong result"), 2);
  EXPECT_EQ(spy->all[3].failure, FailureKind::WrongResult);
}

TEST(TaskScheduler, an_exception_of_a_callback_ends_the_session_and_frees_the_strategies) {
  struct Thrower : MeasureCallback {
    void apply(const TaskSchedulerPtr&, int, const std::vector<MeasureCandidate>&,
               const std::vector<BuilderResult>&, const std::vector<RunnerResult>&) override {
      fail<ValueError>("by the user");
    }
  };
  auto tasks = contexts(2);
  auto scheduler = std::make_shared<RoundRobin>();
  EXPECT_THROW(scheduler->tune(tasks, {1, 1}, 10, 10, 2, std::make_shared<FakeBuilder>(),
                               std::make_shared<FakeRunner>(), {std::make_shared<Thrower>()},
                               nullptr, nullptr),
               ValueError);
  for (const auto& task : tasks)
    EXPECT_FALSE(dynamic_cast<SameAgain&>(*task->search_strategy).running_);
  scheduler->tune(tasks, {1, 1}, 4, 10, 2, std::make_shared<FakeBuilder>(),
                  std::make_shared<FakeRunner>(), {}, nullptr, nullptr);
  EXPECT_EQ(scheduler->tasks_[0]->latency_ms.size(), 2u);
}

TEST(TaskScheduler, refuses_what_does_not_fit) {
  auto scheduler = TaskScheduler::create("gradient");
  const auto builder = std::make_shared<FakeBuilder>();
  const auto runner = std::make_shared<FakeRunner>();
  EXPECT_THROW(scheduler->tune(contexts(2), {1}, 1, 1, 1, builder, runner, {}, nullptr, nullptr),
               ValueError);
  EXPECT_THROW(scheduler->tune(contexts(1), {1}, 1, 1, 1, nullptr, runner, {}, nullptr, nullptr),
               ValueError);
  EXPECT_THROW(TaskScheduler::create("fastest"), ValueError);
  EXPECT_THROW(tune_tasks({}, {}, {}), ValueError);
}

TEST(ForkSeeds, are_those_of_numpy) {
  EXPECT_EQ(fork_seeds(0, 4), (std::vector<int64_t>{209652397, 398764592, 924231286, 404868289}));
  EXPECT_EQ(fork_seeds(1, 4), (std::vector<int64_t>{717354022, 1061650668, 946286477, 784077897}));
  EXPECT_EQ(fork_seeds(42, 4), (std::vector<int64_t>{534895719, 199900596, 862061405, 787846415}));
}

}  // namespace
}  // namespace metaschedule::testing
