// SPDX-License-Identifier: Apache-2.0
// Task schedulers share the trials of a session among its tasks.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

/// Latency in milliseconds that stands for "failed".
inline constexpr double kFailedMilliseconds = 1e9;

class ResultCheck;

/// A task in the hands of a scheduler.
struct TaskRecord {
  /// Initializes the context once more. Raises ValueError when module, generator or strategy is
  /// missing.
  TaskRecord(TuneContextPtr context, double weight);

  TuneContextPtr ctx;
  double task_weight = 1.0;
  double flop = 1.0;
  bool is_terminated = false;
  int build_error_count = 0;
  int run_error_count = 0;
  std::map<std::string, int> failures;  // by kind: "build: timeout" -> 3
  std::vector<double> latency_ms;       // one for each trial, failed ones included
  // The batch on its way.
  std::optional<std::vector<MeasureCandidate>> measure_candidates;
  std::optional<std::vector<BuilderResult>> builder_results;
  std::optional<std::vector<RunnerFuturePtr>> runner_futures;
  /// For the runner: see RunnerInput. Infinite while no trial succeeded.
  std::shared_ptr<double> best_secs =
      std::make_shared<double>(std::numeric_limits<double>::infinity());

  /// The smallest latency; kFailedMilliseconds when no trial succeeded.
  double best_latency_ms() const;
};

/// How far a session is, after each batch.
struct TuneProgress {
  int task_id = 0;
  int trials_done = 0;                           // of all tasks
  int trials_total = 0;                          // at most
  double best_latency_ms = kFailedMilliseconds;  // of this task
  double best_gflops = 0;
  double seconds_elapsed = 0;
  /// The trials left at the pace of the last batches; less than that when tasks end early.
  double seconds_left = 0;
};

class TaskScheduler : public std::enable_shared_from_this<TaskScheduler> {
 public:
  explicit TaskScheduler(Logger logger = {}) : logger(std::move(logger)) {}
  virtual ~TaskScheduler() = default;

  /// The next task to run, or -1 when all are done.
  virtual int next_task_id() = 0;
  /// Waits for the batch under way, tells the strategy and the callbacks.
  virtual std::vector<RunnerResult> join_running_task(int task_id);
  /// Tunes until the trials are used up or all tasks have ended. Ends early, with all that was
  /// measured committed, by Interrupted or by an exception of a callback, builder or runner.
  virtual void tune(const std::vector<TuneContextPtr>& tasks,
                    const std::vector<double>& task_weights, int max_trials_global,
                    int max_trials_per_task, int num_trials_per_iter, const BuilderPtr& builder,
                    const RunnerPtr& runner, const std::vector<MeasureCallbackPtr>& callbacks,
                    const DatabasePtr& database, const CostModelPtr& cost_model);
  /// After `tune`: nothing to show for a whole session is one error, with the reasons, not an empty
  /// database. Raises ScheduleError when not one candidate was valid; trials that all failed, and
  /// no record of before, are a line of the log.
  void check_outcome() const;
  void terminate_task(int task_id);
  /// Joins the task if its batch is done.
  void touch_task(int task_id);
  /// The table of tasks with its totals.
  std::string tuning_statistics() const;
  void print_tuning_statistics();

  std::vector<TaskRecordPtr> tasks_;
  std::vector<MeasureCallbackPtr> measure_callbacks_;
  DatabasePtr database_;
  CostModelPtr cost_model_;
  int remaining_tasks_ = 0;
  Logger logger;
  std::function<void(const TuneProgress&)> on_progress;
  std::shared_ptr<ResultCheck> result_check;  // may be null

  /// "gradient" or "round-robin"; ValueError otherwise.
  static TaskSchedulerPtr create(std::string_view kind, Logger logger = {});

 private:
  class Pace;
  void initialize_tasks(const std::vector<TuneContextPtr>& tasks,
                        const std::vector<double>& weights, int max_trials_per_task,
                        int num_trials_per_iter);
  void send_to_builder(int task_id, const BuilderPtr& builder);
  void send_to_runner(int task_id, const RunnerPtr& runner);
  void check_results(TaskRecord& task, std::vector<RunnerResult>& results);
  void clean_up(int task_id, const std::vector<RunnerResult>& results);
  void report_progress(int task_id);

  std::shared_ptr<Pace> pace_;
};

}  // namespace metaschedule
