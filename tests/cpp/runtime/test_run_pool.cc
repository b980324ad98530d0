// SPDX-License-Identifier: Apache-2.0
// A candidate may do what it likes: it costs its own request, and the pool goes on.
#include <chrono>
#include <cstring>

#include "runtime_testing.h"

namespace metaschedule::runtime {
namespace {

RunRequest quick(std::shared_ptr<const codegen::Artifact> artifact) {
  RunRequest request;
  request.artifact = std::move(artifact);
  request.evaluator.number = 1;
  request.evaluator.min_repeat_ms = 0;
  return request;
}

WorkerOptions limited() {
  WorkerOptions options;
  options.num_threads = 2;
  options.memory_limit = uint64_t{1} << 30;
  return options;
}

class RunPoolTest : public testing::Test {
 protected:
  RunPool pool{1, limited()};

  RunResult run(RunRequest request) { return pool.submit(std::move(request)).get(); }
  void expect_well() {
    RunResult result = run(quick(add_one(64, 64)));
    EXPECT_TRUE(result.ok()) << result.error;
    EXPECT_EQ(result.run_secs.size(), 1u);
  }
};

TEST_F(RunPoolTest, MeasuresAndReturnsOutputs) {
  expect_well();
  RunRequest request = quick(add_one(100, 100));
  request.return_outputs = true;
  std::vector<float> input(100);
  for (int i = 0; i < 100; ++i) input[static_cast<size_t>(i)] = static_cast<float>(i);
  std::string bytes(reinterpret_cast<char*>(input.data()), 400);
  request.arguments = {{kFloat32, {100}, true, bytes}, {kFloat32, {100}, true, ""}};
  RunResult result = run(request);
  ASSERT_TRUE(result.ok()) << result.error;
  ASSERT_EQ(result.outputs.size(), 2u);
  EXPECT_TRUE(result.outputs[0].empty());
  std::vector<float> output(100);
  std::memcpy(output.data(), result.outputs[1].data(), 400);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(output[static_cast<size_t>(i)], static_cast<float>(i + 1));
}

TEST_F(RunPoolTest, GivesAsManyNumbersAsRepeatsAndSets) {
  RunRequest request = quick(add_one(64, 64));
  request.evaluator.repeat = 3;
  request.alloc_repeat = 2;
  EXPECT_EQ(run(request).run_secs.size(), 6u);
}

TEST_F(RunPoolTest, AWriteJustBehindAnArgumentIsFound) {
  RunResult result = run(quick(add_one(100, 101)));
  EXPECT_EQ(result.kind, FailureKind::OutOfBounds) << result.error;
  EXPECT_NE(result.error.find("(B)"), std::string::npos) << result.error;
  expect_well();
}

TEST_F(RunPoolTest, AWriteFarBehindAnArgumentIsACrash) {
  RunResult result = run(quick(add_one(100, 1 << 24)));
  EXPECT_EQ(result.kind, FailureKind::Crash) << result.error;
  EXPECT_NE(result.error.find("signal 11"), std::string::npos) << result.error;
  expect_well();
}

TEST_F(RunPoolTest, AnEndlessLoopIsATimeout) {
  BufferRef a = vector_of(1, "A");
  Stmt step = make<BufferStore>(a, load(a, {i32(0)}) + make_const(kFloat32, 1), Exprs{i32(0)});
  Stmt body = make<While>(ge(load(a, {i32(0)}), make_const(kFloat32, 0)), step);
  RunRequest request = quick(compile_func({a}, body));
  request.timeout_sec = 0.2;
  auto start = std::chrono::steady_clock::now();
  RunResult result = run(request);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_EQ(result.kind, FailureKind::Timeout) << result.error;
  EXPECT_LT(seconds, 2);
  expect_well();
}

TEST_F(RunPoolTest, AProgramThatEatsMemoryIsStopped) {
  BufferRef a = vector_of(1, "A");
  BufferRef big = decl_buffer({int_imm(kInt64, int64_t{1} << 32)}, kFloat32, "big");
  Stmt use = make<BufferStore>(big, load(a, {i32(0)}), Exprs{int_imm(kInt64, 5)});
  Stmt body = make<Allocate>(big->data, kFloat32, big->shape, true_(), use);
  RunResult result = run(quick(compile_func({a}, body)));
  EXPECT_EQ(result.kind, FailureKind::OutOfMemory) << result.error;
  expect_well();
  // And arguments that do not fit.
  RunRequest request = quick(add_one(int64_t{1} << 29, 1));
  EXPECT_EQ(run(request).kind, FailureKind::OutOfMemory);
  expect_well();
}

TEST_F(RunPoolTest, AFailedAssertionSaysWhich) {
  BufferRef a = vector_of(1, "A");
  Stmt body = make<AssertStmt>(lt(load(a, {i32(0)}), make_const(kFloat32, 0)),
                               make<StringImm>("A is small"), make<Evaluate>(i32(0)));
  RunResult result = run(quick(compile_func({a}, body)));
  EXPECT_EQ(result.kind, FailureKind::Execution);
  EXPECT_NE(result.error.find("A is small"), std::string::npos) << result.error;
  expect_well();
}

TEST_F(RunPoolTest, RefusesWhatIsNoObjectAndArgumentsThatDoNotFit) {
  auto broken = std::make_shared<codegen::Artifact>();
  broken->object = "this is no object";
  EXPECT_EQ(run(quick(broken)).kind, FailureKind::Load);
  broken = std::make_shared<codegen::Artifact>(*add_one(64, 64));
  broken->object.resize(broken->object.size() / 2);
  EXPECT_EQ(run(quick(broken)).kind, FailureKind::Load);
  RunRequest request = quick(add_one(64, 64));
  request.arguments = {{kFloat32, {64}, true, ""}};
  EXPECT_EQ(run(request).kind, FailureKind::Execution);
  request.arguments = {{kFloat32, {63}, true, ""}, {kFloat32, {64}, true, ""}};
  RunResult result = run(request);
  EXPECT_NE(result.error.find("expected shape (64), found (63)"), std::string::npos)
      << result.error;
  expect_well();
}

TEST_F(RunPoolTest, OnlyTheRequestInFlightFails) {
  std::vector<std::future<RunResult>> results;
  auto good = add_one(64, 64);
  auto bad = add_one(100, 1 << 24);
  for (int i = 0; i < 9; ++i) results.push_back(pool.submit(quick(i % 3 == 1 ? bad : good)));
  for (int i = 0; i < 9; ++i) {
    RunResult result = results[static_cast<size_t>(i)].get();
    EXPECT_EQ(result.kind, i % 3 == 1 ? FailureKind::Crash : FailureKind::None)
        << i << result.error;
  }
}

TEST_F(RunPoolTest, GivesUpEarlyOnASlowCandidate) {
  BufferRef a = vector_of(1 << 16, "A");
  Stmt body = loop_over(0, 10, [&](const VarRef&) {
    return loop_over(0, 1 << 16, [&](const VarRef& i) -> Stmt {
      return make<BufferStore>(a, call(kFloat32, "exp", {load(a, {i})}), Exprs{i});
    });
  });
  RunRequest request;
  request.artifact = compile_func({a}, body);
  request.evaluator.min_repeat_ms = 2000;
  request.evaluator.stop_if_slower_than = 1e-5;
  RunResult result = run(request);
  ASSERT_TRUE(result.ok()) << result.error;
  EXPECT_TRUE(result.stopped_early);
  EXPECT_GT(result.run_secs.at(0), 1e-5);
  EXPECT_LT(result.seconds, 1.5);
}

TEST(RunPool, CancelsWhatHasNotBegunAndEndsWhatHas) {
  BufferRef a = vector_of(1, "A");
  Stmt step = make<BufferStore>(a, load(a, {i32(0)}) + make_const(kFloat32, 1), Exprs{i32(0)});
  auto endless =
      compile_func({a}, make<While>(ge(load(a, {i32(0)}), make_const(kFloat32, 0)), step));
  std::future<RunResult> first, second;
  {
    RunPool pool(1, limited());
    first = pool.submit(quick(endless));
    second = pool.submit(quick(endless));
    EXPECT_EQ(first.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  }
  EXPECT_EQ(first.get().kind, FailureKind::Cancelled);
  EXPECT_EQ(second.get().kind, FailureKind::Cancelled);
}

TEST(RunPool, SaysWhereItLookedForTheWorker) {
  WorkerOptions options;
  options.path = "/nowhere/metaschedule-worker";
  RunPool pool(1, options);
  RunResult result = pool.submit(quick(add_one(64, 64))).get();
  EXPECT_EQ(result.kind, FailureKind::Worker);
  EXPECT_NE(result.error.find("/nowhere/metaschedule-worker"), std::string::npos) << result.error;
  options.path = "/bin/true";
  RunPool wrong(1, options);
  EXPECT_EQ(wrong.submit(quick(add_one(64, 64))).get().kind, FailureKind::Worker);
}

TEST(RunPool, AColdWorkerAnswersQuickly) {
  auto artifact = add_one(64, 64);
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    auto start = std::chrono::steady_clock::now();
    RunPool pool(1, limited());
    EXPECT_TRUE(pool.submit(quick(artifact)).get().ok());
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  // 50 ms is the aim, and 13 ms what an idle machine takes; the bound is for one that is not.
  EXPECT_LT(best, 10);
  RecordProperty("cold_start_ms", static_cast<int>(best * 1e3));
  std::printf("cold start and first run: %.1f ms\n", best * 1e3);
}

}  // namespace
}  // namespace metaschedule::runtime
