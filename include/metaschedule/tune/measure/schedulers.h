// SPDX-License-Identifier: Apache-2.0
// The task schedulers: in turn, and where another trial promises most.
#pragma once

#include <vector>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/task_scheduler.h"

namespace metaschedule {

/// The tasks in turn.
class RoundRobin : public TaskScheduler {
 public:
  using TaskScheduler::TaskScheduler;
  int next_task_id() override;
  int task_id = -1;  // the last one picked
};

/// Each task once, then the task whose weighted latency falls fastest: `alpha` weighs the slope
/// over the last `window_size` rounds against the hope that latency over rounds gives.
class GradientBased : public TaskScheduler {
 public:
  explicit GradientBased(double alpha = 0.2, int window_size = 3, int64_t seed = -1,
                         Logger logger = {});
  int next_task_id() override;
  std::vector<RunnerResult> join_running_task(int task_id) override;
  void tune(const std::vector<TuneContextPtr>& tasks, const std::vector<double>& task_weights,
            int max_trials_global, int max_trials_per_task, int num_trials_per_iter,
            const BuilderPtr& builder, const RunnerPtr& runner,
            const std::vector<MeasureCallbackPtr>& callbacks, const DatabasePtr& database,
            const CostModelPtr& cost_model) override;

  double alpha;
  int window_size;

 private:
  double gradient(int task_id) const;
  Rand rand_;
  int round_ = 0;
  std::vector<std::vector<double>> best_history_;  // [task][round], milliseconds
};

}  // namespace metaschedule
