// SPDX-License-Identifier: Apache-2.0
// Compiling in worker processes: what comes back, and what a program can do to the compiler.
#include <chrono>

#include "cpp/sanitizers.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "runtime_testing.h"

namespace metaschedule::runtime {
namespace {

constexpr const char* kMatmul = R"(
@T.prim_func
def main(A: T.Buffer((64, 64), "float32"), B: T.Buffer((64, 64), "float32"), C: T.Buffer((64, 64), "float32")):
    for i, j, k in T.grid(64, 64, 64):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            T.reads(A[vi, vk], B[vk, vj])
            T.writes(C[vi, vj])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";

/// LLVM finds no instruction for this one without AVX-512 and gives up.
constexpr const char* kFatal = R"(
@T.prim_func
def main(A: T.Buffer((16,), "int32"), B: T.Buffer((16,), "int32")):
    B[T.Ramp(0, 1, 16)] = T.call_llvm_pure_intrin("int32x16", "llvm.x86.avx512.vpdpbusd.512", B[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)])
)";

CompileRequest request_for(const char* text, const char* target = "llvm") {
  CompileRequest request;
  request.module_text = text;
  request.target = target;
  return request;
}

class CompilePoolTest : public ::testing::Test {
 protected:
  CompilePool pool{1};
  CompileResult compile(CompileRequest request) { return pool.submit(std::move(request)).get(); }
  void expect_well() {
    CompileResult result = compile(request_for(kMatmul));
    ASSERT_TRUE(result.ok()) << result.error;
    EXPECT_EQ(result.artifact->entry().name, "main");
  }
};

TEST_F(CompilePoolTest, WhatIsCompiledHereRunsThere) {
  CompileResult built = compile(request_for(kMatmul));
  ASSERT_TRUE(built.ok()) << built.error;
  EXPECT_EQ(built.artifact->entry().params.size(), 3u);
  EXPECT_GT(built.seconds, 0);
  RunPool runs(1);
  RunRequest request;
  request.artifact = built.artifact;
  request.evaluator.min_repeat_ms = 0;
  RunResult result = runs.submit(request).get();
  EXPECT_TRUE(result.ok()) << result.error;
  EXPECT_EQ(result.run_secs.size(), 1u);
}

TEST_F(CompilePoolTest, TheSameProgramGivesTheSameBytes) {
  CompileResult first = compile(request_for(kMatmul)), second = compile(request_for(kMatmul));
  ASSERT_TRUE(first.ok() && second.ok()) << first.error;
  EXPECT_EQ(first.artifact->object, second.artifact->object);
}

TEST_F(CompilePoolTest, TakesBothFormsOfModulesAndTargets) {
  CompileRequest request = request_for(kMatmul, R"({"kind": "llvm", "mcpu": "x86-64-v3"})");
  CompileResult first = compile(request);
  ASSERT_TRUE(first.ok()) << first.error;
  EXPECT_EQ(first.artifact->target, "x86-64-v3");
  request.module_text = save_json(*parse_module(kMatmul));
  request.target = "llvm -keys=cpu -mcpu=x86-64-v3 -num-cores 4";
  CompileResult second = compile(request);
  ASSERT_TRUE(second.ok()) << second.error;
  EXPECT_EQ(first.artifact->object, second.artifact->object);
}

TEST_F(CompilePoolTest, SaysWhatIsWrongWithAProgram) {
  CompileResult result = compile(request_for("@T.prim_func\ndef main(:\n"));
  EXPECT_EQ(result.kind, FailureKind::Build);
  EXPECT_FALSE(result.error.empty());
  result = compile(request_for(kMatmul, "cuda"));
  EXPECT_EQ(result.kind, FailureKind::Build);
  EXPECT_NE(result.error.find("expected kind llvm, found cuda"), std::string::npos) << result.error;
  result = compile(request_for(kMatmul, "llvm -mcpu=imaginary"));
  EXPECT_EQ(result.kind, FailureKind::Build);
  EXPECT_NE(result.error.find("imaginary"), std::string::npos) << result.error;
  expect_well();
}

TEST_F(CompilePoolTest, ACrashOfTheCompilerIsOneFailure) {
  CompileResult result = compile(request_for(kFatal, "llvm -mcpu=x86-64"));
  EXPECT_EQ(result.kind, FailureKind::Crash) << result.error;
  EXPECT_NE(result.error.find("LLVM ERROR"), std::string::npos) << result.error;
  expect_well();
}

TEST_F(CompilePoolTest, ACompilationThatTakesTooLongIsOneFailure) {
  std::string body;
  for (int i = 0; i < 3000; ++i)
    body += "    A[" + std::to_string(i) + "] = T.exp(A[" + std::to_string(i) + "])\n";
  CompileRequest request =
      request_for(("@T.prim_func\ndef main(A: T.Buffer((3000,), \"float32\")):\n" + body).c_str());
  request.timeout_sec = 0.05;
  EXPECT_EQ(compile(request).kind, FailureKind::Timeout);
  expect_well();
}

TEST_F(CompilePoolTest, ACompilerThatEatsMemoryIsOneFailure) {
  if (testing::kAddressSanitizer)
    GTEST_SKIP() << "AddressSanitizer ends a process that is refused memory before we can";
  WorkerOptions options;
  options.memory_limit = 24 << 20;
  CompilePool small(1, options);
  std::string body;
  for (int i = 0; i < 3000; ++i)
    body += "    A[" + std::to_string(i) + "] = T.exp(A[" + std::to_string(i) + "])\n";
  CompileResult result =
      small
          .submit(request_for(
              ("@T.prim_func\ndef main(A: T.Buffer((3000,), \"float32\")):\n" + body).c_str()))
          .get();
  EXPECT_EQ(result.kind, FailureKind::OutOfMemory) << result.error;
  EXPECT_TRUE(small.submit(request_for(kMatmul)).get().ok());
}

TEST(CompilePool, KeepsSeveralWorkersBusyAndCallsBack) {
  CompilePool pool(2);
  std::vector<std::future<CompileResult>> results;
  for (int i = 0; i < 8; ++i) results.push_back(pool.submit(request_for(kMatmul)));
  std::promise<bool> called;
  pool.submit(request_for(kMatmul), [&](CompileResult r) { called.set_value(r.ok()); });
  for (auto& r : results) EXPECT_TRUE(r.get().ok());
  EXPECT_TRUE(called.get_future().get());
}

}  // namespace
}  // namespace metaschedule::runtime
