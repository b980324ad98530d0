// SPDX-License-Identifier: Apache-2.0
// The graph of a scope that a thread keeps is that of the program as it is.
#include "metaschedule/schedule/scope.h"

#include <gtest/gtest.h>

#include <set>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

// More stages than are searched without a guess: each adds one, the last sums rows.
constexpr int kStages = 20;
ModuleRef chain() {
  std::string text =
      "@T.prim_func\n"
      "def main(A: T.Buffer((64, 64), \"float32\"), S: T.Buffer((64,), \"float32\")):\n";
  for (int i = 0; i < kStages; ++i)
    text += "    B" + std::to_string(i) + " = T.alloc_buffer((64, 64))\n";
  std::string last = "A";
  for (int i = 0; i < kStages; ++i) {
    std::string name = "B" + std::to_string(i), read = last + "[vi, vj]", write = name + "[vi, vj]";
    text += "    for i, j in T.grid(64, 64):\n        with T.block(\"" + name +
            "\"):\n            vi, vj = T.axis.remap(\"SS\", [i, j])\n            " + write +
            " = " + read + " + T.float32(1)\n";
    last = name;
  }
  return parse_module(text +
                      "    for i, k in T.grid(64, 64):\n"
                      "        with T.block(\"sum\"):\n"
                      "            vi, vk = T.axis.remap(\"SR\", [i, k])\n"
                      "            with T.init():\n                S[vi] = T.float32(0)\n"
                      "            S[vi] = S[vi] + " +
                      last + "[vi, vk]\n");
}

Path root_of(const IRModule& module) {
  Path root;
  root.nodes.push_back(cast_to<PrimFunc>(*module.functions[0].second).body.get());
  return root;
}

bool same_dependency(const Dependency& a, const Dependency& b) {
  return a.src == b.src && a.dst == b.dst && a.kind == b.kind;
}

// Each is given once.
std::set<int> sorted(const std::vector<int>& list) {
  std::set<int> out(list.begin(), list.end());
  EXPECT_EQ(out.size(), list.size());
  return out;
}

// The kept graph of the root beside one made anew. True: the root is a stage pipeline.
bool check_kept(const IRModule& module) {
  Path root = root_of(module);
  std::shared_ptr<const BlockScope> kept = BlockScope::kept(*root.back());
  const BlockScope fresh = BlockScope::of(*root.back());
  EXPECT_EQ(kept->children, fresh.children);
  EXPECT_EQ(kept->ids, fresh.ids);
  EXPECT_EQ(kept->member_begin, fresh.member_begin);
  EXPECT_TRUE(std::equal(kept->dependencies.begin(), kept->dependencies.end(),
                         fresh.dependencies.begin(), fresh.dependencies.end(), same_dependency));
  std::vector<ScopeChild> children = children_with_loops(*root.back());
  for (int child = 0; child < static_cast<int>(fresh.children.size()); ++child) {
    std::set<int> producers, consumers;
    for (const Dependency& d : fresh.dependencies) {
      if (d.kind > DepKind::WAW) continue;
      if (d.dst == child) producers.insert(d.src);
      if (d.src == child) consumers.insert(d.dst);
    }
    EXPECT_EQ(sorted(kept->producers(child)), producers);
    EXPECT_EQ(sorted(kept->consumers(child)), consumers);
    EXPECT_EQ(kept->find(kept->block(child).id), child);
    EXPECT_EQ(children[static_cast<size_t>(child)].realize,
              kept->children[static_cast<size_t>(child)]);
  }
  const bool pipeline = is_stage_pipeline(root, *kept);
  EXPECT_EQ(pipeline, is_stage_pipeline(root, fresh));
  return pipeline;
}

TEST(BlockScope, KeptIsThatOfTheProgramAfterEachStep) {
  Schedule sch(chain(), 1);
  auto check = [&] { EXPECT_TRUE(check_kept(*sch.mod())); };
  check();
  std::vector<LoopRV> loops = sch.get_loops(sch.get_block("B7"));
  sch.split(loops[0], {i32(4), i32(16)});
  check();
  BlockRV cached = sch.cache_read(sch.get_block("B9"), 0, "local");
  check();
  sch.compute_at(cached, sch.get_loops(sch.get_block("B9"))[0]);
  check();
  sch.compute_inline(sch.get_block("B12"));
  check();
  sch.reverse_compute_at(sch.get_block("B8"), sch.get_loops(sch.get_block("B7"))[0]);
  check();
  BlockRV sum = sch.get_block("sum");
  sch.decompose_reduction(sum, sch.get_loops(sum)[0]);
  check();
  std::vector<LoopRV> order = sch.get_loops(sch.get_block("B3"));
  sch.reorder({order[1], order[0]});
  check();
}

TEST(BlockScope, KeptSeesThatAProducerStopsShort) {
  Schedule sch(chain(), 1);
  ModuleRef whole = sch.mod();
  EXPECT_TRUE(check_kept(*whole));
  LoopRV loop = sch.get_loops(sch.get_block("B5"))[0];
  ModuleRef half = whole;
  Path path = find_loop(*half, sch.get(loop)->loop_var.get());
  auto shorter = mutate(static_cast<const For&>(*path.back()));
  shorter->extent = i32(32);
  replace_stmt(half, path, Stmt(shorter));
  EXPECT_FALSE(check_kept(*half));
  EXPECT_TRUE(check_kept(*whole));
  EXPECT_FALSE(check_kept(*half));
}

TEST(BlockScope, AHeldGraphStaysAsItWas) {
  Schedule sch(chain(), 1);
  ModuleRef before = sch.mod();
  std::shared_ptr<const BlockScope> held = BlockScope::kept(*root_of(*before).back());
  const std::vector<const BlockRealize*> children = held->children;
  sch.split(sch.get_loops(sch.get_block("B4"))[0], {i32(8), i32(8)});
  EXPECT_TRUE(check_kept(*sch.mod()));
  EXPECT_EQ(held->children, children);
}

TEST(Path, FindsInALongSequenceWhateverWasFoundBefore) {
  ModuleRef module = chain();
  BlockScope graph = BlockScope::of(*root_of(*module).back());
  for (int step : {1, 7, 19}) {
    for (int i = 0, at = 0; i <= kStages; ++i, at = (at + step) % (kStages + 1)) {
      Path path = find_block(*module, graph.ids[static_cast<size_t>(at)]);
      ASSERT_FALSE(path.empty());
      EXPECT_EQ(path.back(), graph.children[static_cast<size_t>(at)]);
      EXPECT_EQ(path.size(), 5u);  // root, sequence, two loops, the block
    }
  }
  EXPECT_TRUE(find_block(*module, graph.ids.back() + 1000000).empty());
}

}  // namespace
}  // namespace metaschedule
