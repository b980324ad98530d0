// SPDX-License-Identifier: Apache-2.0
// The search for defects of primitives finds one that was planted, and makes it small.
#include <gtest/gtest.h>

#include "filetests/filetests.h"
#include "property/schedule/shrink.h"

namespace metaschedule::testing {
namespace {

// Where a step fused loops, everything is stored one element later in the last dimension.
ModuleRef shift_stores(const std::string& kind, const ModuleRef& program) {
  if (kind != "Fuse") return program;
  class Shifter : public Rewriter {
   public:
    Ref<Node> visit(const Node& node) override {
      Ref<Node> inner = rewrite_children(node);
      const BufferStore* old = as<BufferStore>(&node);
      if (!old) return inner;
      auto store = mutate(inner ? cast_to<BufferStore>(*inner) : *old);
      std::vector<Expr> at = store->indices.vec();
      at.back() = floormod(at.back() + 1, old->buffer->shape.vec().back());
      store->indices = at;
      return Ref<BufferStore>(store);
    }
  } shifter;
  auto func = mutate(*program->lookup("main"));
  func->body = shifter(func->body);
  auto module = mutate(program);
  module->functions[0].second = PrimFuncRef(func);
  return module;
}

TEST(Shrinker, MakesAPlantedDefectSmall) {
  WalkStats stats;
  Case found;
  std::optional<Failure> failure;
  for (uint64_t seed = 1; seed < 500 && !(failure && failure->instruction == "Fuse"); ++seed) {
    try {
      failure = random_walk(seed, 20, found, stats, shift_stores);
    } catch (const TooLong&) {
    }
  }
  ASSERT_TRUE(failure) << "no walk met the defect";
  ASSERT_EQ(failure->instruction, "Fuse");
  Shrinker shrinker(found, *failure, shift_stores);
  Case small = shrinker.run();
  EXPECT_EQ(shrinker.failure().instruction, "Fuse");
  // The block, its loops and the step are enough; a step that made the block or a loop stays, too,
  // with the queries after it.
  EXPECT_EQ(small.plan.stages.size(), 1u) << write_program(small.plan);
  EXPECT_LE(small.trace[0].size(), 6u) << small.trace[0].dump();
  EXPECT_TRUE(find_failure(small, shift_stores));
  EXPECT_FALSE(find_failure(small)) << "without the defect all is well";

  // What is written is a file test.
  FileTest test;
  test.path = std::filesystem::path(::testing::TempDir()) / "planted_defect.txt";
  std::ofstream(test.path) << as_file_test(small);
  const FileTest read = read_file_tests(test.path, "schedule").at(0);
  ASSERT_EQ(read.inputs.size(), 2u);
  Schedule sch(parse_module(read.inputs[0]), 1);
  apply_json_to_schedule(nlohmann::json::parse(read.inputs[1]), sch);
  EXPECT_EQ(sch.trace().kind(sch.trace().size() - 1), std::string("Fuse"));
}

TEST(Shrinker, KeepsWhatDoesNotFail) {
  WalkStats stats;
  Case one;
  ASSERT_FALSE(random_walk(1, 6, one, stats));
  const nlohmann::json before = one.trace;
  Case after = Shrinker(one, Failure{"result", "Split", ""}).run();
  EXPECT_EQ(after.trace, before);
}

TEST(RandomPrograms, AreWellFormedAndTheSameForTheSameSeed) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    ProgramPlan plan{{}, {{0, {}}, {1, {}}, {2, {}}}}, again = plan;
    std::mt19937_64 random(seed), same(seed);
    const std::string text = write_program(plan, &random);
    EXPECT_EQ(write_program(again, &same), text);
    EXPECT_EQ(write_program(plan), text) << "what was kept makes another program";
    EXPECT_FALSE(find_ill_formed(*parse_module(text))) << text;
  }
}

}  // namespace
}  // namespace metaschedule::testing
