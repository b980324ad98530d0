// SPDX-License-Identifier: Apache-2.0
// What is exported, used by C programs that know nothing of this library.
#include "metaschedule/codegen/export.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cpp/tiled.h"
#include "metaschedule/codegen/c_source.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/parser.h"
#include "runtime_testing.h"

namespace metaschedule::codegen {
namespace {

constexpr const char* kMatmul = R"(
@T.prim_func
def main(A: T.Buffer((48, 32), "float32"), B: T.Buffer((32, 80), "float32"),
         C: T.Buffer((48, 80), "float32")):
    T.func_attr({"global_symbol": "matmul", "tir.noalias": True})
    for i, j, k in T.grid(48, 80, 32):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";

ModuleRef tiled(const ModuleRef& module) { return testing::tiled(module, 6); }

/// A folder that goes with the test.
class Export : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  /// The exit code of a command run in the folder, with what it says.
  std::pair<int, std::string> run(const std::string& command) const {
    const int status =
        std::system(("cd " + folder_.string() + " && (" + command + ") >log 2>&1").c_str());
    std::ifstream log(folder_ / "log");
    std::string text((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
  }
  void expect_runs(const std::string& command) const {
    auto [code, text] = run(command);
    EXPECT_EQ(code, 0) << command << "\n" << text;
  }
  bool has(const std::string& program) const { return run("command -v " + program).first == 0; }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("metaschedule_export_test_" + std::to_string(static_cast<long>(getpid())));
};

constexpr const char* kUser = R"(#include "matmul.h"
#include <stdlib.h>
static float a[48 * 32], b[32 * 80], c[48 * 80];
int main(void) {
  for (int i = 0; i < 48 * 32; ++i) a[i] = (float)(i % 7);
  for (int i = 0; i < 32 * 80; ++i) b[i] = (float)(i % 5);
  if (RUN(a, b, c) != 0) return 1;
  for (int i = 0; i < 48; ++i)
    for (int j = 0; j < 80; ++j) {
      float sum = 0;
      for (int k = 0; k < 32; ++k) sum += a[i * 32 + k] * b[k * 80 + j];
      if (sum != c[i * 80 + j]) return 2;
    }
  return CHECK;
}
)";

TEST_F(Export, WritesWhatAnyCCompilerLinks) {
  const ModuleRef module = parse_module(kMatmul);
  CompileOptions options;
  options.alignment = 1;
  const Artifact artifact = compile(*tiled(module), *host_target(), options);
  export_artifact(artifact, path("matmul.o"), module);
  export_artifact(artifact, path("libmatmul.a"));
  export_artifact(artifact, path("libmatmul.so"));
  write("user.c", std::string("#define RUN matmul\n#define CHECK 0\n") + kUser);
  for (const char* compiler :
       {"cc -std=c99", "cc -std=c11", "clang-22 -std=c99", "clang -std=c99", "tcc"}) {
    std::string name(compiler);
    if (!has(name.substr(0, name.find(' ')))) continue;
    const std::string with = name + " -Wall -Wextra -Werror ";
    expect_runs(with + "-o user user.c matmul.o && ./user");
    expect_runs(with + "-o user user.c -L. -l:libmatmul.a && ./user");
    expect_runs(with + "-o user user.c -L. -lmatmul -Wl,-rpath,. && ./user");
    expect_runs(with + "-O1 -o check matmul_test.c matmul.o -lm && ./check");
  }
  // The header is C++ as well, and nothing but the C library is linked.
  expect_runs(
      "cp user.c user.cc && c++ -std=c++11 -Wall -Werror -o user user.cc matmul.o && ./user");
  expect_runs(
      "cc -o user user.c matmul.o && ! ldd ./user | grep -v -e libc.so -e ld-linux -e vdso");
}

TEST_F(Export, RunsOnOpenMPAndOnTheCallersPool) {
  const ModuleRef module = parse_module(kMatmul);
  CompileOptions options;
  options.alignment = 1;
  export_artifact(compile(*tiled(module), *host_target(), options), path("matmul.o"));
  write("user.c", std::string("#define RUN matmul\n#define CHECK 0\n") + kUser);
  write("own.c", std::string(R"(
#include <pthread.h>
#include "matmul.h"
/* A pool of the caller's: two threads that take half of the iterations each. */
struct half { metaschedule_body body; void* closure; int64_t begin, end; int32_t code; };
static int launches;
static void* work(void* p) {
  struct half* h = (struct half*)p;
  h->code = h->body(h->closure, h->begin, h->end);
  return NULL;
}
static int32_t on_two(const metaschedule_runtime* self, metaschedule_body body, void* closure,
                      int64_t extent) {
  struct half halves[2] = {{body, closure, 0, extent / 2, 0}, {body, closure, extent / 2, extent, 0}};
  pthread_t threads[2];
  (void)self;
  ++launches;
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, work, &halves[i]);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return halves[0].code ? halves[0].code : halves[1].code;
}
static int32_t run(const float* a, const float* b, float* c) {
  metaschedule_runtime own = *metaschedule_default_runtime();
  own.parallel_for = on_two;
  return matmul_on(&own, a, b, c);
}
#define RUN run
#define CHECK launches != 1
)") + kUser);
  write("omp.c", std::string(R"(
#include <omp.h>
#include "matmul.h"
static int threads;
static int32_t on_omp(const metaschedule_runtime* self, metaschedule_body body, void* closure,
                      int64_t extent) {
  int32_t code = 0;
  (void)self;
#pragma omp parallel for reduction(| : code)
  for (int64_t i = 0; i < extent; ++i) {
    code |= body(closure, i, i + 1);
#pragma omp atomic write
    threads = omp_get_num_threads();
  }
  return code;
}
static int32_t run(const float* a, const float* b, float* c) {
  metaschedule_runtime own = *metaschedule_default_runtime();
  own.parallel_for = on_omp;
  return matmul_on(&own, a, b, c);
}
#define RUN run
#define CHECK threads != 3
)") + kUser);
  expect_runs("cc -pthread -o own own.c matmul.o && ./own");
  if (run("echo 'int main(void){return 0;}' | cc -fopenmp -x c - -o probe").first != 0)
    GTEST_SKIP() << "the C compiler has no OpenMP";
  expect_runs("cc -fopenmp -o omp omp.c matmul.o && OMP_NUM_THREADS=3 ./omp");
  // The runtime of the header is OpenMP's where there is OpenMP.
  expect_runs("cc -fopenmp -o user user.c matmul.o && OMP_NUM_THREADS=3 ./user");
}

TEST_F(Export, SelfTestsFindAKernelThatIsWrong) {
  const ModuleRef module = parse_module(kMatmul);
  std::string other = kMatmul;
  other.replace(other.find("A[vi, vk] * B"), 13, "A[vi, vk] + B");
  const Artifact artifact = compile(*tiled(parse_module(other)), *host_target());
  export_artifact(artifact, path("matmul.o"), module);
  auto [code, text] = run("cc -o check matmul_test.c matmul.o -lm && ./check");
  EXPECT_EQ(code, 1) << text;
  EXPECT_NE(text.find("matmul: argument 2, element 0: expected"), std::string::npos) << text;
}

TEST_F(Export, SelfTestsAreOfTheSameParameters) {
  std::string other = kMatmul;
  for (size_t at; (at = other.find("48")) != std::string::npos;) other.replace(at, 2, "24");
  const Artifact artifact = compile(*parse_module(kMatmul), *host_target());
  EXPECT_THROW(export_artifact(artifact, path("matmul.o"), parse_module(other)), BuildError);
  EXPECT_FALSE(std::filesystem::exists(path("matmul.o")));
  EXPECT_THROW(export_artifact(artifact, path("matmul.dll")), BuildError);
  EXPECT_THROW(export_artifact(artifact, path("nowhere/matmul.o")), BuildError);
}

constexpr const char* kTypes = R"(
@T.prim_func
def main(A: T.Buffer((5, 37), "{0}"), B: T.Buffer((5, 37), "{0}"), C: T.Buffer((5, 37), "{0}"),
         S: T.Buffer((5,), "{0}")):
    T.func_attr({{"global_symbol": "types", "tir.noalias": True}})
    for i, j in T.grid(5, 37):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = T.max(A[vi, vj] * B[vi, vj] - A[vi, vj], B[vi, vj])
    for i, j in T.grid(5, 37):
        with T.block("S"):
            vi, vj = T.axis.remap("SR", [i, j])
            with T.init():
                S[vi] = T.{0}(0)
            S[vi] = S[vi] + T.if_then_else(vj % 3 == 1, C[vi, vj], A[vi, vj])
)";

TEST_F(Export, SelfTestsComputeInEveryType) {
  for (const char* type : {"float32", "float64", "float16", "bfloat16", "e4m3_float8",
                           "e5m2_float8", "int8", "uint8", "int16", "int32", "int64", "uint32"}) {
    std::string text = kTypes;
    // Constants of the small types are written as casts.
    text = fmt::format(fmt::runtime(text), type);
    const ModuleRef module = parse_module(text);
    export_artifact(compile(*module, *host_target()), path("types.o"), module);
    expect_runs("cc -Wall -Werror -o check types_test.c types.o -lm && ./check");
  }
}

TEST_F(Export, SelfTestsTakeSymbolicSizesAndMaths) {
  const ModuleRef module = parse_module(R"(
@T.prim_func
def main(a: T.handle, b: T.handle):
    T.func_attr({"global_symbol": "gelu", "tir.noalias": True})
    n = T.int32()
    A = T.match_buffer(a, (n, 8))
    B = T.match_buffer(b, (n, 8))
    for i, j in T.grid(n, 8):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] * T.float32(0.5) * (T.float32(1) + T.erf(A[vi, vj] * T.float32(0.70710678))) + T.sigmoid(T.exp(A[vi, vj])) + T.rsqrt(A[vi, vj])
)");
  export_artifact(compile(*module, *host_target()), path("gelu.o"), module);
  expect_runs(
      "cc -Wall -Werror -o check gelu_test.c gelu.o -lm && ./check && ./check 5 && ./check 0");
}

}  // namespace
}  // namespace metaschedule::codegen
