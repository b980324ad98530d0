// SPDX-License-Identifier: Apache-2.0
// Bodies of evolution.h.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/search/evolution.h"

namespace metaschedule::detail {

// Stages of a round that draw random numbers.
inline constexpr uint64_t kStagePick = 0, kStageSample = 1000, kStageEvolve = 2000;

METASCHEDULE_INLINE Evolution::Evolution(const EvolutionaryOptions& options,
                                         const TuneContextPtr& context, int64_t seed,
                                         TrialRange trials, std::vector<Trace> undecided,
                                         DatabasePtr db, CostModelPtr model)
    : options(options),
      context(context),
      seed(seed),
      trials(trials),
      spaces(std::move(undecided)),
      modules(copies_for_threads(*context)),
      database(std::move(db)),
      cost_model(std::move(model)),
      workload(database->commit_workload(context->mod)),
      measured(database->equality()),
      maker(*context->space_generator->postprocs) {
  mark_recorded();
  this->context.reset();
}

METASCHEDULE_INLINE Individual Evolution::individual(const SchedulePtr& sch) const {
  if (!sch) return {};
  return {{sch, ArgInfo::from_entry_func(*sch->mod())}, measured.equality().hash(*sch->mod())};
}

METASCHEDULE_INLINE void Evolution::mark_recorded() {
  std::vector<TuningRecordPtr> records;
  for (const TuningRecordPtr& record : database->get_all_tuning_records()) {
    // A time on another machine says nothing about this one.
    const bool here = !record->target() || !context->target ||
                      structural_equal(record->target(), context->target);
    if (record->workload() == workload && record->run_secs() && here) records.push_back(record);
  }
  std::vector<Individual> known(records.size());
  parallel_for(records.size(), context->num_threads, [&](size_t i, int thread) {
    Rand rand(seed_at(seed, 0, kStagePick, i));
    try {
      known[i] = individual(maker.make(modules[thread], records[i]->trace(), rand));
    } catch (const DatabaseError& e) {
      context->logger.warning("{}", e.what());
    }
  });
  std::vector<MeasureCandidate> candidates;
  std::vector<RunnerResult> results;
  for (size_t i = 0; i < known.size(); ++i) {
    if (!known[i]) continue;
    measured.add(known[i].candidate.sch->mod(), known[i].hash);
    candidates.push_back(known[i].candidate);
    results.push_back(RunnerResult::ok(*records[i]->run_secs()));
  }
  if (!candidates.empty() && cost_model->wants_records(context))
    cost_model->update(context, candidates, results);
  if (measured.size() > 0)
    context->logger.info("The database holds {} measured program(s) already", measured.size());
  maker.clear();
}

METASCHEDULE_INLINE std::optional<std::vector<MeasureCandidate>> Evolution::next_batch() {
  if (trials.over()) return std::nullopt;
  const Logger& log = context->logger;
  const int num = trials.next();
  log.info("Generating candidates......");
  maker.clear();
  const Population recorded =
      pick_best(static_cast<int>(options.population_size * options.init_measured_ratio));
  log.info("Picked top {} candidate(s) from database", recorded.size());
  const Population fresh = sample_init(options.population_size - static_cast<int>(recorded.size()));
  if (static_cast<int>(fresh.size()) < options.init_min_unmeasured) {
    log.warning(
        "Cannot sample enough initial population: {} valid candidate(s), expected at least {}; "
        "evolutionary search ends.\n{}",
        fresh.size(), options.init_min_unmeasured, maker.summary());
    return std::nullopt;
  }
  log.info("Sampled {} candidate(s)", fresh.size());
  Population start = recorded;
  start.insert(start.end(), fresh.begin(), fresh.end());
  const Population bests = evolve(std::move(start), num);
  log.info("Got {} candidate(s) with evolutionary search", bests.size());
  const Population picks = pick_with_eps_greedy(fresh, bests, num);
  log.info("Sending {} candidates(s) for measurement", picks.size());
  ++round;
  if (picks.empty() && ++num_empty_batches >= EvolutionarySearch::kEmptyItersBeforeEarlyStop)
    return std::nullopt;
  std::vector<MeasureCandidate> out;
  for (const Individual& pick : picks) out.push_back(pick.candidate);
  return out;
}

METASCHEDULE_INLINE Population Evolution::pick_best(int num) {
  const auto timer = Profiler::timeit("EvoSearch/PickBestFromDatabase");
  const std::vector<TuningRecordPtr> records = database->get_top_k(workload, num);
  Population slots(records.size());
  parallel_for(records.size(), context->num_threads, [&](size_t i, int thread) {
    Rand rand(seed_at(seed, round, kStagePick, i));
    try {
      slots[i] = individual(maker.make(modules[thread], records[i]->trace(), rand));
    } catch (const DatabaseError& e) {
      context->logger.warning("{}", e.what());
    }
  });
  std::erase_if(slots, [](const Individual& one) { return !one; });
  return slots;
}

METASCHEDULE_INLINE Population Evolution::sample_init(int num) {
  const auto timer = Profiler::timeit("EvoSearch/SampleInitPopulation");
  Population out;
  int failed_rounds = 0;
  for (uint64_t attempt = 0; static_cast<int>(out.size()) < options.init_min_unmeasured &&
                             failed_rounds < options.max_fail_count;
       ++attempt) {
    Population slots(std::max(num, 0));
    parallel_for(slots.size(), context->num_threads, [&](size_t i, int thread) {
      Rand rand(seed_at(seed, round, kStageSample + attempt, i));
      const Trace& trace = spaces[rand.sample_int(0, static_cast<int64_t>(spaces.size()))];
      slots[i] = individual(maker.make(modules[thread], trace, rand));
    });
    std::erase_if(slots, [](const Individual& one) { return !one; });
    if (slots.empty()) ++failed_rounds;
    out.insert(out.end(), slots.begin(), slots.end());
    context->logger.info("Sample-Init-Population summary:\n{}", maker.summary());
  }
  return out;
}

METASCHEDULE_INLINE std::vector<double> Evolution::predict(const Population& population) {
  const auto timer = Profiler::timeit("EvoSearch/Evolve/PredictNormalizedScore");
  std::vector<MeasureCandidate> candidates;
  for (const Individual& one : population) candidates.push_back(one.candidate);
  std::vector<double> scores = cost_model->predict(context, candidates);
  check<ValueError>(scores.size() == population.size(),
                    "the cost model returned {} scores for {} candidates", scores.size(),
                    population.size());
  for (double& score : scores) score = score > 0 ? score : 0;  // 0 also for not-a-number
  return scores;
}

METASCHEDULE_INLINE Population Evolution::evolve(Population population, int num) {
  ModuleSet seen = [&] {
    const auto timer = Profiler::timeit("EvoSearch/Evolve/Misc/CopyMeasuredWorkloads");
    return measured;
  }();
  BestHeap heap(static_cast<size_t>(std::max(num, 0)));
  for (int iter = 0; !population.empty(); ++iter) {
    const std::vector<double> scores = predict(population);
    for (size_t i = 0; i < population.size(); ++i) {
      if (seen.add(population[i].candidate.sch->mod(), population[i].hash))
        heap.push(population[i], scores[i]);
    }
    if (iter == options.genetic_num_iters) break;
    const auto timer = Profiler::timeit("EvoSearch/Evolve/Mutation");
    population = next_generation(population, scores, kStageEvolve + static_cast<uint64_t>(iter));
    context->logger.info("Evolve iter #{} done. Summary:\n{}", iter, maker.summary());
  }
  Population out;
  std::string lines;
  for (const auto& [one, score] : heap.sorted()) {
    const size_t i = out.size();
    if (i % 16 == 0) lines += fmt::format("\n[{} : {}]:\t", i + 1, i + 16);
    lines += fmt::format("{}{:.4f}", i % 16 ? "  " : "", score);
    out.push_back(one);
  }
  context->logger.info("Scores of the best {} candidates:{}", out.size(), lines);
  return out;
}

METASCHEDULE_INLINE std::vector<double> Evolution::mutator_masses() const {
  const MutatorProbs& mutators = *context->space_generator->mutator_probs;
  const double prob = options.genetic_mutate_prob;
  double sum = 0;
  for (const auto& [mutator, weight] : mutators) sum += weight;
  std::vector<double> masses{sum > 0 ? 1 - prob : 1.0};
  for (const auto& [mutator, weight] : mutators)
    masses.push_back(sum > 0 ? prob * weight / sum : 0.0);
  return masses;
}

METASCHEDULE_INLINE void Evolution::breed(Slot& slot, const Population& population,
                                          const WeightedSampler& parents,
                                          const WeightedSampler& mutators,
                                          const std::vector<bool>& kept, int thread) {
  while (slot.attempts++ <= options.genetic_max_fail_count) {
    check_interrupt();
    slot.parent = parents(slot.rand);
    const size_t choice = mutators(slot.rand);
    if (choice == 0) {
      slot.wants_parent = !kept[slot.parent];
      if (slot.wants_parent) return;
      continue;
    }
    const auto& mutator = (*context->space_generator->mutator_probs)[choice - 1].first;
    const Trace& trace = population[slot.parent].candidate.sch->trace();
    if (const auto mutated = maker.mutate(*mutator, trace, slot.rand)) {
      slot.child = individual(maker.make(modules[thread], *mutated, slot.rand));
      if (slot.child) break;
    }
  }
  slot.pending = false;
}

METASCHEDULE_INLINE Population Evolution::next_generation(const Population& population,
                                                          const std::vector<double>& scores,
                                                          uint64_t stage) {
  const WeightedSampler parents(scores), mutators(mutator_masses());
  std::vector<Slot> slots;
  std::vector<Slot*> pending;
  for (int i = 0; i < options.population_size; ++i)
    slots.push_back({Rand(seed_at(seed, round, stage, static_cast<uint64_t>(i)))});
  for (Slot& slot : slots) pending.push_back(&slot);
  // An individual lives on unchanged in one slot at most. Who gets it must not depend on threads:
  // slots that ask are answered in order when all have asked, and those refused go on.
  std::vector<bool> kept(population.size(), false);
  while (!pending.empty()) {
    parallel_for(pending.size(), context->num_threads, [&](size_t i, int thread) {
      breed(*pending[i], population, parents, mutators, kept, thread);
    });
    for (Slot* slot : pending) {
      if (!slot->wants_parent) continue;
      slot->wants_parent = false;
      if (!kept[slot->parent]) {
        kept[slot->parent] = true;
        slot->pending = false;
      }
    }
    std::erase_if(pending, [](const Slot* slot) { return !slot->pending; });
  }
  Population next;
  for (Slot& slot : slots)
    next.push_back(slot.child ? std::move(slot.child) : population[slot.parent]);
  return next;
}

METASCHEDULE_INLINE Population Evolution::pick_with_eps_greedy(const Population& unmeasured,
                                                               const Population& bests, int num) {
  const auto timer = Profiler::timeit("EvoSearch/PickWithEpsGreedy");
  const int num_bests = num - static_cast<int>(num * options.eps_greedy);
  std::vector<size_t> order(unmeasured.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Rand rand(seed_at(seed, round, kStagePick, ~uint64_t{0}));
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[rand.sample_int(0, static_cast<int64_t>(i))]);
  Population out;
  size_t next_best = 0, next_rand = 0;
  for (int i = 0; i < num; ++i) {
    const bool has_best = next_best < bests.size(), has_rand = next_rand < order.size();
    if (!has_best && !has_rand) break;
    const bool take_best = has_best && (i < num_bests || !has_rand);
    const Individual& one = take_best ? bests[next_best++] : unmeasured[order[next_rand++]];
    if (measured.add(one.candidate.sch->mod(), one.hash)) out.push_back(one);
  }
  return out;
}

}  // namespace metaschedule::detail
