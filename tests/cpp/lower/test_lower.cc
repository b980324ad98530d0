// SPDX-License-Identifier: Apache-2.0
// The whole pipeline on programs built by hand.
#include "metaschedule/lower/lower.h"

#include <gtest/gtest.h>

#include "property/interp_util.h"

namespace metaschedule::lower {
namespace {

using metaschedule::testing::compare_programs;

Stmt loop(const VarRef& v, int64_t n, Stmt body, ForKind kind = ForKind::Serial) {
  return make<For>(v, i32(0), i32(n), kind, std::move(body));
}
VarRef var(const char* name) { return make<Var>(name, kInt32); }
Ref<IterVar> axis(const VarRef& v, int64_t n, IterType type = IterType::DataPar) {
  return make<IterVar>(make<Range>(i32(0), i32(n)), v, type);
}

/// C[i, j] = max over k of A[i, k] * B[k, j], j vectorised in tiles of `lanes`, k in tiles of 4
/// with a predicate.
PrimFuncRef product(int64_t n, int64_t m, int64_t k, int64_t lanes) {
  BufferRef a = decl_buffer({i32(n), i32(k)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(k), i32(m)}, kFloat32, "B");
  BufferRef c = decl_buffer({i32(n), i32(m)}, kFloat32, "C");
  VarRef i = var("i"), j0 = var("j0"), j1 = var("j1"), k0 = var("k0"), k1 = var("k1");
  VarRef vi = var("vi"), vj = var("vj"), vk = var("vk");
  Stmt update = make<BufferStore>(c, load(c, {vi, vj}) + load(a, {vi, vk}) * load(b, {vk, vj}),
                                  Exprs{vi, vj});
  Stmt init = make<BufferStore>(c, make_zero(kFloat32), Exprs{vi, vj});
  BlockRef block =
      make<Block>(List<IterVar>{axis(vi, n), axis(vj, m), axis(vk, k, IterType::CommReduce)},
                  BufferRegions{point_region(a, {vi, vk}), point_region(b, {vk, vj})},
                  BufferRegions{point_region(c, {vi, vj})}, "C", update, init);
  Expr col = Expr(j0) * lanes + Expr(j1), row = Expr(k0) * 4 + Expr(k1);
  Stmt body =
      make<BlockRealize>(Exprs{i, col, row}, logical_and(lt(col, i32(m)), lt(row, i32(k))), block);
  body = loop(k0, (k + 3) / 4, loop(k1, 4, loop(j1, lanes, body, ForKind::Vectorized)));
  body = loop(i, n, loop(j0, (m + lanes - 1) / lanes, body), ForKind::Parallel);
  VarRef pa = make<Var>("a", DType::handle()), pb = make<Var>("b", DType::handle()),
         pc = make<Var>("c", DType::handle());
  return make<PrimFunc>(Vars{pa, pb, pc}, body, NodePairs{{pa, a}, {pb, b}, {pc, c}});
}

TEST(Lower, KeepsWhatAProgramComputesWhateverTheTails) {
  for (int64_t m : {1, 7, 16, 19, 64}) {
    for (int64_t k : {1, 3, 8, 21}) {
      for (int64_t lanes : {4, 16, 24}) {
        PrimFuncRef f = product(5, m, k, lanes);
        EXPECT_EQ(compare_programs(*f, *lower(f), 1, {.eager_select = true}), "")
            << m << " " << k << " " << lanes;
      }
    }
  }
}

TEST(Lower, LeavesNoBlocksAndNoVectorLoops) {
  PrimFuncRef f = lower(product(4, 16, 8, 16));
  EXPECT_FALSE(any_node(*f->body, [](const Node& n) {
    const For* l = as<For>(&n);
    return n.kind == Kind::BlockRealize || (l && l->kind == ForKind::Vectorized);
  }));
}

TEST(Lower, IsHarmlessTwice) {
  PrimFuncRef f = product(5, 19, 21, 16), once = lower(f);
  EXPECT_EQ(compare_programs(*f, *lower(once), 2), "");
}

}  // namespace
}  // namespace metaschedule::lower
