// SPDX-License-Identifier: Apache-2.0
// Objects for processors of another kind: made here, run under qemu-user where that is installed.
// The C program around a kernel is compiled by clang against tests/freestanding, so that no other
// compiler or C library is needed.
#include <elf.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "codegen_testing.h"
#include "cpp/tiled.h"
#include "metaschedule/codegen/export.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/parser.h"
#include "paths.h"

namespace metaschedule::codegen {
namespace {

struct Machine {
  const char* triple;
  const char* qemu;
  const char* options;  // of the target, besides the triple
  const char* qemu_cpu;
  Elf64_Half elf;
};
void PrintTo(const Machine& m, std::ostream* out) { *out << m.triple << " " << m.options; }

const Machine kMachines[] = {
    {"aarch64-linux-gnu", "qemu-aarch64", "", "max", EM_AARCH64},
    {"aarch64-linux-gnu", "qemu-aarch64", "-mcpu=cortex-a72", "cortex-a72", EM_AARCH64},
    {"riscv64-linux-gnu", "qemu-riscv64", "", "rv64", EM_RISCV},
    {"riscv64-linux-gnu", "qemu-riscv64", "-mattr=+v", "rv64,v=true,vlen=128", EM_RISCV},
};

TargetRef target_of(const Machine& m) {
  return make_target(std::string("llvm -mtriple=") + m.triple + " " + m.options);
}

constexpr const char* kMatmul = R"(
@T.prim_func
def main(A: T.Buffer((20, 33), "{0}"), B: T.Buffer((33, 40), "{0}"), C: T.Buffer((20, 40), "{0}")):
    T.func_attr({{"global_symbol": "kernel", "tir.noalias": True}})
    for i, j, k in T.grid(20, 40, 33):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.Cast("{0}", 0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";
/// Padding, a window, division, floor, a choice: what needs conditions and rounding.
constexpr const char* kPool = R"(
@T.prim_func
def main(A: T.Buffer((30, 30), "float32"), C: T.Buffer((30, 30), "float32"), D: T.Buffer((30, 30), "int32")):
    T.func_attr({"global_symbol": "kernel", "tir.noalias": True})
    P = T.alloc_buffer((32, 32))
    for i, j in T.grid(32, 32):
        with T.block("P"):
            vi, vj = T.axis.remap("SS", [i, j])
            P[vi, vj] = T.if_then_else(1 <= vi and vi < 31 and 1 <= vj and vj < 31, A[vi - 1, vj - 1], T.float32(-3))
    for i, j, k, l in T.grid(30, 30, 3, 3):
        with T.block("C"):
            vi, vj, vk, vl = T.axis.remap("SSRR", [i, j, k, l])
            with T.init():
                C[vi, vj] = T.float32(-100)
            C[vi, vj] = T.max(C[vi, vj], P[vi + vk, vj + vl])
    for i, j in T.grid(30, 30):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = T.Cast("int32", T.floor(C[vi, vj] / T.float32(3))) + (vi * 7 - vj * 5) // 3 % 4
)";

ModuleRef scheduled(const ModuleRef& module) { return testing::tiled(module, 4); }

class Cross : public ::testing::TestWithParam<Machine> {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static bool has(const std::string& program) {
    return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
  }
  /// Runs the kernel's self-test; what is missing, or what it says when it fails.
  std::string problem_of(const ModuleRef& module, const ModuleRef& reference) {
    const Machine& m = GetParam();
    CompileOptions options;
    options.alignment = 1;
    options.verify = true;
    export_artifact(compile(*module, *target_of(m), options), folder_ / "kernel.o", reference);
    const std::string free = testing::source_dir() + "/tests/freestanding";
    const std::string command = fmt::format(
        "cd {0} && {1} --target={2} -std=c11 -O1 -Wall -ffreestanding -fno-builtin -nostdlib "
        "-static "
        "-fuse-ld=lld -isystem {3} -o test kernel_test.c {3}/start.c kernel.o >log 2>&1 && "
        "{4} -cpu {5} ./test >log 2>&1",
        folder_.string(), clang_, m.triple, free, m.qemu, m.qemu_cpu);
    if (std::system(command.c_str()) == 0) return "";
    std::ifstream log(folder_ / "log");
    return command + "\n" + std::string((std::istreambuf_iterator<char>(log)), {});
  }
  /// Whether kernels can be run here; says what is missing when not.
  bool can_run() {
    for (const char* name : {"clang-22", "clang-21", "clang-20", "clang-19", "clang"})
      if (clang_.empty() && has(name)) clang_ = name;
    return !clang_.empty() && has(GetParam().qemu) && has("ld.lld");
  }

  std::string clang_;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("metaschedule_cross_" + std::to_string(static_cast<long>(getpid())));
};

TEST_P(Cross, ObjectsAreOfTheMachineAndNeedNothing) {
  const ModuleRef module = parse_module(fmt::format(fmt::runtime(kMatmul), "float32"));
  const Artifact artifact = compile(*scheduled(module), *target_of(GetParam()));
  Elf64_Ehdr header;
  ASSERT_GE(artifact.object.size(), sizeof header);
  std::memcpy(&header, artifact.object.data(), sizeof header);
  EXPECT_EQ(header.e_machine, GetParam().elf);
  EXPECT_FALSE(runtime::Module::is_for_this_machine(artifact.object));
  EXPECT_FALSE(is_native(*target_of(GetParam())));
  EXPECT_TRUE(artifact.triple.starts_with(std::string(GetParam().triple).substr(0, 7)));
  EXPECT_THROW(runtime::Module::from_object(artifact.object), RunError);
}

TEST_P(Cross, KernelsComputeWhatTheirProgramsSay) {
  if (!can_run())
    GTEST_SKIP() << "clang, ld.lld or " << GetParam().qemu
                 << " (Debian: qemu-user) is not installed";
  for (const char* type : {"float32", "float64", "int8", "int32", "uint16", "int64", "float16",
                           "bfloat16", "e4m3_float8"}) {
    const ModuleRef module = parse_module(fmt::format(fmt::runtime(kMatmul), type));
    EXPECT_EQ(problem_of(scheduled(module), module), "") << type;
    EXPECT_EQ(problem_of(module, module), "") << type;
  }
  const ModuleRef pool = parse_module(kPool);
  EXPECT_EQ(problem_of(pool, pool), "");
}

INSTANTIATE_TEST_SUITE_P(Machines, Cross, ::testing::ValuesIn(kMachines));

TEST(CrossTarget, NativeIsNoNameForAnotherMachine) {
  const ModuleRef module = parse_module(fmt::format(fmt::runtime(kMatmul), "float32"));
  try {
    compile(*module, *make_target("llvm -mtriple=riscv64-linux-gnu -mcpu=native"));
    FAIL() << "compiled";
  } catch (const BuildError& e) {
    EXPECT_EQ(std::string(e.what()),
              "target: -mcpu=native is the processor at hand, which is no riscv64; name one");
  }
  EXPECT_THROW(compile(*module, *make_target("llvm -mtriple=potato-linux-gnu")), BuildError);
  EXPECT_THROW(compile(*module, *make_target("llvm -mtriple=aarch64-linux-gnu -mcpu=znver3")),
               BuildError);
}

}  // namespace
}  // namespace metaschedule::codegen
