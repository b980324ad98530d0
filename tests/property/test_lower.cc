// SPDX-License-Identifier: Apache-2.0
// Random programs under random schedules, lowered step by step: after each pass the interpreter
// computes what the scheduled program does.
#include <gtest/gtest.h>

#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/passes.h"
#include "property/schedule/walk.h"

namespace metaschedule::testing {
namespace {

using lower::LowerOptions;
using Pass = std::pair<const char*, std::function<PrimFuncRef(const PrimFuncRef&)>>;

/// The pipeline of lower(), pass by pass.
std::vector<Pass> pipeline(const LowerOptions& options) {
  return {
      {"lower_init_block", lower::lower_init_block},
      {"plan_buffer_allocation", lower::plan_buffer_allocation},
      {"convert_blocks_to_opaque", lower::convert_blocks_to_opaque},
      {"compact_buffer_allocation", lower::compact_buffer_allocation},
      {"lower_match_buffer", lower::lower_match_buffer},
      {"inject_software_pipeline", lower::inject_software_pipeline},
      {"lower_opaque_block", lower::lower_opaque_block},
      {"flatten_buffer", lower::flatten_buffer},
      {"simplify", lower::simplify},
      {"split_tails", lower::split_tails},
      {"register_tile", [&](const PrimFuncRef& f) { return lower::register_tile(f, options); }},
      {"vectorize_loop", [&](const PrimFuncRef& f) { return lower::vectorize_loop(f, options); }},
      {"apply_unroll_pragmas", lower::apply_unroll_pragmas},
      {"remove_no_op", lower::remove_no_op},
      {"legalize_small_floats",
       [](const PrimFuncRef& f) { return lower::legalize_small_floats(f, true); }},
  };
}

/// A random program with up to `steps` accepted random steps; null when a step went wrong in a way
/// that tests of schedules look for.
ModuleRef scheduled(uint64_t seed, int steps) {
  std::mt19937_64 random(seed);
  ProgramPlan plan;
  const int stages = 1 + static_cast<int>(random() % 3);
  for (int i = 0; i < stages; ++i) plan.stages.push_back({i, {}});
  const ModuleRef base = parse_module(write_program(plan, &random));
  ProgramChecker checker(base);
  Schedule sch(base, static_cast<int64_t>(seed % 1000 + 1), terse_errors());
  StepMaker maker(sch, random());
  for (int i = 0; i < steps; ++i) {
    const Schedule before = sch;
    std::optional<Failure> failure;
    if (outcome_of([&] { maker.step(); }, failure) != Outcome::Accepted) sch = before;
    if (failure || checker.check(sch.mod(), primitives()[maker.last].kind)) return nullptr;
  }
  return sch.mod();
}

bool is_for_cpu(const PrimFunc& func) {
  return !any_node(*func.body, [](const Node& n) {
    const For* loop = as<For>(&n);
    return loop && loop->kind == ForKind::ThreadBinding;
  });
}

TEST(Lower, KeepsWhatRandomSchedulesComputePassByPass) {
  int lowered = 0, failed = 0;
  for (uint64_t seed = 1; seed <= 250; ++seed) {
    ModuleRef module;
    try {
      module = scheduled(seed, 8);
    } catch (const TooLong&) {
    }
    if (!module) continue;
    const PrimFuncRef func = module->lookup("main");
    if (!is_for_cpu(*func)) continue;
    LowerOptions options;
    options.vector_bytes = seed % 2 ? 32 : 16;
    options.reassociate_reductions = false;
    interp::RunOptions run;
    run.check_uninitialised = false;  // some schedules compute more than is used
    run.eager_select = true;
    const TestTensors start = random_arguments(*func, 7, rounds(*func), {{"n", kSymbolicExtent}});
    TestTensors expected = start;
    interp::run(*func, views(expected), run);
    PrimFuncRef now = func;
    for (const auto& [name, pass] : pipeline(options)) {
      std::string problem;
      try {
        now = pass(now);
        TestTensors found = start;
        interp::run(*now, views(found), run);
        problem = difference(expected, found, true);
      } catch (const Error& e) {
        problem = e.render();
      }
      EXPECT_EQ(problem, "") << "seed " << seed << " after " << name << "\n"
                             << to_script(*func) << "\nbecame\n"
                             << to_script(*now);
      if (!problem.empty()) {
        ++failed;
        break;
      }
    }
    ++lowered;
    if (failed > 2) return;
  }
  EXPECT_GT(lowered, 100);
}

}  // namespace
}  // namespace metaschedule::testing
