// SPDX-License-Identifier: Apache-2.0
// Writes programs with ir/build.h, without text and without Python, and shows that they are the
// ones that their TVMScript says.
//
//   example_build_program
#include <fmt/format.h>

#include "metaschedule/ir/build.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/script/access_region.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace ms = metaschedule;
namespace build = metaschedule::build;
using ms::Expr;

namespace {

/// max(A B, 0): a reduction with its init, and a stage that reads it.
ms::PrimFuncRef matmul_relu() {
  build::FuncBuilder f("matmul_relu");
  const ms::BufferRef a = f.buffer("A", {64, 32}), b = f.buffer("B", {32, 16});
  const ms::BufferRef d = f.buffer("D", {64, 16});
  const ms::BufferRef c = f.alloc("C", {64, 16});
  f.annotate("tir.noalias", ms::true_());
  const ms::Stmt product =
      build::grid({{"i", 64}, {"j", 16}, {"k", 32}}, [&](const build::Indices& at) {
        build::BlockBuilder block("C");
        const Expr i = block.spatial("vi", 64, at[0]), j = block.spatial("vj", 16, at[1]);
        const Expr k = block.reduce("vk", 32, at[2]);
        block.init(build::store(c, {i, j}, ms::make_zero(ms::kFloat32)));
        return block.body(build::store(
            c, {i, j}, ms::load(c, {i, j}) + ms::load(a, {i, k}) * ms::load(b, {k, j})));
      });
  const ms::Stmt relu = build::grid({{"i", 64}, {"j", 16}}, [&](const build::Indices& at) {
    build::BlockBuilder block("D");
    const Expr i = block.spatial("vi", 64, at[0]), j = block.spatial("vj", 16, at[1]);
    return block.body(
        build::store(d, {i, j}, ms::max(ms::load(c, {i, j}), ms::make_zero(ms::kFloat32))));
  });
  f.body(build::seq({product, relu}));
  return ms::complete_blocks(*f.finish());
}

constexpr const char* kMatmulRelu = R"(
@T.prim_func
def matmul_relu(A: T.Buffer((64, 32)), B: T.Buffer((32, 16)), D: T.Buffer((64, 16))):
    T.func_attr({"tir.noalias": True})
    C = T.alloc_buffer((64, 16))
    for i, j, k in T.grid(64, 16, 32):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
    for i, j in T.grid(64, 16):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = T.max(C[vi, vj], T.float32(0))
)";

/// Loops of other kinds, an axis computed from two loops, a predicate, and a size that is known
/// only when the function is called.
ms::PrimFuncRef scale_rows() {
  build::FuncBuilder f("scale_rows");
  const ms::VarRef n = f.scalar("n");
  const ms::BufferRef a = f.buffer("A", {n, 50}), b = f.buffer("B", {n, 50});
  build::LoopOptions parallel{.kind = ms::ForKind::Parallel};
  build::LoopOptions vectors{.kind = ms::ForKind::Vectorized};
  f.body(build::loop(
      "i", n,
      [&](const Expr& i) {
        return build::loop("jo", 4, [&](const Expr& jo) {
          return build::loop(
              "ji", 16,
              [&](const Expr& ji) {
                build::BlockBuilder block("scale");
                const Expr vi = block.spatial("vi", n, i);
                const Expr vj = block.spatial("vj", 50, jo * 16 + ji);
                block.where(ms::lt(jo * 16 + ji, ms::i32(50)));
                block.annotate("note", ms::make<ms::String>("the last vector is cut"));
                return block.body(build::store(
                    b, {vi, vj}, ms::load(a, {vi, vj}) * ms::make_const(ms::kFloat32, 2)));
              },
              vectors);
        });
      },
      parallel));
  return ms::complete_blocks(*f.finish());
}

constexpr const char* kScaleRows = R"(
@T.prim_func
def scale_rows(n: T.int32, a: T.handle, b: T.handle):
    A = T.match_buffer(a, (n, 50))
    B = T.match_buffer(b, (n, 50))
    for i in T.parallel(n):
        for jo in range(4):
            for ji in T.vectorized(16):
                with T.block("scale"):
                    vi = T.axis.spatial(n, i)
                    vj = T.axis.spatial(50, jo * 16 + ji)
                    T.where(jo * 16 + ji < 50)
                    T.block_attr({"note": "the last vector is cut"})
                    B[vi, vj] = A[vi, vj] * T.float32(2)
)";

/// A statement without blocks: a prefix sum, with a variable for each step.
ms::PrimFuncRef prefix_sum() {
  build::FuncBuilder f("prefix_sum");
  const ms::BufferRef a = f.buffer("A", {100}, ms::kInt32), s = f.buffer("S", {100}, ms::kInt32);
  f.body(build::loop("i", 100, [&](const Expr& i) {
    const Expr before = ms::if_then_else(ms::gt(i, ms::i32(0)), ms::load(s, {i - 1}), ms::i32(0));
    return build::let("x", before,
                      [&](const Expr& x) { return build::store(s, {i}, x + ms::load(a, {i})); });
  }));
  return f.finish();
}

constexpr const char* kPrefixSum = R"(
@T.prim_func
def prefix_sum(A: T.Buffer((100,), "int32"), S: T.Buffer((100,), "int32")):
    for i in range(100):
        x: T.int32 = T.if_then_else(i > 0, S[i - 1], 0)
        S[i] = x + A[i]
)";

bool show(const ms::PrimFuncRef& built, const char* text) {
  ms::check_well_formed(*built);
  fmt::print("{}\n\n", ms::to_script(built));
  const ms::PrimFuncRef parsed = ms::parse_func(text);
  const auto difference = ms::first_mismatch(built.get(), parsed.get());
  if (difference) fmt::print("but its text says otherwise, at {}\n", difference->lhs);
  return !difference;
}

}  // namespace

int main() {
  try {
    bool same = show(matmul_relu(), kMatmulRelu);
    same = show(scale_rows(), kScaleRows) && same;
    same = show(prefix_sum(), kPrefixSum) && same;
    return same ? 0 : 1;
  } catch (const ms::Error& e) {
    fmt::print(stderr, "{}\n", e.render());
    return 1;
  }
}
