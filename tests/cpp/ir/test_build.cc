// SPDX-License-Identifier: Apache-2.0
// Programs written with build.h are those that their text says; examples/build_program.cc compares
// larger ones.
#include <gtest/gtest.h>

#include "metaschedule/ir/build.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/script/access_region.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

void expect_is(const PrimFuncRef& built, const std::string& text) {
  auto mismatch = first_mismatch(built.get(), parse_func(text).get());
  EXPECT_FALSE(mismatch) << mismatch->lhs << "\n" << to_script(built);
}

TEST(Build, ThreadLoopsStartAnywhereAndCarryAnnotations) {
  build::FuncBuilder f("main");
  BufferRef a = f.buffer("A", {64}, DType::int_(8));
  build::LoopOptions options{.kind = ForKind::ThreadBinding,
                             .min = 4,
                             .thread = "threadIdx.x",
                             .annotations = Dict{{"k", i32(1)}}};
  f.body(build::loop("i", 32, [&](const Expr& i) { return build::store(a, {i}, i); }, options));
  expect_is(f.finish(), R"(@T.prim_func
def main(A: T.Buffer((64,), "int8")):
    for i in T.thread_binding(4, 36, thread="threadIdx.x", annotations={"k": 1}):
        A[i] = T.Cast("int8", i))");
}

TEST(Build, BlocksMatchRegionsAndKeepTheRegionsThatTheyAreTold) {
  build::FuncBuilder f;
  BufferRef a = f.buffer("A", {16}), b = f.buffer("B", {4});
  f.body(build::loop("i", 4, [&](const Expr& i) {
    build::BlockBuilder block("b");
    Expr vi = block.spatial("vi", 4, i);
    block.writes({build::region(b, {0}, {4})});
    BufferRef part = block.match("P", build::region(a, {vi * 4}, {4}));
    BufferRef own = block.alloc("own", {1}, kFloat32, "local");
    return block.body(build::seq({build::store(own, {0}, load(part, {i32(3)})),
                                  build::store(b, {vi}, load(own, {i32(0)}))}));
  }));
  PrimFuncRef func = complete_blocks(*f.finish());
  expect_is(func, R"(@T.prim_func(private=True)
def main(A: T.Buffer((16,)), B: T.Buffer((4,))):
    for i in range(4):
        with T.block("b"):
            vi = T.axis.spatial(4, i)
            T.reads(A[vi * 4 + 3])
            T.writes(B[0:4])
            own = T.alloc_buffer((1,), scope="local")
            P = T.match_buffer(A[vi * 4:vi * 4 + 4], (4,))
            own[0] = P[3]
            B[vi] = own[0])");
  EXPECT_EQ(to_script(func).find(build::kDetectAccess), std::string::npos);
}

TEST(Build, CompletingAFunctionOfPlainLoopsChangesNothing) {
  build::FuncBuilder f("main");
  BufferRef a = f.buffer("A", {8});
  f.body(build::grid({{"i", 2}, {"j", 4}}, [&](const build::Indices& at) {
    return build::store(a, {at[0] * 4 + at[1]}, make_zero(kFloat32));
  }));
  PrimFuncRef func = f.finish();
  EXPECT_TRUE(structural_equal(func, complete_blocks(*func)));
}

TEST(Build, WhatIsMissingIsSaid) {
  EXPECT_THROW(build::FuncBuilder("f").finish(), ValueError);
  BufferRef a = decl_buffer({i32(4)});
  EXPECT_THROW(build::region(a, {0}, {1, 2}), ValueError);
  auto body = [&](const Expr& i) { return build::store(a, {i}, i); };
  EXPECT_THROW(build::loop("i", 4, body, {.kind = ForKind::ThreadBinding}), ValueError);
}

}  // namespace
}  // namespace metaschedule
