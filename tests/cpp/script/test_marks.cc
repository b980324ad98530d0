// SPDX-License-Identifier: Apache-2.0
// Underlining and remarks of the printer.
#include <gtest/gtest.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

struct Program {
  PrimFuncRef func = parse_func(R"(
@T.prim_func
def main(A: T.Buffer((8, 4), "float32")):
    B = T.alloc_buffer((8, 4))
    for i, j in T.grid(8, 4):
        with T.block("b"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    T.evaluate(1))");
  const BlockRealize& root = *as<BlockRealize>(func->body);
  const For& outer = *as<For>(as<SeqStmt>(root.block->body)->seq[0]);
  const For& inner = *as<For>(outer.body);
  const BlockRealize& realize = *as<BlockRealize>(inner.body);
  const BufferStore& store = *as<BufferStore>(realize.block->body);
};

std::string lines_from(const std::string& text, const std::string& start) {
  return text.substr(text.find(start));
}

TEST(Marks, AnExpressionIsUnderlinedAndASimpleStatementRemarkedOnItsLine) {
  Program p;
  PrintOptions options;
  options.obj_to_underline = {p.store.value};
  options.obj_to_annotate = {{Ref<Node>(p.realize.block), "a block"},
                             {Ref<Node>(&p.store), "a store"}};
  EXPECT_EQ(lines_from(to_script(p.func, options), "    for"), R"(    for i, j in T.grid(8, 4):
        # a block
        with T.block("b"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(A[vi, vj])
            T.writes(B[vi, vj])
            B[vi, vj] = A[vi, vj] + T.float32(1.0)  # a store
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^
    T.evaluate(1))");
}

TEST(Marks, AStatementIsUnderlinedLineByLineAndLeavesTheGridOfItsLoops) {
  Program p;
  PrintOptions options;
  options.obj_to_underline = {Ref<Node>(&p.inner)};
  options.obj_to_annotate = {{Ref<Node>(&p.inner), "tir.For#0"},
                             {Ref<Node>(p.realize.block), "inside"}};
  EXPECT_EQ(lines_from(to_script(p.func, options), "    for"), R"(    for i in range(8):
        # tir.For#0
        for j in range(4):
        ^^^^^^^^^^^^^^^^^^
            # inside
            with T.block("b"):
            ^^^^^^^^^^^^^^^^^^
                vi, vj = T.axis.remap("SS", [i, j])
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                T.reads(A[vi, vj])
                ^^^^^^^^^^^^^^^^^^
                T.writes(B[vi, vj])
                ^^^^^^^^^^^^^^^^^^^
                B[vi, vj] = A[vi, vj] + T.float32(1.0)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    T.evaluate(1))");
}

TEST(Marks, ABufferIsUnderlinedWhereverItStandsAndRemarkedWhereItIsDefined) {
  Program p;
  PrintOptions options;
  options.obj_to_underline = {p.store.buffer};
  options.obj_to_annotate = {{p.store.buffer, "tir.Buffer#0"}};
  std::string text = to_script(p.func, options);
  EXPECT_NE(text.find("    B = T.alloc_buffer((8, 4))  # tir.Buffer#0\n    ^\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("            B[vi, vj] = A[vi, vj] + T.float32(1.0)\n            ^\n"),
            std::string::npos)
      << text;
}

TEST(Marks, TheRootBlockIsWrittenOutWhereItIsMarked) {
  Program p;
  PrintOptions options;
  options.obj_to_annotate = {{Ref<Node>(p.root.block), "the scope"}};
  std::string text = to_script(p.func, options);
  EXPECT_NE(text.find("    # the scope\n    with T.block(\"root\"):\n        T.reads()\n"),
            std::string::npos)
      << text;
}

TEST(Marks, AFrameWithARemarkStandsInAWith) {
  PrimFuncRef func =
      parse_func("@T.prim_func\ndef f():\n    T.attr(0, \"k\", 1)\n    T.evaluate(0)");
  PrintOptions options;
  options.obj_to_annotate = {{func->body, "a frame"}};
  EXPECT_EQ(lines_from(to_script(func, options), "    #"),
            "    # a frame\n    with T.attr(0, \"k\", 1):\n        T.evaluate(0)");
}

TEST(Marks, AStatementByItselfHasNoEmptyLineBeforeIt) {
  Stmt stmt = make<Evaluate>(i32(1));
  PrintOptions options;
  options.obj_to_underline = {stmt};
  EXPECT_EQ(to_script(stmt, options), "T.evaluate(1)\n^^^^^^^^^^^^^");
}

TEST(Marks, LinesFarFromUnderlinesAreSkippedAndNumbersStay) {
  Program p;
  PrintOptions options;
  options.obj_to_underline = {p.store.value};
  options.num_context_lines = 1;
  options.print_line_numbers = true;
  EXPECT_EQ(to_script(p.func, options), R"((... 10 lines skipped ...)
 11             T.writes(B[vi, vj])
 12             B[vi, vj] = A[vi, vj] + T.float32(1.0)
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^
 13     T.evaluate(1))");
}

TEST(Marks, AProgramThatDeclaresLateIsMarkedOnce) {
  // The printer starts again when it meets a variable that nothing defines.
  VarRef free = make<Var>("n", kInt32);
  PrimFuncRef func = parse_func("@T.prim_func\ndef f():\n    T.evaluate(0)");
  Stmt body = make<Evaluate>(free);
  PrimFuncRef with_free = make<PrimFunc>(func->params, body, func->buffer_map, func->attrs);
  PrintOptions options;
  options.obj_to_annotate = {{body, "here"}};
  std::string text = to_script(with_free, options);
  EXPECT_NE(text.find("T.evaluate(n)  # here"), std::string::npos) << text;
  EXPECT_EQ(text.find("# here"), text.rfind("# here")) << text;
}

}  // namespace
}  // namespace metaschedule
