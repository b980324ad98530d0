// SPDX-License-Identifier: Apache-2.0
// Whole sessions on fakes: what they leave behind, and how they go on.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <set>

#include "fakes.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/sqlite_database.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/tune.h"
#include "temp_dir.h"

namespace metaschedule::testing {
namespace {

TuneOptions options_for(const std::string& work_dir, int trials) {
  EvolutionaryOptions search;
  search.population_size = 32;
  search.init_min_unmeasured = 8;
  search.genetic_num_iters = 2;
  TuneOptions options;
  options.work_dir = work_dir;
  options.max_trials_global = trials;
  options.num_trials_per_iter = 8;
  options.builder = std::make_shared<FakeBuilder>();
  options.runner = std::make_shared<FakeRunner>();
  options.cost_model = std::make_shared<RandomModel>(1);
  options.space = tile_space();
  options.strategy = std::make_shared<EvolutionarySearch>(search);
  options.num_tuning_cores = 2;
  options.seed = 7;
  return options;
}

TEST(TuneTir, finds_the_best_of_what_it_measured_and_keeps_all) {
  TempDir dir;
  const ModuleRef mod = matmul(64, 64, 64);
  TuneOptions options = options_for(dir.str(), 32);
  const DatabasePtr database = tune_tir(mod, nullptr, options);
  EXPECT_EQ(database->size(), 32);
  const auto& hashes = dynamic_cast<FakeBuilder&>(*options.builder).hashes;
  double best = 1;
  for (uint64_t hash : hashes) best = std::min(best, fake_seconds(std::to_string(hash)));
  const SchedulePtr sch = compile_tir(database, mod, nullptr);
  ASSERT_NE(sch, nullptr);
  EXPECT_DOUBLE_EQ(fake_seconds(std::to_string(structural_hash(sch->mod()))), best);
  EXPECT_EQ(JSONDatabase::open(dir.str())->size(), 32);
  EXPECT_TRUE(std::filesystem::exists(dir / "logs/metaschedule.task_scheduler.log"));
  EXPECT_TRUE(std::filesystem::exists(dir / "logs/metaschedule.task_0_main.log"));
}

TEST(TuneTir, is_the_same_for_the_same_seed) {
  std::vector<uint64_t> first;
  for (int threads : {1, 3}) {
    TuneOptions options = options_for("", 24);
    options.num_tuning_cores = threads;
    tune_tir(matmul(64, 64, 64), nullptr, options);
    const auto& hashes = dynamic_cast<FakeBuilder&>(*options.builder).hashes;
    if (first.empty()) first = hashes;
    EXPECT_EQ(hashes, first);
  }
}

TEST(TuneTir, goes_on_from_the_records_of_its_folder) {
  TempDir dir;
  std::set<uint64_t> seen;
  size_t sent = 0;
  for (int session = 0; session < 3; ++session) {
    TuneOptions options = options_for(dir.str(), 16);
    tune_tir(matmul(64, 64, 64), nullptr, options);
    for (uint64_t hash : dynamic_cast<FakeBuilder&>(*options.builder).hashes) seen.insert(hash);
    sent += dynamic_cast<FakeBuilder&>(*options.builder).hashes.size();
    EXPECT_EQ(JSONDatabase::open(dir.str())->size(), static_cast<int64_t>(sent));
  }
  EXPECT_EQ(seen.size(), sent) << "a program was measured twice";
}

TEST(TuneTir, keeps_its_records_in_sqlite_too) {
#ifndef METASCHEDULE_WITH_SQLITE
  GTEST_SKIP() << "this build has no SQLite";
#endif
  TempDir dir;
  TuneOptions options = options_for("", 16);
  options.database = SqliteDatabase::open(dir.str());
  const ModuleRef mod = matmul(64, 64, 64);
  tune_tir(mod, nullptr, options);
  options = options_for("", 16);
  options.database = SqliteDatabase::open(dir.str());
  tune_tir(mod, nullptr, options);
  EXPECT_EQ(options.database->size(), 32);
  EXPECT_NE(compile_tir(options.database, mod, nullptr), nullptr);
}

TEST(TuneTir, killed_at_any_moment_leaves_a_folder_to_go_on_from) {
  TempDir dir;
  for (int round = 0; round < 4; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      TuneOptions options = options_for(dir.str(), 100000);
      options.num_tuning_cores = 1;
      tune_tir(matmul(64, 64, 64), nullptr, options);
      _exit(0);
    }
    usleep(150000 + 70000 * round);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const int64_t kept = JSONDatabase::open(dir.str())->size();
    tune_tir(matmul(64, 64, 64), nullptr, options_for(dir.str(), 8));
    EXPECT_GT(JSONDatabase::open(dir.str())->size(), kept);
  }
}

TEST(TuneTir, one_clear_error_when_nothing_is_valid) {
  TuneOptions options = options_for("", 16);
  options.space =
      tile_space({std::make_shared<FakePostproc>([](const SchedulePtr&) { return false; }, "No")});
  try {
    tune_tir(matmul(64, 64, 64), nullptr, options);
    FAIL();
  } catch (const ScheduleError& e) {
    EXPECT_NE(std::string(e.what()).find("no valid candidate"), std::string::npos);
  }
}

TEST(TuneTir, a_session_in_which_all_fails_says_why) {
  std::string log;
  TuneOptions options = options_for("", 16);
  options.logger =
      Logger([&](LogLevel, const char*, int, const std::string& l) { log += l; }, LogLevel::Error);
  options.builder = std::make_shared<FakeBuilder>([](int) { return FailureKind::Crash; });
  const DatabasePtr database = tune_tir(matmul(64, 64, 64), nullptr, options);
  EXPECT_EQ(database->size(), 16);
  EXPECT_EQ(compile_tir(database, matmul(64, 64, 64), nullptr), nullptr);
  EXPECT_NE(log.find("all 16 of 16 trial(s) failed: 16 build: crash"), std::string::npos) << log;
}

TEST(TuneTir, an_interrupt_ends_it_with_the_records_kept) {
  TempDir dir;
  TuneOptions options = options_for(dir.str(), 10000);
  options.on_progress = [](const TuneProgress& progress) {
    if (progress.trials_done >= 16) request_interrupt();
  };
  EXPECT_THROW(tune_tir(matmul(64, 64, 64), nullptr, options), Interrupted);
  clear_interrupt();
  EXPECT_EQ(JSONDatabase::open(dir.str())->size(), 16);
}

TEST(TuneTir, tasks_may_be_left_out_or_have_a_space_of_their_own) {
  const ModuleRef one = matmul(64, 64, 64);
  const PrimFuncRef func = one->lookup("main");
  const ModuleRef mod = make<IRModule>(NodePairs{})
                            ->with_function("a", func)
                            ->with_function("b", matmul(32, 64, 64)->lookup("main"));
  TuneOptions options = options_for("", 16);
  options.special_space = {{"a", nullptr}};
  const DatabasePtr database = tune_tir(mod, nullptr, options);
  EXPECT_EQ(compile_tir(database, one, nullptr), nullptr);
  EXPECT_NE(compile_tir(database, matmul(32, 64, 64), nullptr), nullptr);
  options.special_space = {{"a", nullptr}, {"b", nullptr}};
  EXPECT_THROW(tune_tir(mod, nullptr, options), ValueError);
}

}  // namespace
}  // namespace metaschedule::testing
