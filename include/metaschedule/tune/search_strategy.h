// SPDX-License-Identifier: Apache-2.0
// Search strategies choose which candidates of the design spaces to measure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

class SearchStrategy {
 public:
  virtual ~SearchStrategy() = default;
  virtual void initialize_with_tune_context(const TuneContextPtr& context) = 0;
  /// Begins a search. Raises ValueError when one is under way or an argument that the strategy
  /// needs is missing.
  virtual void pre_tuning(int max_trials, int num_trials_per_iter,
                          const std::vector<SchedulePtr>& design_spaces,
                          const DatabasePtr& database, const CostModelPtr& cost_model) = 0;
  /// Ends the search and forgets its state.
  virtual void post_tuning() = 0;
  /// The next batch; nothing when the search is over. An empty batch does not end it.
  virtual std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() = 0;
  virtual void notify_runner_results(const std::vector<MeasureCandidate>& measure_candidates,
                                     const std::vector<RunnerResult>& results) = 0;
  /// A copy without running state, to be initialized again.
  virtual SearchStrategyPtr clone() const = 0;

  /// "evolutionary", "replay-trace" or "replay-func".
  static SearchStrategyPtr create(std::string_view kind);
};

}  // namespace metaschedule
