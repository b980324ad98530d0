// SPDX-License-Identifier: Apache-2.0
// A session on the real builder and runner in which candidates crash the compiler, crash, hang and
// eat memory: each costs its own trial, under its own name, and the session finds a winner.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>

#include "cpp/sanitizers.h"
#include "fakes.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/measure/local_builder.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure/schedulers.h"
#include "metaschedule/tune/tune.h"
#include "needs_worker.h"

namespace metaschedule::testing {
namespace {

TargetRef cpu() { return make_target("llvm -mcpu=x86-64 -num-cores=2"); }

/// LLVM itself gives up on this instruction for a processor without it.
constexpr const char* kCrashesTheCompiler = R"(
@T.prim_func
def main(A: T.Buffer((16,), "int32"), B: T.Buffer((16,), "int32")):
    B[T.Ramp(0, 1, 16)] = T.call_llvm_pure_intrin("int32x16", "llvm.x86.avx512.vpdpbusd.512", B[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)])
)";
constexpr const char* kCrashes = R"(
@T.prim_func
def main(A: T.Buffer((16,), "float32")):
    for i in range(16777216):
        A[i] = T.float32(1)
)";
constexpr const char* kHangs = R"(
@T.prim_func
def main(A: T.Buffer((1,), "float32")):
    while A[0] >= T.float32(0):
        A[0] = A[0] + T.float32(1)
)";
constexpr const char* kEatsMemory = R"(
@T.prim_func
def main(A: T.Buffer((1,), "float32")):
    big = T.allocate([T.int64(8589934592)], "float32", "global")
    big_1 = T.Buffer((T.int64(8589934592),), data=big)
    big_1[T.int64(5)] = A[0]
    A[0] = big_1[T.int64(5)]
)";

/// Hands another program to the real builder in place of some of the candidates.
class Planting : public Builder {
 public:
  explicit Planting(std::map<int, const char*> plants) : plants_(std::move(plants)) {}
  std::vector<BuilderResult> build(const std::vector<BuilderInput>& inputs) override {
    std::vector<BuilderInput> planted = inputs;
    for (BuilderInput& input : planted) {
      if (const auto it = plants_.find(count_++); it != plants_.end())
        input.mod = parse_module(it->second);
    }
    return builder_.build(planted);
  }

 private:
  std::map<int, const char*> plants_;
  LocalBuilder builder_{{.max_workers = 2}};
  int count_ = 0;
};

TEST(TuneTir, survives_candidates_that_crash_hang_and_eat_memory) {
  METASCHEDULE_NEEDS_WORKER();
  TuneOptions options;
  options.max_trials_global = 16;
  options.num_trials_per_iter = 8;
  options.builder = std::make_shared<Planting>(std::map<int, const char*>{
      {0, kCrashesTheCompiler}, {2, kCrashes}, {3, kHangs}, {5, kEatsMemory}, {9, kCrashes}});
  LocalRunnerOptions running;
  running.evaluator_config = {.number = 1, .repeat = 1, .min_repeat_ms = 0};
  running.timeout_sec = 2;
  running.num_threads = 1;
  options.runner = std::make_shared<LocalRunner>(running);
  options.cost_model = std::make_shared<RandomModel>(1);
  auto scheduler = std::make_shared<RoundRobin>();
  options.task_scheduler = scheduler;
  options.space = tile_space();
  options.num_tuning_cores = 2;
  options.seed = 3;
  const ModuleRef mod = matmul(32, 32, 32);
  const DatabasePtr database = tune_tir(mod, cpu(), options);
  ASSERT_EQ(scheduler->tasks_.size(), 1u);
  const TaskRecord& task = *scheduler->tasks_[0];
  std::map<std::string, int> expected{
      {"build: crash", 1}, {"run: crash", 2}, {"run: timeout", 1}, {"run: out of memory", 1}};
  // ThreadSanitizer's allocator kills the worker where another would refuse the memory.
  if (testing::kThreadSanitizer) {
    expected.erase("run: out of memory");
    expected["run: crash"] = 3;
  }
  EXPECT_EQ(task.failures, expected);
  EXPECT_EQ(task.build_error_count, 1);
  EXPECT_EQ(task.run_error_count, 4);
  EXPECT_EQ(task.latency_ms.size(), 16u);
  EXPECT_EQ(database->size(), 16);
  EXPECT_LT(task.best_latency_ms(), 1000);
  EXPECT_NE(compile_tir(database, mod, cpu()), nullptr);
}

TEST(LocalRunner, gives_up_early_on_what_lost_its_race_with_a_fair_estimate) {
  METASCHEDULE_NEEDS_WORKER();
  LocalBuilder builder({.max_workers = 1});
  const auto built = builder.build({{matmul(64, 64, 64), cpu()}});
  ASSERT_TRUE(built[0].artifact_path.has_value()) << *built[0].error_msg;
  LocalRunnerOptions options;
  options.evaluator_config.min_repeat_ms = 4000;  // not the default, so no race unless asked for
  options.num_threads = 1;
  options.race_factor = 3;
  LocalRunner runner(options);
  const auto seconds = [&](double best) {
    const auto shared = std::make_shared<double>(best);
    const auto start = std::chrono::steady_clock::now();
    const RunnerResult result =
        runner.run({{*built[0].artifact_path, "llvm", {}, built[0].artifact, shared}})[0]->result();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_TRUE(result.run_secs.has_value()) << result.error_msg.value_or("");
    EXPECT_EQ(result.run_secs->size(), 1u);
    if (best > 1) EXPECT_EQ(*shared, result.run_secs->at(0)) << "the new best is kept";
    if (best < 1) EXPECT_EQ(*shared, best);
    return std::pair(result.run_secs->at(0), took.count());
  };
  const auto [lost, lost_took] = seconds(1e-9);
  EXPECT_LT(lost_took, 2);
  EXPECT_GT(lost, 1e-9);
  const auto [won, won_took] = seconds(INFINITY);
  EXPECT_GT(won_took, 3.9);
  // The same program: the short measurement says about the same, on a busy machine too.
  EXPECT_LT(lost / won, 8);
  EXPECT_GT(lost / won, 0.125);
}

TEST(LocalRunner, refuses_a_race_that_the_best_itself_would_lose) {
  METASCHEDULE_NEEDS_WORKER();
  LocalRunnerOptions options;
  options.race_factor = 0.5;
  EXPECT_THROW(LocalRunner{options}, ValueError);
}

}  // namespace
}  // namespace metaschedule::testing
