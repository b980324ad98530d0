// SPDX-License-Identifier: Apache-2.0
// Tensor intrinsics: their registry, matching, tensorize, and blockize of a list.
#include <gtest/gtest.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/schedule/analysis_tensorize.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/schedule/tensorize_match.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

const char* kMatmul = R"(@T.prim_func
def main(A: T.Buffer((8, 64), "uint8"), W: T.Buffer((64, 64), "int8"), C: T.Buffer((8, 64), "int32")):
    for i, j, k in T.grid(8, 64, 64):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = 0
            C[vi, vj] = C[vi, vj] + T.Cast("int32", A[vi, vk]) * T.Cast("int32", W[vj, vk])
)";

TEST(TensorIntrin, ThoseThatShipDescribeAndImplementTheSameBuffers) {
  std::vector<std::string> names = tensor_intrin_names();
  EXPECT_GE(names.size(), 60u);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    TensorIntrinRef intrin = get_tensor_intrin(name);
    for (const PrimFunc* func : {intrin->desc.get(), intrin->impl.get()}) {
      const BlockRealize* root = as<BlockRealize>(func->body);
      ASSERT_TRUE(root);
      EXPECT_TRUE(root->block->iter_vars.empty());
    }
    for (size_t i = 0; i < intrin->desc->params.size(); ++i) {
      BufferRef a = intrin->desc->buffer_of(intrin->desc->params[i]),
                b = intrin->impl->buffer_of(intrin->impl->params[i]);
      EXPECT_EQ(a->dtype, b->dtype);
      EXPECT_EQ(a->scope(), b->scope());
      ASSERT_EQ(a->shape.size(), b->shape.size());
      for (size_t d = 0; d < a->shape.size(); ++d)
        EXPECT_TRUE(structural_equal(a->shape[d], b->shape[d]));
    }
    const Block &desc = *cast_to<BlockRealize>(*intrin->desc->body).block,
                &impl = *cast_to<BlockRealize>(*intrin->impl->body).block;
    ASSERT_EQ(desc.reads.size(), impl.reads.size());
    ASSERT_EQ(desc.writes.size(), impl.writes.size());
  }
}

TEST(TensorIntrin, EachDescriptionMatchesItself) {
  for (const std::string& name : tensor_intrin_names()) {
    SCOPED_TRACE(name);
    TensorIntrinRef intrin = get_tensor_intrin(name);
    PrimFuncRef other = renew_definitions(*intrin->desc);
    TensorizeMatcher matcher;
    bool same = matcher.match(cast_to<BlockRealize>(*other->body),
                              cast_to<BlockRealize>(*intrin->desc->body));
    EXPECT_TRUE(same) << (matcher.problems().empty() ? "" : matcher.problems()[0]);
  }
}

TEST(TensorIntrin, NamesAreTakenOnce) {
  TensorIntrinRef vnni = get_tensor_intrin("dot_16x4_vnni");
  EXPECT_THROW(register_tensor_intrin("dot_16x4_vnni", vnni), ValueError);
  register_tensor_intrin("mine", vnni);
  EXPECT_TRUE(get_tensor_intrin("mine").same_as(vnni));
  register_tensor_intrin("mine", get_tensor_intrin("dot_16x4_avx512"), true);
  EXPECT_FALSE(get_tensor_intrin("mine").same_as(vnni));
  EXPECT_THROW(get_tensor_intrin("none of this name"), ValueError);
  EXPECT_THROW(make_tensor_intrin(vnni->desc, get_tensor_intrin("wmma_fill_16x16x16_f32")->impl),
               ValueError);
}

/// The matmul in tiles of 16 x 4, with the inner tile's outermost loop.
struct Tiled {
  Schedule sch{parse_module(kMatmul), 1};
  LoopRV k_outer, inner;
  BlockRV block;

  Tiled() {
    block = sch.get_block("C");
    std::vector<LoopRV> loops = sch.get_loops(block);

    std::vector<LoopRV> j = sch.split(loops[1], {nullptr, i32(16)}),
                        k = sch.split(loops[2], {nullptr, i32(4)});
    sch.reorder({j[0], k[0], j[1], k[1]});
    k_outer = k[0];
    inner = j[1];
  }
};

TEST(Tensorize, ReplacesWhatTheIntrinsicComputes) {
  Tiled tiled;
  tiled.sch.decompose_reduction(tiled.block, tiled.k_outer);
  tiled.sch.tensorize(tiled.inner, "dot_16x4_vnni");
  BlockRV outer = tiled.sch.get_block("C_update_o");
  const Block& block = *tiled.sch.get(outer);
  ASSERT_EQ(block.match_buffers.size(), 3u);
  EXPECT_EQ(block.match_buffers[0]->source->buffer->name, "A");
  EXPECT_EQ(block.match_buffers[1]->source->buffer->name, "W");
  EXPECT_EQ(block.iter_vars.size(), 3u);
}

TEST(Tensorize, LeavesTheScheduleAloneWhenItDoesNotMatch) {
  Tiled tiled;
  ModuleRef before = tiled.sch.mod();
  // The init is still inside.
  EXPECT_THROW(tiled.sch.tensorize(tiled.inner, "dot_16x4_vnni"), ScheduleError);
  EXPECT_TRUE(structural_equal(before, tiled.sch.mod()));
  tiled.sch.decompose_reduction(tiled.block, tiled.k_outer);
  EXPECT_THROW(tiled.sch.tensorize(tiled.inner, "dot_4x4_i8i8s32_sdot"), ScheduleError);
  EXPECT_THROW(tiled.sch.tensorize(tiled.inner, "no such intrinsic"), ValueError);
}

TEST(TensorizeAnalysis, MapsLoopsFromTheLastAxisUp) {
  Schedule sch(parse_module(kMatmul), 1);
  BlockRV block = sch.get_block("C");
  auto info = tensorize_loop_mapping(sch.path_of(block), *get_tensor_intrin("dot_16x4_vnni")->desc);
  ASSERT_TRUE(info);
  ASSERT_EQ(info->loop_map.size(), 2u);
  EXPECT_EQ(info->loop_map[0].first->loop_var->name, "k");
  EXPECT_EQ(info->loop_map[1].first->loop_var->name, "j");
  EXPECT_TRUE(info->paddings.empty());
}

TEST(TensorizeAnalysis, AsksForPaddingOnlyWhereItIsAllowed) {
  Schedule sch(parse_module(R"(@T.prim_func
def main(A: T.Buffer((127, 65), "float32"), B: T.Buffer((65, 256), "float32"), C: T.Buffer((127, 256), "float32")):
    for i, j, k in T.grid(127, 256, 65):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)"),
               1);
  const PrimFunc& desc = *get_tensor_intrin("wmma_sync_16x16x16_f16f16f16")->desc;
  Path path = sch.path_of(sch.get_block("C"));
  EXPECT_FALSE(tensorize_loop_mapping(path, desc));
  auto info = tensorize_loop_mapping(path, desc, true);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->paddings, (std::vector<int64_t>{16, 1, 16}));
}

TEST(TensorizeAnalysis, FusesTheAxesOfAConvolution) {
  Schedule sch(parse_module(R"(@T.prim_func
def main(X: T.Buffer((1, 18, 18, 64), "float16"), W: T.Buffer((3, 3, 64, 64), "float16"), Y: T.Buffer((1, 16, 16, 64), "float16")):
    for n, h, w, co, rh, rw, rc in T.grid(1, 16, 16, 64, 3, 3, 64):
        with T.block("Y"):
            vn, vh, vw, vco, vrh, vrw, vrc = T.axis.remap("SSSSRRR", [n, h, w, co, rh, rw, rc])
            with T.init():
                Y[vn, vh, vw, vco] = T.float16(0)
            Y[vn, vh, vw, vco] = Y[vn, vh, vw, vco] + X[vn, vh + vrh, vw + vrw, vrc] * W[vrh, vrw, vrc, vco]
)"),
               1);
  const Block& block = *sch.get(sch.get_block("Y"));
  auto found =
      auto_tensorize_mapping(block, *get_tensor_intrin("wmma_sync_16x16x16_f16f16f16")->desc);
  ASSERT_TRUE(found);
  PrimFuncRef expected = parse_func(R"(@T.prim_func
def f(n: T.int32, h: T.int32, w: T.int32, co: T.int32, rh: T.int32, rw: T.int32, rc: T.int32):
    T.evaluate(n * 256 + h * 16 + w)
    T.evaluate(co)
    T.evaluate(rh * 192 + rw * 64 + rc)
)");
  ASSERT_EQ(found->mapping->final_indices.size(), 3u);
  std::vector<Stmt> body;
  for (const Expr& e : found->mapping->final_indices) body.push_back(make<Evaluate>(e));
  PrimFuncRef given = make<PrimFunc>(found->mapping->initial_indices, flatten_seq(body));
  EXPECT_TRUE(structural_equal(given->body, expected->body, {.map_free_vars = true}));
}

TEST(Blockize, TakesNeighboursTogether) {
  Schedule sch(parse_module(R"(@T.prim_func
def main(A: T.Buffer((16, 8), "float32"), B: T.Buffer((16, 8), "float32"), C: T.Buffer((16, 8), "float32")):
    for i in range(16):
        for j in range(8):
            with T.block("B"):
                vi, vj = T.axis.remap("SS", [i, j])
                B[vi, vj] = A[vi, vj] + T.float32(1)
        for j in range(8):
            with T.block("C"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[vi, vj] = B[vi, vj] * T.float32(2)
)"),
               1);
  BlockRV b = sch.get_block("B"), c = sch.get_block("C");
  BlockRV outer = sch.blockize(std::vector<BlockRV>{b, c});
  ModuleRef expected = parse_module(R"(@T.prim_func
def main(A: T.Buffer((16, 8), "float32"), B: T.Buffer((16, 8), "float32"), C: T.Buffer((16, 8), "float32")):
    for i in range(16):
        with T.block("outer_B_C_"):
            vi_o = T.axis.spatial(16, i)
            vj_o = T.axis.spatial(1, 0)
            T.reads(A[vi_o, 0:8], B[vi_o, 0:8])
            T.writes(B[vi_o, 0:8], C[vi_o, 0:8])
            for j in range(8):
                with T.block("B"):
                    vj_i = T.axis.spatial(8, j)
                    T.reads(A[vi_o, vj_i])
                    T.writes(B[vi_o, vj_i])
                    B[vi_o, vj_i] = A[vi_o, vj_i] + T.float32(1)
            for j in range(8):
                with T.block("C"):
                    vj_i = T.axis.spatial(8, j)
                    T.reads(B[vi_o, vj_i])
                    T.writes(C[vi_o, vj_i])
                    C[vi_o, vj_i] = B[vi_o, vj_i] * T.float32(2)
)");
  EXPECT_EQ(sch.get(outer)->name_hint, "outer_B_C_");
  auto mismatch = first_mismatch(sch.mod().get(), expected.get());
  EXPECT_FALSE(mismatch) << mismatch->lhs;
}

}  // namespace
}  // namespace metaschedule
