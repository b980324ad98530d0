// SPDX-License-Identifier: Apache-2.0
// Bodies of evolutionary.h.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/search/evolution.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/space_generator.h"

namespace metaschedule {

struct EvolutionarySearch::State : detail::Evolution {
  using detail::Evolution::Evolution;
};

METASCHEDULE_INLINE EvolutionarySearch::EvolutionarySearch(EvolutionaryOptions opts)
    : options(opts) {
  for (const auto& [name, value] : {std::pair("init_measured_ratio", opts.init_measured_ratio),
                                    std::pair("genetic_mutate_prob", opts.genetic_mutate_prob),
                                    std::pair("eps_greedy", opts.eps_greedy)}) {
    check<ValueError>(value >= 0 && value <= 1,
                      "EvolutionarySearch: {} must be in [0, 1], found {}", name, value);
  }
  for (const auto& [name, value, least] :
       {std::tuple("population_size", opts.population_size, 1),
        std::tuple("init_min_unmeasured", opts.init_min_unmeasured, 0),
        std::tuple("max_fail_count", opts.max_fail_count, 1),
        std::tuple("genetic_num_iters", opts.genetic_num_iters, 0),
        std::tuple("genetic_max_fail_count", opts.genetic_max_fail_count, 0)}) {
    check<ValueError>(value >= least, "EvolutionarySearch: {} must be at least {}, found {}", name,
                      least, value);
  }
}
METASCHEDULE_INLINE EvolutionarySearch::~EvolutionarySearch() = default;

METASCHEDULE_INLINE void EvolutionarySearch::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(context->space_generator != nullptr,
                    "EvolutionarySearch: the context has no space generator");
  check<ValueError>(context->space_generator->postprocs.has_value(),
                    "EvolutionarySearch: the space generator has no postprocs; give them or a "
                    "target");
  check<ValueError>(context->space_generator->mutator_probs.has_value(),
                    "EvolutionarySearch: the space generator has no mutators; give them or a "
                    "target");
  context_ = context;
  rand_ = Rand(context->rand.fork_seed());
  state_.reset();
}

METASCHEDULE_INLINE void EvolutionarySearch::pre_tuning(
    int max_trials, int num_trials_per_iter, const std::vector<SchedulePtr>& design_spaces,
    const DatabasePtr& database, const CostModelPtr& cost_model) {
  detail::check_trials("EvolutionarySearch", state_ != nullptr, max_trials, num_trials_per_iter);
  check<ValueError>(!design_spaces.empty(), "EvolutionarySearch: there is no design space");
  check<ValueError>(database != nullptr,
                    "EvolutionarySearch: a database is needed; a MemoryDatabase keeps nothing "
                    "after the session");
  check<ValueError>(cost_model != nullptr,
                    "EvolutionarySearch: a cost model is needed; a RandomModel knows nothing");
  const TuneContextPtr context = detail::lock_context(context_, "EvolutionarySearch");
  check<ValueError>(static_cast<bool>(context->mod),
                    "EvolutionarySearch: the context has no module");
  state_ = std::make_unique<State>(options, context, rand_.state(),
                                   detail::TrialRange{max_trials, num_trials_per_iter},
                                   detail::undecided_traces(design_spaces), database, cost_model);
}

METASCHEDULE_INLINE EvolutionarySearch::State& EvolutionarySearch::state(const char* what) {
  check<ValueError>(state_ != nullptr, "EvolutionarySearch: {} without pre_tuning", what);
  state_->context = detail::lock_context(context_, "EvolutionarySearch");
  return *state_;
}

METASCHEDULE_INLINE void EvolutionarySearch::post_tuning() {
  state("post_tuning");
  state_.reset();
}

METASCHEDULE_INLINE std::optional<std::vector<MeasureCandidate>>
EvolutionarySearch::generate_measure_candidates() {
  State& search = state("generation");
  // The state lives on between calls; a context that it kept would never die.
  struct Release {
    State& search;
    ~Release() { search.context.reset(); }
  } release{search};
  return search.next_batch();
}

METASCHEDULE_INLINE void EvolutionarySearch::notify_runner_results(
    const std::vector<MeasureCandidate>&, const std::vector<RunnerResult>& results) {
  State& search = state("results");
  search.trials.advance(static_cast<int>(results.size()));
  search.context.reset();
}

METASCHEDULE_INLINE SearchStrategyPtr EvolutionarySearch::clone() const {
  auto copy = std::make_shared<EvolutionarySearch>(options);
  copy->context_ = context_;
  copy->rand_ = rand_;
  return copy;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> EvolutionarySearch::sample_init_population(int num) {
  State& search = state("sampling");
  std::vector<SchedulePtr> out;
  for (const detail::Individual& one : search.sample_init(num)) out.push_back(one.candidate.sch);
  search.context.reset();
  return out;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> EvolutionarySearch::evolve_with_cost_model(
    const std::vector<SchedulePtr>& population, int num) {
  State& search = state("evolution");
  detail::Population start;
  for (const SchedulePtr& sch : population) start.push_back(search.individual(sch));
  std::vector<SchedulePtr> out;
  for (const detail::Individual& one : search.evolve(std::move(start), num)) {
    search.measured.add(one.candidate.sch->mod(), one.hash);
    out.push_back(one.candidate.sch);
  }
  search.context.reset();
  return out;
}

}  // namespace metaschedule
