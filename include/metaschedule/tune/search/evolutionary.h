// SPDX-License-Identifier: Apache-2.0
// The evolutionary search: samples and the best of the database breed under the cost model.
#pragma once

#include <memory>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/search_strategy.h"

namespace metaschedule {

struct EvolutionaryOptions {
  int population_size = 512;
  double init_measured_ratio = 0.2;  // of the population, at most this much from the database
  int init_min_unmeasured = 50;      // fewer fresh samples end the search
  int max_fail_count = 5;            // rounds of sampling without any success
  int genetic_num_iters = 4;
  double genetic_mutate_prob = 0.85;
  int genetic_max_fail_count = 10;  // retries for a child
  double eps_greedy = 0.05;         // share of a batch that is random
};

/// The same seed gives the same candidates whatever the number of threads: each random choice is
/// keyed by round, stage and slot. Programs that the database holds already are
/// not sent again; a cost model that wants them learns from them first.
class EvolutionarySearch : public SearchStrategy {
 public:
  static constexpr int kEmptyItersBeforeEarlyStop = 5;

  /// Raises ValueError for numbers out of range.
  explicit EvolutionarySearch(EvolutionaryOptions options = {});
  ~EvolutionarySearch() override;
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  void pre_tuning(int max_trials, int num_trials_per_iter,
                  const std::vector<SchedulePtr>& design_spaces, const DatabasePtr& database,
                  const CostModelPtr& cost_model) override;
  void post_tuning() override;
  std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override;
  void notify_runner_results(const std::vector<MeasureCandidate>& measure_candidates,
                             const std::vector<RunnerResult>& results) override;
  SearchStrategyPtr clone() const override;

  /// Fresh samples, as a batch begins with. For tests and tools.
  std::vector<SchedulePtr> sample_init_population(int num);
  /// The best `num` of what `population` evolves to, none of them measured before; they count as
  /// measured afterwards.
  std::vector<SchedulePtr> evolve_with_cost_model(const std::vector<SchedulePtr>& population,
                                                  int num);

  const EvolutionaryOptions options;

 private:
  struct State;
  State& state(const char* what);
  std::weak_ptr<TuneContext> context_;
  Rand rand_;
  std::unique_ptr<State> state_;
};

}  // namespace metaschedule
