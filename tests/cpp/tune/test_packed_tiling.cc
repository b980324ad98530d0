// SPDX-License-Identifier: Apache-2.0
// Tiling with packed operands: where it applies, what it makes, and that TVM's spaces stay.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "fakes.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/space/packed_tiling.h"

namespace metaschedule::testing {
namespace {

/// The design spaces of the target, native or as TVM has them.
std::vector<SchedulePtr> spaces_of(const ModuleRef& mod, bool native) {
  auto generator = std::make_shared<PostOrderApply>();
  generator->native = native;
  const TargetRef target = make_target("llvm -num-cores=2");
  return context_of(mod, generator, nullptr, 1, 1, "main", target)->generate_design_space();
}

/// The kinds of a trace's instructions, one after the other: a space without its decisions.
std::string kinds_of(const Schedule& sch) {
  std::string out;
  for (size_t i = 0; i < sch.trace().size(); ++i) out += std::string(sch.trace().kind(i)) + " ";
  return out;
}
bool is_packed(const SchedulePtr& sch) {
  return kinds_of(*sch).find("CacheRead") != std::string::npos;
}

TEST(MultiLevelTilingPacked, adds_spaces_and_leaves_those_of_TVM_as_they_are) {
  const ModuleRef mod = matmul(16, 512, 64);  // the second operand has 128 KiB
  std::multiset<std::string> parity, others;
  for (const SchedulePtr& sch : spaces_of(mod, false)) parity.insert(kinds_of(*sch));
  size_t packed = 0;
  for (const SchedulePtr& sch : spaces_of(mod, true)) {
    if (is_packed(sch))
      ++packed;
    else
      others.insert(kinds_of(*sch));
  }
  EXPECT_EQ(packed, 2u);  // with a cache of what is written and without
  EXPECT_EQ(others, parity);
}

TEST(MultiLevelTilingPacked, copies_what_a_tile_reads_below_the_outer_reduction) {
  for (const SchedulePtr& sch : spaces_of(matmul(16, 512, 64), true)) {
    if (!is_packed(sch)) continue;
    // i0, j0, k0, then the two dimensions of the panel.
    EXPECT_EQ(sch->get_loops(sch->get_block("B_global", "main")).size(), 5u);
    // i0, j0, k0, i1, j1, k1, j2: only the innermost axis has a part for the lanes.
    EXPECT_EQ(sch->get_loops(sch->get_block("C", "main")).size(), 7u);
  }
}

TEST(MultiLevelTilingPacked, leaves_a_short_reduction_whole) {
  for (const SchedulePtr& sch : spaces_of(matmul(16, 2048, 9), true)) {
    if (!is_packed(sch)) continue;
    const std::vector<LoopRV> loops = sch->get_loops(sch->get_block("C", "main"));
    ASSERT_EQ(loops.size(), 7u);
    EXPECT_TRUE(is_one(sch->get(loops[2])->extent));
    EXPECT_EQ(as_const_int(sch->get(loops[5])->extent), 9);
  }
}

TEST(MultiLevelTilingPacked, lets_an_operand_be_that_fits_into_the_cache) {
  const ModuleRef small = matmul(16, 64, 64);
  EXPECT_EQ(spaces_of(small, true).size(), spaces_of(small, false).size());
}

TEST(MultiLevelTilingPacked, needs_a_reduction_below_other_loops) {
  for (const char* structure : {"SS", "RSR", "R", ""}) {
    MultiLevelTiling::Options options;
    options.structure = structure;
    EXPECT_THROW(MultiLevelTilingPacked{options}, ValueError) << structure;
  }
}

}  // namespace
}  // namespace metaschedule::testing
