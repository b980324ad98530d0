// SPDX-License-Identifier: Apache-2.0
// Statements by names that survive edits, and the stamps that make handles and steps the same.
#include "metaschedule/schedule/sref.h"

#include <gtest/gtest.h>

#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/transform.h"
#include "programs.h"

namespace metaschedule {
namespace {

using testing::matmul;
using testing::two_stages;

TEST(StmtSRef, FollowsALoopUntilItIsConsumed) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  LoopRV i = sch.get_loops(block)[0];
  StmtSRef loop = sref_of(sch, i);
  sch.parallel(i);
  Path path = find_sref(*sch.mod(), loop);
  ASSERT_FALSE(path.empty());
  EXPECT_EQ(cast_to<For>(*sref_stmt(path)).kind, ForKind::Parallel);
  EXPECT_EQ(sref_of(*sref_stmt(path)), loop);
  ASSERT_TRUE(sref_parent(path).has_value());
  EXPECT_FALSE(sref_parent(find_sref(*sch.mod(), *sref_parent(path))).has_value());
  sch.split(i, {nullptr, i32(8)});
  EXPECT_TRUE(find_sref(*sch.mod(), loop).empty());
}

TEST(StmtSRef, ReplacedBlocksTakeTheIdentityThatIsAskedFor) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  BlockRef old(sch.get(block));
  auto copy = mutate(*old);
  copy->id = fresh_block_id();
  copy->name_hint = "new";
  BlockRef target = copy;
  Schedule other = sch.copy();
  replace_sref(other, sref_of(other, block), Stmt(target));
  EXPECT_THROW(other.get(block), ValueError);
  EXPECT_EQ(sch.get(block)->name_hint, "C");
  replace_sref(sch, sref_of(sch, block), Stmt(target), {{old, target}});
  EXPECT_EQ(sch.get(block)->name_hint, "new");
  EXPECT_THROW(replace_sref(sch, sref_of(sch, sch.get_loops(block)[0]), Stmt(target)), TypeError);
}

TEST(Trace, StepsAndHandlesKeepTheirStamps) {
  Schedule sch(two_stages(32), 1);
  BlockRV unused = sch.get_block("C");
  BlockRV block = sch.get_block("B");
  LoopRV i = sch.get_loops(block)[0];
  sch.parallel(i);
  const Trace& trace = sch.trace();
  EXPECT_EQ(trace.steps().stamps[0], unused.stamp);
  EXPECT_EQ(trace.steps().stamps[2], i.stamp);
  Trace shorter = trace.simplified(false);
  ASSERT_EQ(shorter.size(), 3u);
  EXPECT_EQ(shorter[0].stamp, trace[1].stamp);
  EXPECT_EQ(shorter.steps().stamps[1], i.stamp);
  // The handle of the shorter trace is found at its old place.
  Handle moved{1, i.stamp};
  EXPECT_EQ(sch.local(moved), static_cast<Handle>(i));
  ReplayResult again = try_replay(trace, two_stages(32), 1);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.schedule->get(i)->kind, ForKind::Parallel);
}

TEST(Schedule, FunctionsThatShareBlocksAreToldApart) {
  ModuleRef once = matmul(32, 32, 32);
  Ref<Node> func = once->functions[0].second;
  ModuleRef twice =
      make<IRModule>(NodePairs{{make<GlobalVar>("a"), func}, {make<GlobalVar>("b"), func}});
  Schedule sch(twice, 1, {.debug_mask = 3});
  sch.work_on("b");
  sch.parallel(sch.get_loops(sch.get_block("C"))[0]);
  EXPECT_TRUE(structural_equal(sch.mod()->functions[0].second, func));
  EXPECT_FALSE(structural_equal(sch.mod()->functions[1].second, func));
}

TEST(Transform, NormalizedFunctionsLoseTrivialAxes) {
  Schedule sch(matmul(32, 1, 32), 1);
  auto blocks = normalize_prim_func(sch);
  ASSERT_TRUE(blocks.has_value());
  ASSERT_EQ(blocks->size(), 1u);
  EXPECT_EQ((*blocks)[0].loops.size(), 2u);
  EXPECT_TRUE((*blocks)[0].is_reduction);
}

}  // namespace
}  // namespace metaschedule
