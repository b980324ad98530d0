// SPDX-License-Identifier: Apache-2.0
// What tensor expressions become: names, nesting, several outputs, what is refused.
#include <gtest/gtest.h>

#include "metaschedule/ir/verify.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/te/workload.h"

namespace metaschedule::te {
namespace {

std::string text(const std::vector<TensorRef>& args) {
  PrimFuncRef func = create_prim_func(args);
  check_well_formed(*func);
  std::string printed = to_script(func);
  return printed.substr(printed.find("    # with"));
}

TEST(CreatePrimFunc, BlocksOfOneNameAreNumbered) {
  TensorRef x = placeholder({i32(8)}, kFloat32, "x");
  auto plus_one = [](const TensorRef& t) {
    return compute({i32(8)}, [&](const Indices& i) { return at(t, i) + make_const(kFloat32, 1); },
                   {.name = "q"});
  };
  TensorRef q1 = plus_one(x), q2 = plus_one(q1);
  EXPECT_EQ(text({x, q2}), R"(    # with T.block("root"):
    q_1 = T.alloc_buffer((8,))
    for i0 in range(8):
        with T.block("q"):
            v_i0 = T.axis.spatial(8, i0)
            T.reads(x[v_i0])
            T.writes(q_1[v_i0])
            q_1[v_i0] = x[v_i0] + T.float32(1.0)
    for i0 in range(8):
        with T.block("q_1"):
            v_i0 = T.axis.spatial(8, i0)
            T.reads(q_1[v_i0])
            T.writes(q[v_i0])
            q[v_i0] = q_1[v_i0] + T.float32(1.0))");
}

TEST(CreatePrimFunc, ATupleReductionStoresAfterAllIsComputed) {
  TensorRef idx = placeholder({i32(8), i32(16)}, kInt32, "idx");
  TensorRef val = placeholder({i32(8), i32(16)}, kFloat32, "val");
  Ref<CommReducer> argmax = comm_reducer(
      [](const Indices& x, const Indices& y) {
        Expr keep = ge(x[1], y[1]);
        return std::vector<Expr>{select(keep, x[0], y[0]), select(keep, x[1], y[1])};
      },
      {i32(-1), min_value(kFloat32)});
  auto k = reduce_axis(i32(16), "k");
  std::vector<TensorRef> out =
      compute_many({i32(8)},
                   [&](const Indices& i) {
                     return reduce(argmax, {at(idx, {i[0], k->var}), at(val, {i[0], k->var})}, {k});
                   },
                   {.name = "am", .axes = {"i"}});
  EXPECT_EQ(text({idx, val, out[0], out[1]}), R"(    # with T.block("root"):
    for i, k in T.grid(8, 16):
        with T.block("am"):
            v_i, v_k = T.axis.remap("SR", [i, k])
            T.reads(val[v_i, v_k], idx[v_i, v_k])
            T.writes(am_v0[v_i], am_v1[v_i])
            with T.init():
                am_v0[v_i] = -1
                am_v1[v_i] = T.float32(-340282346638528859811704183484516925440.0)
            v_am_v0: T.int32 = T.Select(am_v1[v_i] >= val[v_i, v_k], am_v0[v_i], idx[v_i, v_k])
            v_am_v1: T.float32 = T.Select(am_v1[v_i] >= val[v_i, v_k], am_v1[v_i], val[v_i, v_k])
            am_v0[v_i] = v_am_v0
            am_v1[v_i] = v_am_v1)");
}

TEST(CreatePrimFunc, AReductionOverARangeOfAnotherAxisIsNested) {
  TensorRef a = placeholder({i32(8)}, kFloat32, "A");
  TensorRef tri = compute({i32(8)},
                          [&](const Indices& i) {
                            auto k = reduce_axis(i[0] + 1, "k");
                            return sum(at(a, {k->var}), {k});
                          },
                          {.name = "tri", .axes = {"x"}});
  EXPECT_EQ(text({a, tri}), R"(    # with T.block("root"):
    for x in range(8):
        with T.block("tri_l1"):
            v_x = T.axis.spatial(8, x)
            T.reads(A[0:v_x + 1])
            T.writes(tri[v_x])
            for k in range(v_x + 1):
                with T.block("tri"):
                    v_x_1 = T.axis.spatial((v_x, v_x + 1), v_x)
                    v_k = T.axis.reduce(v_x + 1, k)
                    T.reads(A[v_k])
                    T.writes(tri[v_x_1])
                    with T.init():
                        tri[v_x_1] = T.float32(0.0)
                    tri[v_x_1] = tri[v_x_1] + A[v_k])");
}

TEST(CreatePrimFunc, AnOutputWithoutDimensionsHasOneStep) {
  TensorRef a = placeholder({i32(1), i32(1)}, kFloat32, "A");
  TensorRef s = compute(
      Exprs(), [&](const Indices&) { return at(a, {i32(0), i32(0)}) + make_const(kFloat32, 1); },
      {.name = "S"});
  EXPECT_EQ(text({a, s}), R"(    # with T.block("root"):
    with T.block("S"):
        vi = T.axis.spatial(1, 0)
        T.reads(A[0, 0])
        T.writes(S[()])
        S[()] = A[0, 0] + T.float32(1.0))");
}

TEST(CreatePrimFunc, IndicesMayBeWidened) {
  VarRef n = make<Var>("n", kInt32);
  TensorRef a = placeholder({n, i32(8)}, kFloat32, "A");
  TensorRef b = compute({n, i32(4)},
                        [&](const Indices& i) {
                          Expr shifted = at(a, {i[0], i[1] * 2 + 1});
                          return if_then_else(lt(i[1], i32(3)), shifted, cast(kFloat32, i[0]));
                        },
                        {.name = "B", .axes = {"i", "j"}});
  PrimFuncRef func = create_prim_func({a, b}, kInt64);
  check_well_formed(*func);
  std::string printed = to_script(func);
  EXPECT_NE(printed.find("n = T.int64()"), std::string::npos) << printed;
  EXPECT_NE(printed.find("for i, j in T.grid(n, T.int64(4)):"), std::string::npos) << printed;
  EXPECT_NE(printed.find("B[v_i, v_j] = T.if_then_else(v_j < T.int64(3), A[v_i, v_j * T.int64(2) + "
                         "T.int64(1)], T.Cast(\"float32\", v_i))"),
            std::string::npos)
      << printed;
}

TEST(CreatePrimFunc, AMissingInputIsNamed) {
  TensorRef a = placeholder({i32(8)}, kFloat32, "A");
  TensorRef b = compute({i32(8)}, [&](const Indices& i) { return at(a, i); }, {.name = "B"});
  try {
    create_prim_func({b});
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_NE(e.message().find("does not appear as a function argument"), std::string::npos);
  }
  EXPECT_THROW(create_te_workload("nothing", 0), ValueError);
  EXPECT_THROW(create_te_workload("GMM", 4), ValueError);
}

TEST(CreatePrimFunc, EveryReadyMadeWorkloadIsWellFormed) {
  for (const auto& [name, count] : te_workloads()) {
    for (int i = 0; i < count; ++i)
      EXPECT_TRUE(is_well_formed(*create_te_workload(name, i))) << name << i;
  }
}

}  // namespace
}  // namespace metaschedule::te
