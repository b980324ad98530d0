// SPDX-License-Identifier: Apache-2.0
// The strategies that only sample: traces replayed with fresh decisions, or the space made anew.
#pragma once

#include <memory>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/search_strategy.h"

namespace metaschedule {

/// Random decisions on random spaces. A batch has fewer candidates than asked for when some slot
/// finds none in `max_fail_count` attempts.
class ReplayTrace : public SearchStrategy {
 public:
  explicit ReplayTrace(int max_fail_count = 100);
  ~ReplayTrace() override;
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  void pre_tuning(int max_trials, int num_trials_per_iter,
                  const std::vector<SchedulePtr>& design_spaces, const DatabasePtr& database,
                  const CostModelPtr& cost_model) override;
  void post_tuning() override;
  std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override;
  void notify_runner_results(const std::vector<MeasureCandidate>& measure_candidates,
                             const std::vector<RunnerResult>& results) override;
  SearchStrategyPtr clone() const override;

  int max_fail_count;

 private:
  struct State;
  std::weak_ptr<TuneContext> context_;
  Rand rand_;
  std::unique_ptr<State> state_;
};

/// Generates the design spaces for every candidate and takes one of them; single-threaded. Gives up
/// on a slot after `max_fail_count` attempts.
class ReplayFunc : public SearchStrategy {
 public:
  explicit ReplayFunc(int max_fail_count = 1000);
  ~ReplayFunc() override;
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  void pre_tuning(int max_trials, int num_trials_per_iter,
                  const std::vector<SchedulePtr>& design_spaces, const DatabasePtr& database,
                  const CostModelPtr& cost_model) override;
  void post_tuning() override;
  std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override;
  void notify_runner_results(const std::vector<MeasureCandidate>& measure_candidates,
                             const std::vector<RunnerResult>& results) override;
  SearchStrategyPtr clone() const override;

  int max_fail_count;

 private:
  struct State;
  std::weak_ptr<TuneContext> context_;
  Rand rand_;
  std::unique_ptr<State> state_;
};

}  // namespace metaschedule
