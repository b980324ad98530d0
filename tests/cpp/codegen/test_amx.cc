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

/// Runs the function on random numbers, here and by the interpreter. Elements of buffer N are
/// `count`.
void expect_the_same_bits(const PrimFuncRef& func, const codegen::CompileOptions& options,
                          std::mt19937& random, uint32_t low, uint32_t high, int32_t count = 0) {
  const runtime::Module module = build(func, options);
  std::vector<runtime::Argument> args;
  std::vector<runtime::Tensor> expected;
  std::vector<interp::NDArrayView> views;
  for (const VarRef& param : func->params) {
    const BufferRef buffer = func->buffer_of(param);
    std::vector<int64_t> shape;
    for (const Expr& n : buffer->shape) shape.push_back(*as_const_int(n));
    runtime::Tensor tensor = runtime::Tensor::empty(buffer->dtype, shape);
    fill(tensor, random, low, high);
    if (buffer->name == "N") *data_of<int32_t>(tensor) = count;
    expected.push_back(copy_of(tensor));
    args.push_back(tensor);
    views.push_back({expected.back().data(), buffer->dtype, shape});
  }
  interp::run(*func, views);
  module.call("main", args);
  for (size_t i = 0; i < args.size(); ++i) {
    const auto& found = std::get<runtime::Tensor>(args[i]);
    const auto width = static_cast<size_t>(found.dtype().bytes());
    for (size_t at = 0; at < static_cast<size_t>(found.bytes()); at += width)
      ASSERT_EQ(0, std::memcmp(data_of<char>(found) + at, data_of<char>(expected[i]) + at, width))
          << "element " << at / width << " of argument " << i;
  }
}

TEST_P(Amx, GivesTheBitsOfTheInterpreter) {
  if (!has("amx_tile") || !has(GetParam().flag))
    GTEST_SKIP() << "this processor has no " << GetParam().flag;
  std::mt19937 random(7);
  // Of usual size; down to the smallest numbers, where results flush; and all of these together.
  const std::pair<uint32_t, uint32_t> kExponents[] = {{120, 130}, {0, 3}, {55, 72}, {0, 180}};
  for (const auto& [low, high] : kExponents) {
    SCOPED_TRACE(fmt::format("exponents {} to {}", low, high));
    expect_the_same_bits(program(GetParam()), {}, random, low, high);
  }
}
INSTANTIATE_TEST_SUITE_P(All, Amx, testing::ValuesIn(kProducts),
                         [](const auto& info) { return info.param.instruction; });

/// Loops over steps: the sums of some may stay in tiles, those of others may not.
struct Steps {
  const char *name, *text;
  int stores;  // of tiles, in the code
};
void PrintTo(const Steps& s, std::ostream* out) { *out << s.name; }
const Steps kSteps[] = {
    {"TwoSums", R"(
    for k in range(3):
        $STEP(C, 0; A, k * 64; B, 0)
        $STEP(C, 16; A, k * 64; B, 64))",
     2},
    {"AsManyAsFit", R"(
    for k in range(3):
        for i in T.unroll(3):
            for j in T.unroll(2):
                $STEP(C, i * 1024 + j * 16; A, i * 16 * 192 + k * 64; B, k * 1024 + j * 64))",
     6},
    {"MoreThanFit", R"(
    for k in range(3):
        for i in T.unroll(3):
            for j in T.unroll(3):
                $STEP(C, i * 1024 + j * 16; A, i * 16 * 192 + k * 64; B, k * 1024 + j * 64))",
     9},
    {"SumsThatOverlap", R"(
    for k in range(3):
        $STEP(C, 0; A, k * 64; B, 0)
        $STEP(C, 8; A, k * 64; B, 64))",
     2},
    {"SumsInTheSameRows", R"(
    for k in range(3):
        $STEP(C, 0; A, k * 64; B, 0)
        $STEP(C, 15 * 64 + 8; A, k * 64; B, 64))",
     2},
    {"ASumThatMoves", R"(
    for k in range(3):
        $STEP(C, k; A, k * 64; B, 0))",
     1},
    {"AnOperandAmongTheSums", R"(
    for k in range(3):
        $STEP(C, 0; C, 0; B, 0)
        $STEP(C, 64 * 24; C, 64; B, 0))",
     2},
    {"OneOperandTwice", R"(
    for k in range(3):
        $STEP(C, 0; A, k * 64; A, k * 64)
        $STEP(C, 16; A, k * 64; A, k * 64))",
     2},
    {"ASumThatIsRead", R"(
    for k in range(3):
        $STEP(C, 0; A, k * 64; B, 0)
        D[k] = C[0, 0])",
     1},
    {"AnOperandThatIsMade", R"(
    for k in range(3):
        E[k * 7] = T.uint8(k)
        $STEP(C, 0; E, 0; B, 0))",
     1},
    {"ASumThatStartsAgain", R"(
    for k in range(3):
        T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("int32"), C.data, 5, 1024, 2), 64)
        $STEP(C, 5; A, k * 64; B, 0))",
     1},
    {"ASumThatWasCleared", R"(
    for i in range(2):
        T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("int32"), C.data, i * 16, 1024, 2), 64)
        T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("int32"), C.data, i * 16 + 32, 1024, 2), 64)
        for k in range(3):
            $STEP(C, i * 16; A, k * 64; B, i * 64))",
     2},
    {"ASumThatWasClearedInPart", R"(
    for i in range(2):
        T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("int32"), C.data, i * 16, 1024, 2), 64)
        T.call_extern("void", "amx.tilezero", T.tvm_access_ptr(T.type_annotation("int32"), C.data, i * 16 + 4, 1024, 2), 64)
        for k in range(3):
            $STEP(C, i * 16; A, k * 64; B, i * 64))",
     3},
    {"AStepUnderACondition", R"(
    for k in range(3):
        if D[k] > 0:
            $STEP(C, 0; A, k * 64; B, 0))",
     1},
    {"AsManyStepsAsTheCallerSays", R"(
    for k in range(N[0]):
        $STEP(C, 0; A, k * 64; B, 0))",
     1},
    {"LoopsInLoops", R"(
    for i in range(2):
        for h in range(2):
            for k in range(3):
                $STEP(C, i * 1024; A, k * 64; B, h * 64))",
     1},
};

PrimFuncRef steps(const Steps& s) {
  std::string text = std::string(R"(@T.prim_func
def main(A: T.Buffer((48, 192), "uint8"), B: T.Buffer((48, 64, 4), "int8"), C: T.Buffer((64, 64), "int32"), D: T.Buffer((3,), "int32"), E: T.Buffer((1024,), "uint8"), N: T.Buffer((1,), "int32")):)") +
                     s.text + "\n";
  // $STEP(C, offset; A, offset; B, offset): offsets in elements of what is read there.
  for (size_t at; (at = text.find("$STEP(")) != std::string::npos;) {
    const size_t end = text.find('\n', at);
    std::string args = text.substr(at + 6, end - at - 7),
                call = "T.call_extern(\"void\", \"amx.tdpbusd\"";
    const char* const kTypes[] = {"int32", "uint8", "int8"};
    for (size_t i = 0; i < 3; ++i) {
      const size_t stop = std::min(args.find(';'), args.size()), comma = args.find(',');
      const std::string name = args.substr(0, comma),
                        offset = args.substr(comma + 1, stop - comma - 1);
      const int row = name == "A" ? 192 : name == "E" ? 64 : name == "B" || i > 0 ? 256 : 64;
      call += fmt::format(", T.tvm_access_ptr(T.type_annotation(\"{}\"), {}.data, {}, {}, {}), {}",
                          kTypes[i], name, offset, 16 * row, i == 0 ? 3 : 1, row);
      args = args.substr(std::min(stop + 2, args.size()));
    }
    text.replace(at, end - at, call + ")");
  }
  return parse_func(text);
}

class AmxLoop : public testing::TestWithParam<Steps> {};

TEST_P(AmxLoop, KeepsSumsWhereNobodySees) {
  const PrimFuncRef func = steps(GetParam());
  codegen::CompileOptions options;
  std::string ir;
  options.llvm_ir = &ir;
  codegen::compile(*IRModule::from_func(func), *make_target("llvm -mcpu=sapphirerapids"), options);
  int stores = 0;
  for (size_t at = 0; (at = ir.find("call void @llvm.x86.tilestored64", at)) != std::string::npos;
       ++at)
    ++stores;
  EXPECT_EQ(stores, GetParam().stores) << ir;
  if (!has("amx_int8")) GTEST_SKIP() << "this processor has no amx_int8";
  std::mt19937 random(7);
  for (int level : {0, 1, 2}) {
    options.opt_level = level;
    for (int count : {0, 1, 3}) expect_the_same_bits(func, options, random, 0, 0, count);
  }
}
INSTANTIATE_TEST_SUITE_P(All, AmxLoop, testing::ValuesIn(kSteps),
                         [](const auto& info) { return std::string(info.param.name); });

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
