// SPDX-License-Identifier: Apache-2.0
// The space generators: in which order rules see blocks, and what a clone shares.
#include <gtest/gtest.h>

#include "fakes.h"
#include "metaschedule/support/json.h"

namespace metaschedule::testing {
namespace {

/// Returns two copies, annotated 0 and 1, for any block but the root.
class Branch : public ScheduleRule {
 public:
  explicit Branch(std::vector<std::string>* visited) : visited_(visited) {}
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override {
    const std::string name = sch->get(block)->name_hint;
    visited_->push_back(name);
    if (name == "root") return {sch};
    std::vector<SchedulePtr> out;
    for (int64_t i : {0, 1}) {
      out.push_back(std::make_shared<Schedule>(sch->copy()));
      out.back()->annotate(block, "choice", i32(i));
    }
    return out;
  }
  ScheduleRulePtr clone() const override { return std::make_shared<Branch>(visited_); }

 private:
  std::vector<std::string>* visited_;
};

std::string choices(const SchedulePtr& sch) {
  std::string out;
  for (const char* name : {"B", "C"}) {
    const Node* value = sch->get(sch->get_block(name, "main"))->annotations.find("choice");
    const auto constant = as_const_int(value);
    out += constant ? std::to_string(*constant) : "-";
  }
  return out;
}

std::shared_ptr<PostOrderApply> generator(ScheduleRules rules,
                                          PostOrderApply::BlockFilter filter = {}) {
  auto out = std::make_shared<PostOrderApply>(std::move(filter));
  out->sch_rules = std::move(rules);
  out->postprocs = Postprocs{};
  out->mutator_probs = MutatorProbs{};
  return out;
}

TEST(PostOrderApply, visits_blocks_and_orders_spaces_as_the_worked_example_does) {
  std::vector<std::string> visited;
  auto context =
      context_of(two_stages(16), generator({std::make_shared<Branch>(&visited)}), nullptr);
  const auto spaces = context->generate_design_space();
  EXPECT_EQ(visited, (std::vector<std::string>{"root", "C", "B", "B"}));
  std::vector<std::string> order;
  for (const auto& sch : spaces) order.push_back(choices(sch));
  EXPECT_EQ(order, (std::vector<std::string>{"11", "01", "10", "00"}));
  const auto& trace = spaces[0]->trace();
  ASSERT_GE(trace.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_STREQ(trace.kind(i), "GetBlock");
}

TEST(PostOrderApply, skips_blocks_that_are_filtered_out_or_claimed_by_a_custom_rule) {
  std::vector<std::string> visited;
  auto filtered = context_of(two_stages(16),
                             generator({std::make_shared<Branch>(&visited)},
                                       [](const Block& b) { return b.name_hint == "B"; }),
                             nullptr);
  EXPECT_EQ(filtered->generate_design_space().size(), 2u);
  EXPECT_EQ(visited, (std::vector<std::string>{"B"}));

  visited.clear();
  Schedule claimed(two_stages(16), 1);
  claimed.annotate(claimed.get_block("B", "main"), "schedule_rule",
                   make<String>(std::string("mine")));
  auto context =
      context_of(claimed.mod(), generator({std::make_shared<Branch>(&visited)}), nullptr);
  EXPECT_EQ(context->generate_design_space().size(), 2u);
  EXPECT_EQ(visited, (std::vector<std::string>{"root", "C"}));
}

TEST(PostOrderApply, needs_rules) {
  auto context = context_of(two_stages(16), std::make_shared<PostOrderApply>(), nullptr);
  EXPECT_THROW(context->generate_design_space(), ValueError);
}

TEST(SpaceGenerators, a_union_lists_the_spaces_of_its_children) {
  std::vector<std::string> visited;
  auto both = std::make_shared<SpaceGeneratorUnion>(std::vector<SpaceGeneratorPtr>{
      generator({std::make_shared<Branch>(&visited)}), tile_space()});
  auto context = context_of(two_stages(16), both, nullptr);
  EXPECT_EQ(context->generate_design_space().size(), 5u);
  const SpaceGeneratorPtr copy = both->clone();
  EXPECT_NE(dynamic_cast<SpaceGeneratorUnion&>(*copy).space_generators[0],
            both->space_generators[0]);
}

TEST(SpaceGenerators, the_seed_of_the_context_gives_the_space) {
  const auto decisions = [](int64_t seed) {
    auto context = context_of(matmul(64, 64, 64), tile_space(), nullptr, 1, seed);
    return dump_json(context->generate_design_space()[0]->trace().as_json()[1]);
  };
  EXPECT_EQ(decisions(1), decisions(1));
  EXPECT_NE(decisions(1), decisions(2));
}

TEST(TuneContext, seeds_go_down_the_chain_of_the_reference) {
  // Context seed -> state of the clone.
  for (const auto& [seed, state] :
       {std::pair<int64_t, int64_t>{1, 1136800801}, {42, 805354324}, {209652397, 1298105996}}) {
    auto context = TuneContext::create({.mod = matmul(8, 8, 8),
                                        .target = nullptr,
                                        .space_generator = tile_space(),
                                        .search_strategy = SearchStrategy::create("replay-trace"),
                                        .num_threads = 1,
                                        .rand_state = seed});
    // The clone has initialized its parts already: two forks on from its first state.
    Rand expected(state);
    expected.fork_seed();
    expected.fork_seed();
    EXPECT_EQ(context->clone()->rand.state(), expected.state());
  }
}

TEST(NormalizeMod, makes_a_module_of_one_main) {
  const ModuleRef mod = matmul(8, 8, 8);
  const PrimFuncRef func = mod->lookup("main");
  const ModuleRef normalized = normalize_mod(func);
  EXPECT_TRUE(normalized->lookup("main")->attrs.contains("global_symbol"));
  EXPECT_TRUE(normalized->lookup("main")->attrs.contains("tir.noalias"));
  // Again changes nothing: what was tuned is found again.
  EXPECT_TRUE(structural_equal(normalize_mod(normalized->lookup("main")), normalized));
  EXPECT_EQ(as_const_int(normalized->lookup("main")->attrs.find("tir.noalias")), 1);
  EXPECT_EQ(normalize_mod(mod), mod);
  ModuleRef other = make<IRModule>(NodePairs{})->with_function("other", func);
  EXPECT_NE(normalize_mod(other)->find("main"), nullptr);
  EXPECT_THROW(normalize_mod(other->with_function("more", func)), ValueError);
}

}  // namespace
}  // namespace metaschedule::testing
