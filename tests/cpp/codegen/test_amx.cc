// SPDX-License-Identifier: Apache-2.0
// Tiles of AMX: the processor and the interpreter give the same bits; what a target or a call lacks
// is said when it is compiled; without tiles a program gives an error, not a signal.
#include <fmt/format.h>

#include <fstream>
#include <random>

#include "codegen_testing.h"
#include "metaschedule/interp/interpreter.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

/// Whether the system says that this processor has a feature.
bool has(const std::string& flag) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("flags")) return (line + " ").find(" " + flag + " ") != std::string::npos;
  return false;
}

struct Product {
  std::string instruction, a, b, c, flag;
};
void PrintTo(const Product& p, std::ostream* out) { *out << p.instruction; }
const Product kProducts[] = {
    {"tdpbusd", "uint8", "int8", "int32", "amx_int8"},
    {"tdpbssd", "int8", "int8", "int32", "amx_int8"},
    {"tdpbsud", "int8", "uint8", "int32", "amx_int8"},
    {"tdpbuud", "uint8", "uint8", "int32", "amx_int8"},
    {"tdpbf16ps", "bfloat16", "bfloat16", "float32", "amx_bf16"},
};

/// A step on parts of larger arrays, in each of two threads, and sums that are cleared.
PrimFuncRef program(const Product& p) {
  const int pack = p.c == "int32" ? 4 : 2;
  return parse_func(fmt::format(
      R"(@T.prim_func
def main(A: T.Buffer((40, {aw}), "{a}"), B: T.Buffer((17, 20, {pack}), "{b}"), C: T.Buffer((40, 37), "{c}"), D: T.Buffer((18, 17), "{c}")):
    for i in T.parallel(2):
        T.call_extern("void", "amx.{op}", T.tvm_access_ptr(T.type_annotation("{c}"), C.data, i * 740 + 38, 592, 3), 37,
                      T.tvm_access_ptr(T.type_annotation("{a}"), A.data, i * {half} + {aw} + 1, {aw} * 16, 1), {aw},
                      T.tvm_access_ptr(T.type_annotation("{b}"), B.data, 22 * {pack}, 20 * {pack} * 16, 1), 20 * {pack})
    T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("{c}"), D.data, 18, 272, 2), 17)
)",
      fmt::arg("a", p.a), fmt::arg("b", p.b), fmt::arg("c", p.c), fmt::arg("op", p.instruction),
      fmt::arg("pack", pack), fmt::arg("aw", 16 * pack + 3),
      fmt::arg("half", 20 * (16 * pack + 3))));
}

/// Any integers; floats of any sign and fraction whose exponents lie in [low, high].
void fill(runtime::Tensor& tensor, std::mt19937& random, uint32_t low, uint32_t high) {
  const DType t = tensor.dtype();
  auto* bytes = static_cast<uint8_t*>(tensor.data());
  const int width = t.bytes(), fraction = t.bits == 16 ? 7 : 23;
  for (int64_t at = 0; at < static_cast<int64_t>(tensor.bytes()); at += width) {
    uint32_t bits = random();
    if (t.is_floating()) {
      const uint32_t exponent = low + random() % (high - low + 1);
      bits =
          (bits & 1) << (t.bits - 1) | exponent << fraction | (random() & ((1u << fraction) - 1));
    }
    std::memcpy(bytes + at, &bits, static_cast<size_t>(width));
  }
}

runtime::Tensor copy_of(const runtime::Tensor& t) {
  runtime::Tensor out = runtime::Tensor::empty(t.dtype(), t.shape());
  std::memcpy(out.data(), t.data(), static_cast<size_t>(t.bytes()));
  return out;
}

class Amx : public testing::TestWithParam<Product> {};

TEST_P(Amx, GivesTheBitsOfTheInterpreter) {
  if (!has("amx_tile") || !has(GetParam().flag))
    GTEST_SKIP() << "this processor has no " << GetParam().flag;
  const PrimFuncRef func = program(GetParam());
  const runtime::Module module = build(func);
  std::mt19937 random(7);
  // Of usual size; down to the smallest numbers, where results flush; and all of these together.
  const std::pair<uint32_t, uint32_t> kExponents[] = {{120, 130}, {0, 3}, {55, 72}, {0, 180}};
  for (const auto& [low, high] : kExponents) {
    SCOPED_TRACE(fmt::format("exponents {} to {}", low, high));
    std::vector<runtime::Argument> args;
    std::vector<runtime::Tensor> expected;
    std::vector<interp::NDArrayView> views;
    for (const VarRef& param : func->params) {
      const BufferRef buffer = func->buffer_of(param);
      std::vector<int64_t> shape;
      for (const Expr& n : buffer->shape) shape.push_back(*as_const_int(n));
      runtime::Tensor tensor = runtime::Tensor::empty(buffer->dtype, shape);
      fill(tensor, random, low, high);
      expected.push_back(copy_of(tensor));
      args.push_back(tensor);
      views.push_back({expected.back().data(), buffer->dtype, shape});
    }
    interp::run(*func, views);
    module.call("main", args);
    for (size_t i = 0; i < args.size(); ++i) {
      const auto& found = std::get<runtime::Tensor>(args[i]);
      const auto width = static_cast<size_t>(found.dtype().bytes());
      for (int64_t at = 0; at < found.num_elements(); ++at)
        ASSERT_EQ(0,
                  std::memcmp(static_cast<char*>(found.data()) + at * int64_t(width),
                              static_cast<char*>(expected[i].data()) + at * int64_t(width), width))
            << "element " << at << " of argument " << i;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, Amx, testing::ValuesIn(kProducts),
                         [](const auto& info) { return info.param.instruction; });

std::string error_of(const PrimFuncRef& func, const std::string& target) {
  try {
    codegen::compile(*IRModule::from_func(func), *make_target(target));
  } catch (const BuildError& e) {
    return e.what();
  }
  return "nothing was raised";
}

TEST(AmxTarget, NamesTheFeatureThatIsMissing) {
  const PrimFuncRef func = program(kProducts[0]);
  const std::string remedy =
      "; name a processor that has it, -mcpu=sapphirerapids, or add "
      "-mattr=+amx-tile,+amx-int8,+amx-bf16";
  EXPECT_EQ(
      error_of(func, "llvm -mcpu=skylake-avx512"),
      "function main: amx.tdpbusd needs amx-tile, which the target (-mcpu=skylake-avx512) has "
      "not" +
          remedy);
  EXPECT_EQ(
      error_of(func, "llvm -mcpu=skylake-avx512 -mattr=+amx-tile"),
      "function main: amx.tdpbusd needs amx-int8, which the target (-mcpu=skylake-avx512) has "
      "not" +
          remedy);
  EXPECT_EQ(error_of(func, "llvm -mcpu=skylake-avx512 -mattr=+amx-tile,+amx-int8"),
            "nothing was raised");
  EXPECT_EQ(error_of(program(kProducts[4]), "llvm -mcpu=x86-64 -mattr=+amx-tile,+amx-bf16"),
            "nothing was raised");
  EXPECT_EQ(error_of(func, "llvm -mcpu=sapphirerapids"), "nothing was raised");
  EXPECT_EQ(error_of(func, "llvm -mtriple=aarch64-linux-gnu"),
            "function main: amx.tdpbusd is an instruction of x86-64 under Linux, the target is "
            "aarch64-unknown-linux-gnu");
}

TEST(AmxTarget, SaysWhatIsWrongWithACall) {
  auto error = [](const std::string& call) {
    return error_of(
        parse_func("@T.prim_func\ndef main(C: T.Buffer((16, 16), \"int32\")):\n    " + call + "\n"),
        "llvm -mcpu=sapphirerapids");
  };
  EXPECT_EQ(error("T.call_extern(\"void\", \"amx.tdpfp16ps\", C.data, 16)"),
            "function main: expected amx.tilezero, amx.tdpbssd, amx.tdpbsud, amx.tdpbusd, "
            "amx.tdpbuud or amx.tdpbf16ps, found amx.tdpfp16ps");
  EXPECT_EQ(
      error("T.call_extern(\"void\", \"amx.tdpbusd\", C.data, 16)"),
      "function main: amx.tdpbusd takes 3 pointers, each with the length of a row in elements; "
      "found 2 arguments");
  EXPECT_EQ(error("T.call_extern(\"void\", \"amx.tilezero\", "
                  "T.tvm_access_ptr(T.type_annotation(\"int8\"), C.data, 0, 64, 2), 16)"),
            "function main: amx.tilezero: expected a pointer to elements of 4 bytes, found int8");
  EXPECT_EQ(
      error("T.call_extern(\"void\", \"amx.tilezero\", 16, C.data)"),
      "function main: amx.tilezero takes pointers, each with the length of a row; found int32 "
      "and handle");
}

TEST(AmxTarget, GivesAnErrorWhereThereAreNoTiles) {
  if (has("amx_tile")) GTEST_SKIP() << "this processor has tiles";
  const PrimFuncRef func = program(kProducts[0]);
  const codegen::Artifact artifact =
      codegen::compile(*IRModule::from_func(func), *make_target("llvm -mattr=+amx-tile,+amx-int8"));
  std::vector<runtime::Argument> args;
  for (const codegen::ArtifactParam& p : artifact.entry().params)
    args.push_back(runtime::Tensor::empty(p.dtype, p.shape));
  EXPECT_THROW(runtime::Module::from_object(artifact.object).call("main", args), RunError);
}

}  // namespace
}  // namespace metaschedule
