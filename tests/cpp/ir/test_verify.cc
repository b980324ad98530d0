// SPDX-License-Identifier: Apache-2.0
// The rules of well-formedness, each with a program that breaks it.
#include <gtest/gtest.h>

#include "metaschedule/ir/ir.h"

namespace metaschedule {
namespace {

BufferRef buffer() { return decl_buffer({i32(8)}, kFloat32, "A"); }
Stmt store(const BufferRef& a, const Expr& index) {
  return make<BufferStore>(a, make_const(kFloat32, 1), Exprs{index});
}
Stmt loop(const VarRef& i, Stmt body) {
  return make<For>(i, i32(0), i32(8), ForKind::Serial, std::move(body));
}
PrimFuncRef function(const BufferRef& a, Stmt body) {
  VarRef param = make<Var>("A_handle", DType::handle());
  return make<PrimFunc>(Vars{param}, std::move(body), NodePairs{{param, a}});
}
std::string problem(const PrimFuncRef& func) { return find_ill_formed(*func).value_or(""); }

TEST(WellFormed, AcceptsALoopOverABuffer) {
  BufferRef a = buffer();
  VarRef i = make<Var>("i", kInt32);
  EXPECT_EQ(problem(function(a, loop(i, store(a, i)))), "");
}

TEST(WellFormed, RefusesAVariableThatNothingDefines) {
  BufferRef a = buffer();
  VarRef n = make<Var>("n", kInt32);
  EXPECT_EQ(problem(function(a, store(a, n))), "Invalid use of undefined variable n");
}

TEST(WellFormed, RefusesAUseAfterTheScope) {
  BufferRef a = buffer();
  VarRef i = make<Var>("i", kInt32);
  Stmt body = flatten_seq({loop(i, store(a, i)), store(a, i)});
  EXPECT_EQ(problem(function(a, body)), "Invalid use of undefined variable i");
}

TEST(WellFormed, RefusesASecondDefinition) {
  BufferRef a = buffer();
  VarRef i = make<Var>("i", kInt32);
  std::string twice = "TIR is ill-formed, due to multiple definitions of variable i";
  EXPECT_EQ(problem(function(a, loop(i, loop(i, store(a, i))))), twice);
  EXPECT_EQ(problem(function(a, flatten_seq({loop(i, store(a, i)), loop(i, store(a, i))}))), twice);
}

TEST(WellFormed, RefusesALoopVariableInsideABlockWithAxes) {
  BufferRef a = buffer();
  VarRef i = make<Var>("i", kInt32), v = make<Var>("v", kInt32);
  auto axis = make<IterVar>(make<Range>(i32(0), i32(8)), v, IterType::DataPar);
  auto realize = [&](const Expr& index) {
    BlockRef block = make<Block>(List<IterVar>{axis}, BufferRegions{},
                                 BufferRegions{point_region(a, {v})}, "b", store(a, index));
    return function(a, loop(i, make<BlockRealize>(Exprs{i}, true_(), block)));
  };
  EXPECT_EQ(problem(realize(v)), "");
  EXPECT_NE(problem(realize(i)).find("used inside the non-opaque current block \"b\""),
            std::string::npos);
  EXPECT_THROW(check_well_formed(*realize(i)), VerifyError);
}

}  // namespace
}  // namespace metaschedule
