// SPDX-License-Identifier: Apache-2.0
// Bodies of schedulers.h.
#pragma once

#include <algorithm>

#include "metaschedule/support/config.h"
#include "metaschedule/tune/measure/schedulers.h"

namespace metaschedule {

METASCHEDULE_INLINE TaskSchedulerPtr TaskScheduler::create(std::string_view kind, Logger logger) {
  if (kind == "gradient") return std::make_shared<GradientBased>(0.2, 3, -1, std::move(logger));
  if (kind == "round-robin") return std::make_shared<RoundRobin>(std::move(logger));
  fail<ValueError>("Unknown TaskScheduler: {}; expected gradient or round-robin", kind);
}

METASCHEDULE_INLINE int RoundRobin::next_task_id() {
  const int n = static_cast<int>(tasks_.size());
  for (int i = 0; i < n; ++i) touch_task(i);
  for (int i = 0; i < n; ++i) {
    task_id = (task_id + 1) % n;
    if (tasks_[task_id]->is_terminated) continue;
    if (tasks_[task_id]->runner_futures) join_running_task(task_id);
    return task_id;
  }
  return -1;
}

METASCHEDULE_INLINE GradientBased::GradientBased(double alpha, int window_size, int64_t seed,
                                                 Logger logger)
    : TaskScheduler(std::move(logger)), alpha(alpha), window_size(window_size), rand_(seed) {
  check<ValueError>(window_size >= 1, "GradientBased: window_size must be at least 1, found {}",
                    window_size);
}

METASCHEDULE_INLINE void GradientBased::tune(const std::vector<TuneContextPtr>& tasks,
                                             const std::vector<double>& task_weights,
                                             int max_trials_global, int max_trials_per_task,
                                             int num_trials_per_iter, const BuilderPtr& builder,
                                             const RunnerPtr& runner,
                                             const std::vector<MeasureCallbackPtr>& callbacks,
                                             const DatabasePtr& database,
                                             const CostModelPtr& cost_model) {
  round_ = 0;
  best_history_.resize(tasks.size());
  TaskScheduler::tune(tasks, task_weights, max_trials_global, max_trials_per_task,
                      num_trials_per_iter, builder, runner, callbacks, database, cost_model);
}

METASCHEDULE_INLINE std::vector<RunnerResult> GradientBased::join_running_task(int task_id) {
  std::vector<RunnerResult> results = TaskScheduler::join_running_task(task_id);
  if (!tasks_[task_id]->latency_ms.empty())
    best_history_[task_id].push_back(tasks_[task_id]->best_latency_ms());
  return results;
}

METASCHEDULE_INLINE double GradientBased::gradient(int task_id) const {
  const std::vector<double>& history = best_history_[task_id];
  const int rounds = static_cast<int>(history.size());
  if (rounds == 0 || history.back() >= kFailedMilliseconds) return -kFailedMilliseconds;
  const double best = history.back();
  const double slope =
      rounds >= 1 + window_size ? (history[rounds - 1 - window_size] - best) / window_size : 0.0;
  const double hope = best / rounds;
  return (alpha * slope + (1 - alpha) * hope) * tasks_[task_id]->task_weight;
}

METASCHEDULE_INLINE int GradientBased::next_task_id() {
  const int n = static_cast<int>(tasks_.size());
  if (round_ == 0) print_tuning_statistics();
  if (round_ < n) return round_++;
  if (round_ == n) {
    for (int i = 0; i < n; ++i) {
      if (tasks_[i]->runner_futures) join_running_task(i);
    }
    ++round_;
  }
  for (int i = 0; i < n; ++i) touch_task(i);
  std::vector<int> alive;
  std::vector<double> gradients;
  for (int i = 0; i < n; ++i) {
    if (tasks_[i]->is_terminated) continue;
    alive.push_back(i);
    gradients.push_back(gradient(i));
  }
  if (alive.empty()) return -1;
  const auto [least, most] = std::minmax_element(gradients.begin(), gradients.end());
  const int picked =
      *least == *most
          ? alive[rand_.sample_int(0, static_cast<int64_t>(alive.size()))]
          : alive[std::max_element(gradients.begin(), gradients.end()) - gradients.begin()];
  if (tasks_[picked]->runner_futures) join_running_task(picked);
  return picked;
}

}  // namespace metaschedule
