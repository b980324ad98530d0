// SPDX-License-Identifier: Apache-2.0
// The parser and printer on small programs: what they mean, and what is refused where.
#include <gtest/gtest.h>

#include "metaschedule/ir/structural.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

/// Parses, prints, parses and prints again; expects the text that came in.
void expect_fixed_point(const std::string& text) {
  PrimFuncRef func;
  ASSERT_NO_THROW(
      try { func = parse_func(text); } catch (const Error& e) {
        ADD_FAILURE() << e.render();
        throw;
      });
  std::string printed = to_script(func);
  EXPECT_EQ(printed, "# from tvm.script import tir as T\n\n" + text);
  EXPECT_TRUE(structural_equal(func, parse_func(printed)));
}

SourceLocation error_location(const std::string& text, std::string* message = nullptr) {
  try {
    parse_script(text);
  } catch (const ParseError& e) {
    if (message) *message = e.message();
    return e.where();
  }
  ADD_FAILURE() << "no error in\n" << text;
  return {};
}

TEST(Parser, EveryLoopKindBlockPredicateAndAnnotationSurvive) {
  expect_fixed_point(
      R"(@T.prim_func
def sb(A: T.Buffer((T.int64(1000),), "float16"), B: T.Buffer((T.int64(1000),), "float16")):
    # with T.block("root"):
    for bx in T.thread_binding(T.int64(8), thread="blockIdx.x"):
        for tx in T.thread_binding(T.int64(32), thread="threadIdx.x", annotations={"pragma_unroll_explicit": 1}):
            for i in T.serial(T.int64(4), annotations={"k": "v"}):
                for j in T.unroll(T.int64(1)):
                    for v in T.vectorized(2, 6):
                        for p in T.parallel(1):
                            with T.block("b"):
                                vi = T.axis.spatial(T.int64(1000), bx * T.int64(128) + tx * T.int64(4) + i)
                                T.where(bx * T.int64(128) + tx * T.int64(4) + i < T.int64(1000))
                                T.reads(A[vi])
                                T.writes(B[vi])
                                T.block_attr({"f": T.float32(1.5), "l": [1, 0], "meta_schedule.tiling_structure": "SSSRRSRS", "n": 3, "t": T.bool(True)})
                                B[vi] = A[vi] + T.float16(1.5))");
}

TEST(Parser, LowLevelStatementsSurvive) {
  expect_fixed_point(
      R"(@T.prim_func
def f1(a: T.handle, b: T.handle, C: T.handle("float32", "shared"), s: T.float16, n: T.int64):
    A = T.match_buffer(a, (128, 128), "float16", align=128)
    m, k = T.int32(), T.int32(is_size_var=True)
    B = T.match_buffer(b, (m, k), "int8")
    y: T.int32 = m + 1
    z: T.int64 = T.Cast("int64", m) + n
    assert m > 3, "bad m"
    if m < 10:
        B[0, 0] = T.int8(1)
    else:
        if k < 3:
            B[1, 1] = T.int8(2)
    for i in range(m):
        x: T.int8 = B[i, 0]
        B[i, 1] = x
    while B[0, 0] < T.int8(3):
        B[0, 0] = B[0, 0] + T.int8(1)
    C_1 = T.decl_buffer((16, 16), data=C, scope="shared")
    C_1[0, 0:4] = T.Broadcast(T.float32(0.0), 4)
    C_1[0, 0:8:2] = C_1[1, 0:8:2] * T.Broadcast(T.float32(2.0), 4)
    with T.attr(0, "pragma", 1):
        D = T.allocate([4, 4], "float32", "local")
        D_1 = T.Buffer((4, 4), data=D, scope="local")
        D_1[0, 0] = T.float32(3.0)
    E = T.decl_buffer((8,), "int32", scope="local")
    E[0] = T.call_extern("int32", "foo", A.data, T.address_of(B[0, 0]), "str")
    T.call_packed("pk", A.data, y, z)
    T.tvm_storage_sync("shared")
    E[1] = T.Cast("int32", T.likely(m < 3)))");
}

TEST(Parser, NestedBlocksAndEveryAxisKindSurvive) {
  expect_fixed_point(
      R"(@T.prim_func
def main(A: T.Buffer((64, 64), "float32"), B: T.Buffer((64, 64), "float32")):
    # with T.block("root"):
    for i0, j0 in T.grid(4, 4):
        with T.block("outer"):
            vi, vj = T.axis.remap("SS", [i0, j0])
            T.reads(A[vi * 16:vi * 16 + 16, vj * 16:vj * 16 + 16])
            T.writes(B[vi * 16:vi * 16 + 16, vj * 16:vj * 16 + 16])
            A_sub = T.match_buffer(A[vi * 16:vi * 16 + 16, vj * 16:vj * 16 + 16], (16, 16), strides=("A_sub_s0", "A_sub_s1"), offset_factor=16)
            for i, j in T.grid(16, 16):
                with T.block("inner"):
                    vii, vjj = T.axis.remap("SS", [i, j])
                    T.reads(A_sub[vii, vjj])
                    T.writes(B[vi * 16 + vii, vj * 16 + vjj])
                    B[vi * 16 + vii, vj * 16 + vjj] = A_sub[vii, vjj] + T.float32(1.0)
    for i in range(3):
        for j, k in T.grid(i, 2):
            with T.block("dep"):
                v0 = T.axis.spatial(3, i)
                v1 = T.axis.reduce((1, 9), j)
                v2 = T.axis.scan(2, k)
                v3 = T.axis.opaque(4, k + 1)
                T.reads()
                T.writes()
                T.evaluate(v0 + v1 + v2 + v3))");
}

TEST(Parser, ThreadsAreLaunchedOnOneLineEach) {
  expect_fixed_point(
      R"(@T.prim_func
def main(A: T.Buffer((64,), "float32")):
    bx = T.launch_thread("blockIdx.x", 2)
    tx = T.launch_thread("threadIdx.x", 32)
    A[bx * 32 + tx] = T.float32(1.0))");
  expect_fixed_point(
      R"(@T.prim_func
def main(A: T.Buffer((64,), "float32")):
    tx = T.env_thread("threadIdx.x")
    with T.launch_thread(tx, 32):
        A[tx] = T.float32(1.0)
    T.launch_thread(tx, 32)
    A[tx] = T.float32(2.0))");
}

TEST(Parser, AModuleWithCallsAndAttributesSurvives) {
  std::string text =
      R"(# from tvm.script import ir as I
# from tvm.script import tir as T

@I.ir_module
class Module:
    I.module_attrs({"name": "abc", "z": 1})
    @T.prim_func(private=True)
    def helper(x: T.float32) -> T.float32:
        return x + T.float32(1.0)

    @T.prim_func
    def zed(a: T.handle, n: T.int32):
        A = T.match_buffer(a, (n, 16), strides=("A_s0", 1), elem_offset=4, offset_factor=2)
        T.evaluate(A[0, 0])

    @T.prim_func
    def main(A: T.Buffer((16,), "float32"), B: T.Buffer((), "int8")):
        for i in range(16):
            A[i] = Module.helper(A[i])
        B[()] = T.int8(3))";
  ModuleRef mod = parse_module(text);
  EXPECT_EQ(to_script(mod), text);
  EXPECT_TRUE(structural_equal(mod, parse_module(to_script(mod))));
}

TEST(Parser, TheLaterDialectOfBlocksReadsAndWritesTheSameProgram) {
  std::string text =
      R"(@T.prim_func
def main(A: T.Buffer((8,), "float32")):
    with T.sblock("root"):
        B = T.sblock_alloc_buffer((8,))
        for i in range(8):
            with T.sblock("b"):
                vi = T.axis.spatial(8, i)
                T.reads()
                T.writes(A[vi])
                T.sblock_attr({"k": 1})
                A[vi] = B[vi])";
  PrimFuncRef func = parse_func(text);
  PrintOptions later;
  later.dialect = ScriptDialect::SBlock;
  EXPECT_NE(to_script(func, later).find("with T.sblock(\"b\"):"), std::string::npos);
  EXPECT_TRUE(structural_equal(func, parse_func(to_script(func, later))));
  EXPECT_TRUE(structural_equal(func, parse_func(to_script(func))));
}

TEST(Parser, NodesThatOperatorsWouldFoldKeepTheirForm) {
  expect_fixed_point(
      R"(@T.prim_func
def main(A: T.Buffer((8,), "int32"), n: T.int32):
    A[T.Add(1, 2)] = T.Mul(n, 1) + T.Min(n, n) * (n - (n - 1))
    A[0] = T.Div(n, 3) + T.truncmod(n, 3) + n // 3 % 2
    A[1] = T.Select((n < 3) == (n > 1), 1, 0) + T.Cast("int32", not T.bool(True) and n != 3))");
}

TEST(Parser, ComparisonsTakeTheTypeOfTheExpression) {
  PrimFuncRef func = parse_func(R"(
@T.prim_func
def main(n: T.int64):
    assert 0 < n and n < 5, "range"
    T.evaluate(n + 1))");
  std::string printed = to_script(func);
  EXPECT_NE(printed.find("T.int64(0) < n and n < T.int64(5)"), std::string::npos) << printed;
  EXPECT_NE(printed.find("n + T.int64(1)"), std::string::npos) << printed;
}

TEST(Parser, AnIndentedTextIsReadAsIfItWereNot) {
  EXPECT_NO_THROW(parse_func("    @T.prim_func\n    def f(a: T.int32):\n        T.evaluate(a)\n"));
}

TEST(Parser, ErrorsSayLineAndColumn) {
  std::string message;
  SourceLocation where = error_location("@T.prim_func\ndef f():\n    T.evaluate(x)\n", &message);
  EXPECT_EQ(where.line, 3);
  EXPECT_EQ(where.column, 16);
  EXPECT_EQ(message, "<string>:3:16: Undefined variable: x");
  where = error_location("@T.prim_func\ndef f(n: T.int32):\n    T.evaluate(n +\n");
  EXPECT_EQ(where.line, 3);
  where =
      error_location("@T.prim_func\ndef f(A: T.Buffer((8,), \"float32\")):\n    A[0, 0] = A[1]\n");
  EXPECT_EQ(where.line, 3);
}

TEST(Parser, RenderingAnErrorShowsTheLineAndACaret) {
  try {
    parse_script("@T.prim_func\ndef f():\n    T.nothing()\n");
    FAIL();
  } catch (const ParseError& e) {
    EXPECT_NE(e.render().find("        T.nothing()\n          ^"), std::string::npos) << e.render();
  }
}

TEST(Parser, ATargetAmongTheAttributesSurvives) {
  expect_fixed_point(
      R"(@T.prim_func
def main(A: T.Buffer((8,), "float32")):
    T.func_attr({"target": T.target({"arch": "sm_80", "host": {"keys": ["cpu"], "kind": "llvm", "mcpu": "x", "tag": ""}, "keys": ["cuda", "gpu"], "kind": "cuda", "max_num_threads": 1024, "tag": "", "thread_warp_size": 32})})
    A[0] = T.float32(1.0))");
}

TEST(Parser, WellFormednessIsCheckedOnRequest) {
  ParseOptions options;
  options.check_well_formed = true;
  EXPECT_THROW(parse_script(R"(
@T.prim_func
def main(A: T.Buffer((8,), "float32")):
    for i in range(8):
        with T.block("b"):
            vi = T.axis.spatial(8, i)
            A[vi] = A[i])",
                            options),
               VerifyError);
}

TEST(Parser, DeepNestingIsRefusedNotFollowed) {
  std::string deep(100000, '(');
  error_location("@T.prim_func\ndef f():\n    T.evaluate(" + deep + "1)\n");
  std::string closed = std::string(5000, '(') + "1" + std::string(5000, ')');
  error_location("@T.prim_func\ndef f():\n    T.evaluate(" + closed + ")\n");
  error_location("@T.prim_func\ndef f():\n    T.evaluate(" + std::string(50000, '-') + "1)\n");
  std::string sum = "n";
  for (int i = 0; i < 20000; ++i) sum += " + n";
  error_location("@T.prim_func\ndef f(n: T.int32):\n    T.evaluate(" + sum + ")\n");
  std::string lets;
  for (int i = 0; i < 5000; ++i) lets += "    x" + std::to_string(i) + " = n + 1\n";
  error_location("@T.prim_func\ndef f(n: T.int32):\n" + lets);
}

}  // namespace
}  // namespace metaschedule
