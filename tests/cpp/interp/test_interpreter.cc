// SPDX-License-Identifier: Apache-2.0
// What programs mean.
#include "metaschedule/interp/interpreter.h"

#include <gtest/gtest.h>

#include <chrono>

#include "metaschedule/ir/ir.h"

namespace metaschedule::interp {
namespace {

struct Arg {
  DType dtype;
  std::vector<int64_t> shape;
  std::vector<float> data;
  NDArrayView view() { return {data.data(), dtype, shape}; }
};
Arg floats(std::vector<int64_t> shape, float fill) {
  int64_t n = 1;
  for (int64_t s : shape) n *= s;
  return {kFloat32, shape, std::vector<float>(n, fill)};
}

VarRef var(const char* name) { return make<Var>(name, kInt32); }
Stmt loop(const VarRef& v, int64_t n, Stmt body, ForKind kind = ForKind::Serial) {
  return make<For>(v, i32(0), i32(n), kind, std::move(body));
}
PrimFuncRef function(const std::vector<BufferRef>& buffers, Stmt body) {
  Vars params;
  NodePairs map;
  std::vector<VarRef> list;
  for (const BufferRef& b : buffers) {
    list.push_back(make<Var>(b->name + "_handle", DType::handle()));
    map.emplace_back(list.back(), b);
  }
  return make<PrimFunc>(Vars(list), std::move(body), map);
}
Ref<IterVar> axis(const VarRef& v, int64_t n, IterType type = IterType::DataPar) {
  return make<IterVar>(make<Range>(i32(0), i32(n)), v, type);
}

/// C[i, j] = sum_k A[i, k] * B[k, j] where 4k0 + k1 < k
PrimFuncRef matmul(int64_t n, int64_t k) {
  BufferRef a = decl_buffer({i32(n), i32(k)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(k), i32(n)}, kFloat32, "B");
  BufferRef c = decl_buffer({i32(n), i32(n)}, kFloat32, "C");
  VarRef i = var("i"), j = var("j"), k0 = var("k0"), k1 = var("k1");
  VarRef vi = var("vi"), vj = var("vj"), vk = var("vk");
  Stmt update = make<BufferStore>(c, load(c, {vi, vj}) + load(a, {vi, vk}) * load(b, {vk, vj}),
                                  Exprs{vi, vj});
  Stmt init = make<BufferStore>(c, make_zero(kFloat32), Exprs{vi, vj});
  BlockRef block =
      make<Block>(List<IterVar>{axis(vi, n), axis(vj, n), axis(vk, k, IterType::CommReduce)},
                  BufferRegions{}, BufferRegions{}, "C", update, init);
  Expr at = Expr(k0) * 4 + Expr(k1);
  Stmt body = make<BlockRealize>(Exprs{i, j, at}, lt(at, i32(k)), block);
  body = loop(i, n, loop(j, n, loop(k0, (k + 3) / 4, loop(k1, 4, body)), ForKind::Vectorized),
              ForKind::Parallel);
  return function({a, b, c}, body);
}

TEST(Interpreter, RunsAScheduledReductionWithItsInitAndPredicate) {
  Arg a = floats({3, 6}, 2), b = floats({6, 3}, 3), c = floats({3, 3}, -1);
  run(*matmul(3, 6), {a.view(), b.view(), c.view()});
  for (float v : c.data) EXPECT_EQ(v, 36);
}

TEST(Interpreter, RunsAMillionStepsInWellUnderASecond) {
  Arg a = floats({64, 64}, 1), b = floats({64, 64}, 1), c = floats({64, 64}, 0);
  Program program(*matmul(64, 64));
  const auto start = std::chrono::steady_clock::now();
  program.run({a.view(), b.view(), c.view()});  // 262144 updates of 4 accesses
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  EXPECT_EQ(c.data[17], 64);
}

TEST(Interpreter, RefusesAccessesOutOfBounds) {
  BufferRef a = decl_buffer({i32(4)}, kFloat32, "A");
  VarRef i = var("i");
  PrimFuncRef f = function({a}, loop(i, 5, make<BufferStore>(a, make_zero(kFloat32), Exprs{i})));
  Arg arg = floats({4}, 0);
  try {
    run(*f, {arg.view()});
    FAIL();
  } catch (const RunError& e) {
    EXPECT_STREQ(e.what(), "interpreter: A[4] is out of bounds of the shape [4]");
  }
}

TEST(Interpreter, RefusesToReadWhatIsNotWritten) {
  BufferRef a = decl_buffer({i32(4)}, kFloat32, "A"), t = decl_buffer({i32(4)}, kFloat32, "T");
  Stmt body = make<BufferStore>(a, load(t, {i32(2)}), Exprs{i32(0)});
  PrimFuncRef f = function({a}, make<Allocate>(t->data, kFloat32, Exprs{i32(4)}, true_(), body));
  Arg arg = floats({4}, 0);
  EXPECT_THROW(run(*f, {arg.view()}), RunError);
  run(*f, {arg.view()}, {.check_uninitialised = false});
  EXPECT_TRUE(std::isnan(arg.data[0]));
}

TEST(Interpreter, StopsAtTheLimitOfSteps) {
  Arg a = floats({8, 8}, 1), b = floats({8, 8}, 1), c = floats({8, 8}, 0);
  EXPECT_THROW(run(*matmul(8, 8), {a.view(), b.view(), c.view()}, {.max_steps = 100}), RunError);
}

TEST(Interpreter, RefusesArgumentsThatDoNotFit) {
  Arg a = floats({3, 5}, 2), b = floats({6, 3}, 3), c = floats({3, 3}, -1);
  EXPECT_THROW(run(*matmul(3, 6), {a.view(), b.view(), c.view()}), ValueError);
  EXPECT_THROW(run(*matmul(3, 6), {a.view(), b.view()}), ValueError);
}

TEST(Interpreter, ReadsAllLanesBeforeItWritesOne) {
  // A[1:5] = A[0:4] shifts; then A[3:-1:-1] reverses by a stride of -1.
  BufferRef a = decl_buffer({i32(5)}, kFloat32, "A");
  Expr ramp0 = make<Ramp>(i32(0), i32(1), i32(4)), ramp1 = make<Ramp>(i32(1), i32(1), i32(4));
  Arg arg = floats({5}, 0);
  for (int i = 0; i < 5; ++i) arg.data[i] = static_cast<float>(i);
  run(*function({a}, make<BufferStore>(a, load(a, {ramp0}), Exprs{ramp1})), {arg.view()});
  EXPECT_EQ(arg.data, (std::vector<float>{0, 0, 1, 2, 3}));
  Expr back = make<Ramp>(i32(4), i32(-1), i32(4));
  Stmt reverse =
      make<BufferStore>(a, load(a, {back}) + make_const(kFloat32.with_lanes(4), 1), Exprs{ramp0});
  run(*function({a}, reverse), {arg.view()});
  EXPECT_EQ(arg.data, (std::vector<float>{4, 3, 2, 1, 3}));
}

TEST(Interpreter, ViewsGoToTheRegionTheyMatch) {
  BufferRef a = decl_buffer({i32(4), i32(6)}, kFloat32, "A");
  VarRef stride = var("s"), offset = var("o");
  auto made = mutate(*decl_buffer({i32(2), i32(2)}, kFloat32, "V"));
  made->strides = Exprs{stride, i32(1)};
  made->elem_offset = offset;
  BufferRef v = made;
  Ranges region = {make<Range>(i32(1), i32(2)), make<Range>(i32(3), i32(2))};
  auto match = make<MatchBufferRegion>(v, make<BufferRegion>(a, region));
  Expr value = cast(kFloat32, Expr(stride) * 100 + Expr(offset));
  BlockRef block = make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, "b",
                               make<BufferStore>(v, value, Exprs{i32(1), i32(1)}), nullptr,
                               List<Buffer>{}, List<MatchBufferRegion>{match});
  Arg arg = floats({4, 6}, 0);
  run(*function({a}, make<BlockRealize>(Exprs{}, true_(), block)), {arg.view()});
  EXPECT_EQ(arg.data[2 * 6 + 4], 6 * 100 + 1 * 6 + 3);
}

TEST(Interpreter, BindsAndChecksTheStridesOfArguments) {
  BufferRef b = decl_buffer({i32(2), i32(3)}, kFloat32, "B");
  auto made = mutate(*decl_buffer({i32(2), i32(3)}, kFloat32, "A"));
  VarRef s = var("s"), i = var("i"), j = var("j");
  made->strides = Exprs{s, i32(2)};
  BufferRef a = made;
  Stmt copy = make<BufferStore>(b, load(a, {i, j}), Exprs{i, j});
  Program program(*function({a, b}, loop(i, 2, loop(j, 3, copy))));
  Arg from = floats({2, 7}, 0), to = floats({2, 3}, 0);
  for (int k = 0; k < 14; ++k) from.data[k] = static_cast<float>(k);
  program.run({{from.data.data(), kFloat32, {2, 3}, {7, 2}}, to.view()});
  EXPECT_EQ(to.data, (std::vector<float>{0, 2, 4, 7, 9, 11}));
  from.shape = {2, 3};
  EXPECT_THROW(program.run({from.view(), to.view()}), ValueError);  // compact
  EXPECT_THROW(program.run({{from.data.data(), kFloat32, {2, 3}, {7, 2}},
                            {to.data.data(), kFloat32, {2, 3}, {4, 1}}}),
               ValueError);  // not compact
}

TEST(Interpreter, ChoosesLazilyWhereThatIsTheMeaning) {
  BufferRef a = decl_buffer({i32(4)}, kFloat32, "A"), b = decl_buffer({i32(5)}, kFloat32, "B");
  VarRef i = var("i");
  Expr inside = lt(i, i32(4)), read = load(a, {i}), zero = make_zero(kFloat32);
  auto program = [&](Expr value) {
    return function({a, b}, loop(i, 5, make<BufferStore>(b, value, Exprs{i})));
  };
  Arg x = floats({4}, 7), y = floats({5}, 1);
  run(*program(if_then_else(inside, read, zero)), {x.view(), y.view()}, {.eager_select = true});
  EXPECT_EQ(y.data[4], 0);
  PrimFuncRef with_select = program(make<Select>(inside, read, zero));
  run(*with_select, {x.view(), y.view()});
  EXPECT_THROW(run(*with_select, {x.view(), y.view()}, {.eager_select = true}), RunError);
}

TEST(Interpreter, IntegersAndBitsFollowTheirWidths) {
  const DType i8 = DType::int_(8), u8 = DType::uint(8);
  struct Case {
    Expr e;
    float expected;
  };
  VarRef x = make<Var>("x", i8), y = make<Var>("y", u8), n = var("n");
  Expr minus7 = make<Sub>(i32(0), n);
  const std::vector<Case> cases = {
      {make<Add>(x, int_imm(i8, 100)), -56},
      {make<Sub>(y, int_imm(u8, 201)), 255},
      {make<FloorDiv>(minus7, i32(2)), -4},
      {make<FloorMod>(minus7, i32(2)), 1},
      {make<Div>(minus7, i32(2)), -3},
      {make<Mod>(minus7, i32(2)), -1},
      {call(i8, "shift_right", {make<Sub>(int_imm(i8, 0), x), int_imm(i8, 2)}), -25},
      {call(u8, "bitwise_not", {y}), 55},
      {call(u8, "popcount", {y}), 3},
      {call(kInt32, "clz", {n}), 29},
      {cast(kInt32, call(i8, "reinterpret", {y})), -56},
      {make<Let>(var("t"), Expr(n) + 1, n), 7},
  };
  BufferRef out = decl_buffer({i32(static_cast<int64_t>(cases.size()))}, kFloat32, "out");
  std::vector<Stmt> stores;
  for (size_t k = 0; k < cases.size(); ++k)
    stores.push_back(make<BufferStore>(out, make<Cast>(kFloat32, cases[k].e),
                                       Exprs{i32(static_cast<int64_t>(k))}));
  Stmt body = make<SeqStmt>(stores);
  body = make<LetStmt>(n, i32(7), body);
  body = make<LetStmt>(y, int_imm(u8, 200), body);
  body = make<LetStmt>(x, int_imm(i8, 100), body);
  Arg arg = floats({static_cast<int64_t>(cases.size())}, 0);
  run(*function({out}, body), {arg.view()});
  for (size_t k = 0; k < cases.size(); ++k) EXPECT_EQ(arg.data[k], cases[k].expected) << k;
}

TEST(Interpreter, DivisionByZeroAndOpaqueCallsAreErrors) {
  BufferRef out = decl_buffer({i32(1)}, kInt32, "out");
  VarRef n = var("n");
  Stmt divide =
      make<LetStmt>(n, i32(0), make<BufferStore>(out, make<FloorDiv>(i32(1), n), Exprs{i32(0)}));
  int32_t memory = 0;
  EXPECT_THROW(run(*function({out}, divide), {{&memory, kInt32, {1}}}), RunError);
  Stmt opaque = make<Evaluate>(call(kInt32, "call_extern", {make<StringImm>("f")}));
  EXPECT_THROW(run(*function({out}, opaque), {{&memory, kInt32, {1}}}), TypeError);
}

}  // namespace
}  // namespace metaschedule::interp
