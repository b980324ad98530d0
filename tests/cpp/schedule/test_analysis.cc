// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/schedule/analysis.h"

#include <gtest/gtest.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/analysis_index_map.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

/// Two stages through B; each is the text of a nest with a block of that name.
ModuleRef two_stages(const std::string& first, const std::string& second) {
  std::string text =
      "@T.prim_func\n"
      "def main(A: T.Buffer((16,), \"float32\"), C: T.Buffer((16,), \"float32\")):\n"
      "    B = T.alloc_buffer((16,))\n";
  return parse_module(text + first + second);
}
std::string stage(const std::string& loops, const std::string& name, const std::string& store) {
  return "    for i in " + loops + ":\n        with T.block(\"" + name +
         "\"):\n            vi = T.axis.spatial(16, i)\n            " + store + "\n";
}

struct Flags {
  std::vector<bool> covered;
  bool pipeline;
};
Flags flags_of(const ModuleRef& module) {
  const PrimFunc& func = *find_entry_func(*module);
  Path root;
  root.nodes.push_back(func.body.get());
  BlockScope graph = BlockScope::of(*func.body);
  return {region_cover(root, graph), is_stage_pipeline(root, graph)};
}

const std::string kProduce = "B[vi] = A[vi] + T.float32(1)",
                  kConsume = "C[vi] = B[vi] * T.float32(2)";

TEST(Analysis, CoversAConsumerOfAllThatIsProduced) {
  Flags flags =
      flags_of(two_stages(stage("range(16)", "B", kProduce), stage("range(16)", "C", kConsume)));
  EXPECT_EQ(flags.covered, (std::vector<bool>{true, true}));
  EXPECT_TRUE(flags.pipeline);
}

TEST(Analysis, SeesThatHalfIsMissing) {
  Flags flags =
      flags_of(two_stages(stage("range(8)", "B", kProduce), stage("range(16)", "C", kConsume)));
  EXPECT_EQ(flags.covered, (std::vector<bool>{true, false}));
  EXPECT_FALSE(flags.pipeline);
}

TEST(Analysis, TakesRegionsUnderTheSharedLoop) {
  std::string head =
      "    for i in range(16):\n        with T.block(\"B\"):\n"
      "            vi = T.axis.spatial(16, i)\n            " +
      kProduce + "\n        with T.block(\"C\"):\n            vi = T.axis.spatial(16, i)\n";
  EXPECT_TRUE(flags_of(two_stages(head, "            " + kConsume + "\n")).pipeline);
  std::string shifted = "            T.where(1 <= i)\n            C[vi] = B[vi - 1]\n";
  EXPECT_FALSE(flags_of(two_stages(head, shifted)).covered[1]);
}

TEST(Analysis, IsNoPipelineWhereAWriteFollowsARead) {
  Flags flags =
      flags_of(two_stages(stage("range(16)", "C", kConsume), stage("range(16)", "B", kProduce)));
  EXPECT_EQ(flags.covered, (std::vector<bool>{true, true}));
  EXPECT_FALSE(flags.pipeline);
}

TEST(Analysis, KnowsWhichThreadsShareMemory) {
  EXPECT_TRUE(relaxes_thread_axis("shared", "threadIdx.y"));
  EXPECT_TRUE(relaxes_thread_axis("shared.dyn", "vthread.x"));
  EXPECT_FALSE(relaxes_thread_axis("shared", "blockIdx.x"));
  EXPECT_TRUE(relaxes_thread_axis("warp", "threadIdx.x"));
  EXPECT_FALSE(relaxes_thread_axis("warp", "threadIdx.y"));
  EXPECT_FALSE(relaxes_thread_axis("local", "threadIdx.x"));
  EXPECT_THROW(relaxes_thread_axis("shared", "lane"), ValueError);
}

const char* kMatmul = R"(
@T.prim_func
def main(A: T.Buffer((128, 128), "float32"), B: T.Buffer((128, 128), "float32"), C: T.Buffer((128, 128), "float32")):
    for i, j, k in T.grid(128, 128, 128):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";

TEST(Analysis, CountsOperationsAndFindsTheAnchor) {
  ModuleRef module = parse_module(kMatmul);
  EXPECT_EQ(estimate_tir_flops(*module), 4194304.0);
  ASSERT_NE(find_anchor_block(*module), nullptr);
  EXPECT_EQ(find_anchor_block(*module)->name_hint, "C");
  EXPECT_EQ(find_anchor_block(
                *two_stages(stage("range(16)", "B", kProduce), stage("range(16)", "C", kConsume))),
            nullptr);
}

TEST(Analysis, SuggestsALayoutInTheOrderOfTheLoops) {
  std::vector<Ref<For>> held;
  std::vector<const For*> loops;
  std::vector<Expr> vars;
  for (auto [name, extent] : {std::pair{"i0", 8}, {"j0", 8}, {"i1", 16}, {"j1", 16}}) {
    held.push_back(make<For>(make<Var>(name, kInt32), i32(0), i32(extent), ForKind::Serial,
                             make<Evaluate>(i32(0))));
    loops.push_back(held.back().get());
    vars.push_back(held.back()->loop_var);
  }
  BufferRef buffer = decl_buffer({i32(128), i32(128)});
  arith::Analyzer analyzer;
  Ref<IndexMap> map = suggest_index_map(*buffer, {vars[0] * 16 + vars[2], vars[1] * 16 + vars[3]},
                                        loops, true_(), analyzer);
  ASSERT_TRUE(map);
  Expr x = map->initial_indices[0], y = map->initial_indices[1];
  std::vector<Expr> expected = {floordiv(x, 16), floordiv(y, 16), floormod(x, 16), floormod(y, 16)};
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(expr_equal(map->final_indices[i], expected[i]));
  const Vars& back = map->inverse_index_map->initial_indices;
  EXPECT_TRUE(
      expr_equal(map->inverse_index_map->final_indices[1], Expr(back[1]) * 16 + Expr(back[3])));
}

}  // namespace
}  // namespace metaschedule
