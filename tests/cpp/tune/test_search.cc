// SPDX-License-Identifier: Apache-2.0
// The search strategies: the same candidates by seed on any number of threads, failures counted,
// nothing measured twice.
#include <gtest/gtest.h>

#include <set>

#include "fakes.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/record/memory_database.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/search/individual.h"
#include "metaschedule/tune/search/replay.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule::testing {
namespace {

EvolutionaryOptions small(int population = 32) {
  EvolutionaryOptions options;
  options.population_size = population;
  options.init_min_unmeasured = 8;
  options.genetic_num_iters = 2;
  return options;
}

using Batches = std::vector<std::vector<uint64_t>>;

/// The hashes of what is sent, batch by batch; `max` batches at most.
Batches search(const TuneContextPtr& context, int max_trials, int per_iter, int max = 1000,
               const DatabasePtr& database = std::make_shared<MemoryDatabase>()) {
  Batches out;
  SearchStrategy& strategy = *context->search_strategy;
  strategy.pre_tuning(max_trials, per_iter, context->generate_design_space(), database,
                      std::make_shared<RandomModel>(3));
  while (max-- > 0) {
    const auto batch = strategy.generate_measure_candidates();
    if (!batch) break;
    out.emplace_back();
    std::vector<RunnerResult> results;
    const WorkloadPtr workload = database->commit_workload(context->mod);
    for (const MeasureCandidate& candidate : *batch) {
      out.back().push_back(structural_hash(candidate.sch->mod()));
      results.push_back(RunnerResult::ok({fake_seconds(std::to_string(out.back().back()))}));
      database->commit_tuning_record(std::make_shared<TuningRecord>(
          candidate.sch->trace(), workload, results.back().run_secs, nullptr, candidate.args_info));
    }
    strategy.notify_runner_results(*batch, results);
  }
  strategy.post_tuning();
  return out;
}

SearchStrategyPtr make(const std::string& kind) {
  if (kind == "evolutionary") return std::make_shared<EvolutionarySearch>(small());
  return SearchStrategy::create(kind);
}

TEST(SearchStrategies, give_the_same_candidates_by_seed_whatever_the_thread_count) {
  for (const std::string kind : {"evolutionary", "replay-trace", "replay-func"}) {
    Batches first;
    for (int threads : {1, 2, 7}) {
      const Batches batches =
          search(context_of(matmul(64, 64, 64), tile_space(), make(kind), threads), 24, 8);
      ASSERT_EQ(batches.size(), 3u) << kind;
      if (threads == 1) first = batches;
      EXPECT_EQ(batches, first) << kind << " on " << threads << " threads";
    }
    EXPECT_NE(search(context_of(matmul(64, 64, 64), tile_space(), make(kind), 2, 43), 24, 8), first)
        << kind;
  }
}

TEST(SearchStrategies, end_at_the_number_of_trials) {
  for (const std::string kind : {"evolutionary", "replay-trace", "replay-func"}) {
    const Batches batches = search(context_of(matmul(64, 64, 64), tile_space(), make(kind)), 10, 4);
    ASSERT_EQ(batches.size(), 3u) << kind;
    EXPECT_EQ(batches[2].size(), 2u) << kind;
  }
}

TEST(SearchStrategies, refuse_to_be_used_out_of_turn) {
  for (const std::string kind : {"evolutionary", "replay-trace", "replay-func"}) {
    auto context = context_of(matmul(8, 8, 8), tile_space(), make(kind));
    SearchStrategy& strategy = *context->search_strategy;
    EXPECT_THROW(strategy.generate_measure_candidates(), ValueError);
    EXPECT_THROW(strategy.post_tuning(), ValueError);
    EXPECT_THROW(strategy.notify_runner_results({}, {}), ValueError);
    const auto spaces = context->generate_design_space();
    auto database = std::make_shared<MemoryDatabase>();
    auto model = std::make_shared<RandomModel>();
    strategy.pre_tuning(1, 1, spaces, database, model);
    EXPECT_THROW(strategy.pre_tuning(1, 1, spaces, database, model), ValueError);
    strategy.post_tuning();
    strategy.pre_tuning(1, 1, spaces, database, model);
  }
  EXPECT_THROW(SearchStrategy::create("luck"), ValueError);
  EXPECT_THROW(EvolutionarySearch({.eps_greedy = 1.5}), ValueError);
  EXPECT_THROW(EvolutionarySearch({.population_size = 0}), ValueError);
}

TEST(EvolutionarySearch, sends_no_program_twice_nor_one_the_database_holds) {
  auto database = std::make_shared<MemoryDatabase>();
  std::set<uint64_t> seen;
  size_t total = 0;
  for (int session = 0; session < 2; ++session) {
    // The second one is a session that goes on: same seed, same database.
    for (const auto& batch :
         search(context_of(matmul(64, 64, 64), tile_space(), make("evolutionary")), 32, 8, 1000,
                database)) {
      seen.insert(batch.begin(), batch.end());
      total += batch.size();
    }
  }
  EXPECT_EQ(seen.size(), total);
  EXPECT_GT(total, 56u);
}

TEST(EvolutionarySearch, teaches_a_cost_model_what_the_database_holds) {
  struct Pupil : RandomModel {
    bool wants_records(const TuneContextPtr&) override { return true; }
    void update(const TuneContextPtr&, const std::vector<MeasureCandidate>& candidates,
                const std::vector<RunnerResult>& results) override {
      EXPECT_EQ(candidates.size(), results.size());
      learnt += results.size();
    }
    size_t learnt = 0;
  };
  auto database = std::make_shared<MemoryDatabase>();
  search(context_of(matmul(64, 64, 64), tile_space(), make("evolutionary")), 16, 8, 1000, database);
  auto context = context_of(matmul(64, 64, 64), tile_space(), make("evolutionary"));
  auto pupil = std::make_shared<Pupil>();
  context->search_strategy->pre_tuning(8, 8, context->generate_design_space(), database, pupil);
  EXPECT_EQ(pupil->learnt, 16u);
}

TEST(EvolutionarySearch, ends_when_a_small_space_is_used_up) {
  // 2 x 2 x 2 has few tilings: all of them are sent once, then empty batches end the search.
  const Batches batches =
      search(context_of(matmul(2, 2, 2), tile_space(), make("evolutionary")), 1000, 16);
  size_t total = 0;
  for (const auto& batch : batches) total += batch.size();
  EXPECT_LE(total, 64u);
  EXPECT_GT(total, 16u);
  EXPECT_LT(batches.size(), 20u);
}

TEST(EvolutionarySearch, counts_failures_by_kind_and_goes_on) {
  const auto hash_mod = [](const SchedulePtr& sch, uint64_t n) {
    return structural_hash(sch->mod()) % n;
  };
  Postprocs postprocs = {std::make_shared<FakePostproc>(
                             [&](const SchedulePtr& s) { return hash_mod(s, 5) != 0; }, "Refuser"),
                         std::make_shared<FakePostproc>(
                             [&](const SchedulePtr& s) -> bool {
                               if (hash_mod(s, 5) == 1) fail<ScheduleError>("planted");
                               if (hash_mod(s, 5) == 2) throw std::bad_alloc();
                               if (hash_mod(s, 5) == 3) METASCHEDULE_CHECK(false);
                               return true;
                             },
                             "Thrower")};
  std::string log;
  auto context = context_of(matmul(64, 64, 64), tile_space(postprocs), make("evolutionary"));
  context->num_threads = 1;
  context->logger =
      Logger([&](LogLevel, const char*, int, const std::string& line) { log += line; });
  const Batches batches = search(context, 8, 8);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].size(), 8u);
  for (const char* expected :
       {"Postproc #0 [Refuser]:", "ScheduleError in postproc Thrower:",
        "out of memory in postproc Thrower:", "InternalError in postproc Thrower:", "planted"})
    EXPECT_NE(log.find(expected), std::string::npos) << expected << "\n" << log;
}

TEST(EvolutionarySearch, gives_up_with_one_warning_when_nothing_is_valid) {
  std::vector<std::string> warnings;
  auto context = context_of(
      matmul(8, 8, 8),
      tile_space({std::make_shared<FakePostproc>([](const SchedulePtr&) { return false; }, "No")}),
      make("evolutionary"));
  context->logger =
      Logger([&](LogLevel, const char*, int, const std::string& l) { warnings.push_back(l); },
             LogLevel::Warning);
  EXPECT_TRUE(search(context, 8, 8).empty());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("Postproc #0 [No]: 160 failure(s)"), std::string::npos) << warnings[0];
}

TEST(ReplayTrace, leaves_out_slots_without_valid_candidate) {
  auto context = context_of(
      matmul(8, 8, 8),
      tile_space({std::make_shared<FakePostproc>([](const SchedulePtr&) { return false; })}),
      std::make_shared<ReplayTrace>(3));
  const Batches batches = search(context, 8, 4);
  EXPECT_EQ(batches, (Batches{{}, {}}));
}

TEST(BestHeap, keeps_the_best_and_of_equals_the_first) {
  detail::BestHeap heap(3);
  const double scores[] = {1, 5, 3, 3, 5, 2};
  for (uint64_t i = 0; i < 6; ++i) heap.push({{}, i}, scores[i]);
  std::vector<uint64_t> order;
  for (const auto& [one, score] : heap.sorted()) order.push_back(one.hash);
  EXPECT_EQ(order, (std::vector<uint64_t>{1, 4, 2}));
}

TEST(WeightedSampler, follows_the_weights_and_is_uniform_without) {
  Rand rand(1);
  std::vector<int> counts(3);
  detail::WeightedSampler sampler({1, 0, 3});
  for (int i = 0; i < 4000; ++i) ++counts[sampler(rand)];
  EXPECT_NEAR(counts[0], 1000, 150);
  EXPECT_EQ(counts[1], 0);
  detail::WeightedSampler uniform({0, 0});
  std::vector<int> halves(2);
  for (int i = 0; i < 1000; ++i) ++halves[uniform(rand)];
  EXPECT_NEAR(halves[0], 500, 100);
}

}  // namespace
}  // namespace metaschedule::testing
