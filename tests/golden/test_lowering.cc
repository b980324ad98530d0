// SPDX-License-Identifier: Apache-2.0
// Lowering against the original: our pipeline is leaner and makes other loops, so programs are
// compared by what they compute. First the unscheduled ones after the original's own lowering, then
// the scheduled ones of its design spaces before and after ours.
#include <nlohmann/json.hpp>
#include <set>

#include "golden.h"
#include "metaschedule/lower/lower.h"
#include "metaschedule/script/parser.h"
#include "property/interp_util.h"

namespace metaschedule::testing {
namespace {

/// Runs both where the first is small enough; nothing when it is not.
std::optional<std::string> compare(const PrimFunc& expected, const PrimFunc& found,
                                   int64_t max_steps) {
  interp::RunOptions options;
  options.max_steps = max_steps;
  options.max_parallel_iterations = 2;
  options.check_uninitialised = false;  // what the iterations left out would have written
  TestTensors a = random_arguments(expected, 3, rounds(expected)), b = a;
  interp::Program program(expected);
  try {
    program.run(views(a), options);
  } catch (const RunError&) {
    return std::nullopt;  // the limit
  }
  options.eager_select = true;
  options.max_steps = 8 * max_steps;
  interp::run(found, views(b), options);
  return difference(a, b, /*inexact=*/true, 4096);
}

TEST(GoldenLowering, UnscheduledProgramsComputeWhatTheOriginalsLoweringDoes) {
  METASCHEDULE_GOLDEN_OR_SKIP("lowered.jsonl.gz");
  nlohmann::json programs = nlohmann::json::parse(read_golden("programs.json.gz"));
  GoldenRate rate("lowered.jsonl.gz", "lowered");
  for_each_golden_line("lowered.jsonl.gz", [&](const std::string& line) {
    auto row = nlohmann::json::parse(line);
    const std::string name = row["program"];
    if (name == "CBR" || name.starts_with("C3D")) return;  // minutes of interpretation
    PrimFuncRef theirs = parse_module(row["script"].get<std::string>())->lookup("main");
    PrimFuncRef source = parse_module(programs[name].get<std::string>())->lookup("main");
    auto verdict = compare(*theirs, *lower::lower(source), 12'000'000);
    if (!verdict) return;
    rate.add(verdict->empty());
    EXPECT_EQ(*verdict, "") << name;
  });
  EXPECT_EQ(rate.report(), 100);
}

TEST(GoldenLowering, ScheduledProgramsKeepWhatTheyCompute) {
  METASCHEDULE_GOLDEN_OR_SKIP("spaces.jsonl.gz");
  static const std::set<std::string> cpu = {"llvm", "llvm_2", "avx512", "neon"};
  GoldenRate rate("spaces.jsonl.gz (lowered)", "spaces_lowered");
  for_each_golden_line("spaces.jsonl.gz", [&](const std::string& line) {
    auto row = nlohmann::json::parse(line);
    const std::string target = row["target"];
    if (!cpu.count(target)) return;
    int index = 0;
    for (const auto& space : row["spaces"]) {
      const std::string id =
          target + " " + row["program"].get<std::string>() + " " + std::to_string(index++);
      if (!space.contains("post_mod") || !space["post_mod"].is_string()) continue;
      PrimFuncRef f = parse_module(space["post_mod"].get<std::string>())->lookup("main");
      lower::LowerOptions options;
      if (target == "avx512") options = {.vector_bytes = 64, .vector_registers = 32};
      if (target == "neon") options = {.vector_bytes = 16, .vector_registers = 32};
      auto verdict = compare(*f, *lower::lower(f, options), 1'500'000);
      if (!verdict) continue;
      rate.add(verdict->empty());
      EXPECT_EQ(*verdict, "") << id;
    }
  });
  EXPECT_EQ(rate.report(), 100);
}

/// The program that the steps of a random schedule ended in, good or not: steps of the original may
/// change what is computed, or leave programs that read out of bounds.
TEST(GoldenLowering, RandomSchedulesKeepWhatTheyCompute) {
  METASCHEDULE_GOLDEN_OR_SKIP("primitives.jsonl.gz");
  GoldenRate rate("primitives.jsonl.gz (lowered)", "primitives_lowered");
  int row_number = -1;
  for_each_golden_line("primitives.jsonl.gz", [&](const std::string& line) {
    auto row = nlohmann::json::parse(line);
    ++row_number;
    std::string last;
    for (const auto& step : row["steps"])
      if (step.contains("mod") && step["mod"].is_string()) last = step["mod"];
    if (last.empty()) return;
    PrimFuncRef f = parse_module(last)->lookup("main");
    if (any_node(*f->body, [](const Node& n) {
          const For* l = as<For>(&n);
          return l && l->kind == ForKind::ThreadBinding;
        }))
      return;
    TestTensors a = random_arguments(*f, 5, rounds(*f)), b = a;
    try {
      interp::run(*f, views(a), {.max_steps = 1'000'000});
    } catch (const RunError&) {
      return;
    }
    std::string verdict;
    try {
      // Copies of what a predicate left unwritten are dead, but are made.
      interp::run(*lower::lower(f), views(b),
                  {.max_steps = 8'000'000, .check_uninitialised = false, .eager_select = true});
      verdict = difference(a, b, /*inexact=*/true, 4096);
    } catch (const Error& e) {
      verdict = e.what();
    }
    rate.add(verdict.empty());
    EXPECT_EQ(verdict, "") << "row " << row_number;
  });
  EXPECT_EQ(rate.report(), 100);
}

}  // namespace
}  // namespace metaschedule::testing
