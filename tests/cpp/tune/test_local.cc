// SPDX-License-Identifier: Apache-2.0
// The builder and the runner on worker processes.
#include <gtest/gtest.h>

#include <filesystem>

#include "fakes.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/measure/callbacks.h"
#include "metaschedule/tune/measure/local_builder.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure/result_check.h"
#include "metaschedule/tune/tune.h"
#include "needs_worker.h"
#include "temp_dir.h"

namespace metaschedule::testing {
namespace {

TargetRef cpu() { return make_target("llvm -num-cores=2"); }

LocalRunnerOptions quick() {
  LocalRunnerOptions options;
  options.evaluator_config = {.number = 1, .repeat = 2, .min_repeat_ms = 0};
  options.num_threads = 1;
  return options;
}

/// C[i, j] = sum over k of A[k, i] * B[k, j]: another function on the same shapes.
ModuleRef transposed_matmul(int64_t n) {
  BufferRef a = decl_buffer({i32(n), i32(n)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(n), i32(n)}, kFloat32, "B");
  BufferRef c = decl_buffer({i32(n), i32(n)}, kFloat32, "C");
  std::vector<Axis> axes{{"i", n}, {"j", n}, {"k", n, IterType::CommReduce}};
  Nest nest = make_nest(axes);
  Exprs at_c(nest.point({0, 1})), at_a(nest.point({2, 0})), at_b(nest.point({2, 1}));
  Stmt body = make<BufferStore>(c, load(c, at_c) + load(a, at_a) * load(b, at_b), at_c);
  Stmt init = make<BufferStore>(c, make_zero(kFloat32), at_c);
  return root_module({a, b, c},
                     close_nest(nest, axes, "C", {point_region(a, at_a), point_region(b, at_b)},
                                {point_region(c, at_c)}, body, init));
}

TEST(LocalBuilderAndRunner, build_and_time_programs_and_report_those_that_cannot_be) {
  METASCHEDULE_NEEDS_WORKER();
  LocalBuilder builder({.max_workers = 2});
  // A loop bound to a GPU thread has no code on a CPU.
  Schedule bound(matmul(16, 16, 16), 1);
  bound.bind(bound.get_loops(bound.get_block("C", "main"))[0], "threadIdx.x");
  const auto built = builder.build({{matmul(16, 16, 16), cpu()},
                                    {bound.mod(), cpu()},
                                    {matmul(8, 8, 8), nullptr},
                                    {matmul(32, 8, 8), cpu()}});
  ASSERT_EQ(built.size(), 4u);
  ASSERT_TRUE(built[0].artifact_path.has_value()) << *built[0].error_msg;
  EXPECT_TRUE(std::filesystem::exists(*built[0].artifact_path));
  for (size_t i : {1, 2}) {
    ASSERT_TRUE(built[i].error_msg.has_value());
    EXPECT_EQ(built[i].error_msg->rfind("LocalBuilder: An exception occurred\n", 0), 0u);
    EXPECT_EQ(built[i].failure, FailureKind::Exception);
  }
  ASSERT_TRUE(built[3].artifact_path.has_value());

  LocalRunner runner(quick());
  std::vector<RunnerInput> inputs;
  inputs.push_back({*built[0].artifact_path, "llvm", {}, built[0].artifact});
  inputs.push_back({*built[3].artifact_path, "llvm", {}});  // from the file
  inputs.push_back({"/nonexistent.o", "llvm", {}});
  const auto futures = runner.run(inputs);
  ASSERT_EQ(futures.size(), 3u);
  for (size_t i : {0, 1}) {
    const RunnerResult result = futures[i]->result();
    ASSERT_TRUE(result.run_secs.has_value()) << *result.error_msg;
    EXPECT_EQ(result.run_secs->size(), 2u);
    EXPECT_GT((*result.run_secs)[0], 0);
    EXPECT_LT((*result.run_secs)[0], 1);
  }
  const RunnerResult missing = futures[2]->result();
  ASSERT_TRUE(missing.error_msg.has_value());
  EXPECT_EQ(missing.error_msg->rfind("LocalRunner: An exception occurred\n", 0), 0u);

  RemoveBuildArtifact().apply(nullptr, 0, {}, built, {});
  EXPECT_FALSE(std::filesystem::exists(*built[0].artifact_path));
  RemoveBuildArtifact().apply(nullptr, 0, {}, built, {});
}

TEST(LocalResultCheck, accepts_what_computes_the_same_and_refuses_what_does_not) {
  METASCHEDULE_NEEDS_WORKER();
  const ModuleRef mod = matmul(32, 32, 32);
  LocalBuilder builder({.max_workers = 1});
  auto sch = std::make_shared<Schedule>(mod, 3);
  tile_c(sch);
  const auto built = builder.build({{sch->mod(), cpu()}, {transposed_matmul(32), cpu()}});
  ASSERT_TRUE(built[0].artifact && built[1].artifact);
  LocalResultCheck check;
  const TuneContextPtr context = TuneContext::create(
      {.mod = mod, .target = cpu(), .space_generator = nullptr, .search_strategy = nullptr});
  EXPECT_EQ(check.fault(*context, *sch, built[0]), std::nullopt);
  const auto fault = check.fault(*context, *sch, built[1]);
  ASSERT_TRUE(fault.has_value());
  EXPECT_NE(fault->find("argument 2"), std::string::npos) << *fault;
  RemoveBuildArtifact().apply(nullptr, 0, {}, built, {});
}

TEST(LocalResultCheck, lays_out_weights_that_a_candidate_takes_laid_out) {
  METASCHEDULE_NEEDS_WORKER();
  const ModuleRef mod = matmul(32, 32, 32);
  const TuneContextPtr context = TuneContext::create(
      {.mod = mod, .target = cpu(), .space_generator = nullptr, .search_strategy = nullptr});
  LocalBuilder builder({.max_workers = 1});
  LocalResultCheck check;
  const VarRef k = make<Var>("k", kInt32), n = make<Var>("n", kInt32);
  const auto panels =
      make<IndexMap>(Vars{k, n}, Exprs{floordiv(Expr(n), 8), Expr(k), floormod(Expr(n), 8)});
  for (const ModuleRef& program : {mod, transposed_matmul(32)}) {
    Schedule sch(program, 3);
    const BlockRV weights = sch.cache_read(sch.get_block("C", "main"), 1, "global");
    sch.annotate(weights, "meta_schedule.layout_rewrite_preproc", Ref<Node>(true_()));
    sch.transform_layout(sch.get_block("C", "main"), BufferArg{1, false}, panels);
    EXPECT_EQ(ArgInfo::from_entry_func(*sch.mod())[1]->as_json().dump(),
              R"(["TENSOR","float32",[4,32,8]])");
    EXPECT_EQ(ArgInfo::from_entry_func(*sch.mod(), false)[1]->as_json().dump(),
              R"(["TENSOR","float32",[32,32]])");
    const auto built = builder.build({{sch.mod(), cpu()}});
    ASSERT_TRUE(built[0].artifact) << *built[0].error_msg;
    EXPECT_EQ(check.fault(*context, sch, built[0]).has_value(), program != mod);
    RemoveBuildArtifact().apply(nullptr, 0, {}, built, {});
  }
}

TEST(TuneTir, finds_faster_programs_with_real_measurements) {
  METASCHEDULE_NEEDS_WORKER();
  TempDir dir;
  TuneOptions options;
  options.work_dir = dir.str();
  options.max_trials_global = 16;
  options.num_trials_per_iter = 8;
  options.runner = std::make_shared<LocalRunner>(quick());
  options.cost_model = CostModel::create("random");
  options.space = tile_space();
  options.num_tuning_cores = 2;
  options.seed = 1;
  options.result_check = std::make_shared<LocalResultCheck>();
  const ModuleRef mod = matmul(64, 64, 64);
  const DatabasePtr database = tune_tir(mod, cpu(), options);
  EXPECT_EQ(database->size(), 16);
  const TuningRecordPtr best =
      database->query_tuning_record(normalize_mod(mod->lookup("main")), nullptr, "main");
  ASSERT_NE(best, nullptr);
  EXPECT_LT(best->mean_seconds(), 0.1);
  EXPECT_EQ(best->target()->target_kind, "llvm");
}

}  // namespace
}  // namespace metaschedule::testing
