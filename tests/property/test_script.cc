// SPDX-License-Identifier: Apache-2.0
// Random programs survive text and JSON, and their hash does not change on the way.
#include <gtest/gtest.h>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"
#include "property/random_program.h"

namespace metaschedule::testing {
namespace {

void expect_round_trips(const PrimFuncRef& func, const std::string& what) {
  std::optional<std::string> problem = find_ill_formed(*func);
  ASSERT_FALSE(problem) << what << ": " << *problem << "\n" << to_script(func);
  std::string text = to_script(func);
  PrimFuncRef parsed = parse_func(text);
  std::optional<Mismatch> mismatch = first_mismatch(func.get(), parsed.get());
  ASSERT_FALSE(mismatch) << what << ": " << mismatch->lhs << " vs " << mismatch->rhs << "\n"
                         << text << "\n"
                         << to_script(parsed);
  EXPECT_EQ(structural_hash(func), structural_hash(parsed)) << what;
  EXPECT_EQ(to_script(parsed), text) << what;
  Ref<Node> loaded = load_json(save_json(*func));
  EXPECT_TRUE(structural_equal(func, loaded)) << what;
  EXPECT_EQ(structural_hash(func), structural_hash(loaded)) << what;
  EXPECT_TRUE(structural_equal(func, renew_definitions(*func))) << what;
  PrintOptions plain;
  plain.syntax_sugar = false;
  EXPECT_TRUE(structural_equal(func, parse_func(to_script(func, plain)))) << what;
}

TEST(PropertyScript, BlocksRoundTrip) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    RandomProgramOptions options;
    if (seed % 3 == 1) options.dtype = kFloat32, options.transcendental = true;
    if (seed % 3 == 2) options.dtype = DType::float_(16);
    RandomProgram programs(seed, options);
    expect_round_trips(programs.blocks(), fmt::format("seed {}", seed));
    if (HasFatalFailure()) return;
  }
}

TEST(PropertyScript, StatementsRoundTrip) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    RandomProgram programs(seed);
    expect_round_trips(programs.statements(), fmt::format("seed {}", seed));
    if (HasFatalFailure()) return;
  }
}

TEST(PropertyScript, ModulesRoundTrip) {
  size_t with_infos = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    ModuleRef mod = RandomProgram(seed).module();
    with_infos += !mod->global_infos.empty();
    std::string text = to_script(mod);
    for (const Ref<Node>& other : {Ref<Node>(parse_module(text)), load_json(save_json(*mod))}) {
      std::optional<Mismatch> mismatch = first_mismatch(mod.get(), other.get());
      ASSERT_FALSE(mismatch) << "seed " << seed << ": " << mismatch->lhs << " vs " << mismatch->rhs
                             << "\n"
                             << text;
      EXPECT_EQ(structural_hash(mod), structural_hash(other)) << text;
      EXPECT_EQ(to_script(other), text);
    }
  }
  EXPECT_GT(with_infos, 100u);
}

TEST(PropertyScript, RandomProgramsStayInsideTheirBuffers) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    RandomProgram programs(seed);
    for (const PrimFuncRef& func : {programs.blocks(), programs.statements()}) {
      TestTensors arguments = random_arguments(*func, seed);
      ASSERT_NO_THROW(interp::run(*func, views(arguments))) << to_script(func);
    }
  }
}

}  // namespace
}  // namespace metaschedule::testing
