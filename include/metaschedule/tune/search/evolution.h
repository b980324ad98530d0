// SPDX-License-Identifier: Apache-2.0
// One evolutionary search under way: how a batch is bred.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/search/individual.h"
#include "metaschedule/tune/search/support.h"

namespace metaschedule::detail {

struct Evolution {
  Evolution(const EvolutionaryOptions& options, const TuneContextPtr& context, int64_t seed,
            TrialRange trials, std::vector<Trace> spaces, DatabasePtr database,
            CostModelPtr cost_model);

  /// Pick the best of the database, sample, breed, choose; nothing when the search is over.
  std::optional<std::vector<MeasureCandidate>> next_batch();

  Individual individual(const SchedulePtr& sch) const;
  /// The best records of the database as candidates of this search.
  Population pick_best(int num);
  /// Fresh samples, in rounds of `num` slots until there are enough of them.
  Population sample_init(int num);
  /// The best unmeasured ones met while breeding from `population`, the best first.
  Population evolve(Population population, int num);
  /// The batch: mostly from `bests`, some of `unmeasured`; they count as measured from now on.
  Population pick_with_eps_greedy(const Population& unmeasured, const Population& bests, int num);

  const EvolutionaryOptions& options;
  TuneContextPtr context;  // set while a method runs
  const int64_t seed;
  TrialRange trials;
  std::vector<Trace> spaces;       // without decisions
  std::vector<ModuleRef> modules;  // one a thread
  DatabasePtr database;
  CostModelPtr cost_model;
  WorkloadPtr workload;
  ModuleSet measured;
  CandidateMaker maker;
  uint64_t round = 0;
  int num_empty_batches = 0;

 private:
  /// A child on its way: a slot of the next generation.
  struct Slot {
    Rand rand;
    int attempts = 0;
    size_t parent = 0;
    Individual child{};
    bool wants_parent = false;  // drew "no mutation" and asks to keep `parent`
    bool pending = true;
  };
  void mark_recorded();
  std::vector<double> predict(const Population& population);
  Population next_generation(const Population& population, const std::vector<double>& scores,
                             uint64_t stage);
  void breed(Slot& slot, const Population& population, const WeightedSampler& parents,
             const WeightedSampler& mutators, const std::vector<bool>& kept, int thread);
  std::vector<double> mutator_masses() const;
};

}  // namespace metaschedule::detail
