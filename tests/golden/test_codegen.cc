// SPDX-License-Identifier: Apache-2.0
// The scheduled programs of the original's design spaces, compiled and run: each computes what the
// unscheduled program does.
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "golden.h"
#include "metaschedule/codegen/compile.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/script/parser.h"
#include "property/interp_util.h"

namespace metaschedule::testing {
namespace {

/// Runs the compiled function on copies of the arguments.
TestTensors run_compiled(const ModuleRef& module, TestTensors tensors) {
  codegen::Artifact artifact = codegen::compile(*module, *make_target("llvm"));
  runtime::Module loaded = runtime::Module::from_object(artifact.object);
  std::vector<runtime::Argument> args;
  for (const TestTensor& t : tensors) {
    runtime::Tensor copy = runtime::Tensor::empty(t.dtype, t.shape);
    std::memcpy(copy.data(), t.data.data(), t.data.size());
    args.push_back(copy);
  }
  loaded.call(artifact.entry().name, args);
  for (size_t i = 0; i < tensors.size(); ++i)
    std::memcpy(tensors[i].data.data(), std::get<runtime::Tensor>(args[i]).data(),
                tensors[i].data.size());
  return tensors;
}

TEST(GoldenCodegen, ScheduledProgramsComputeWhatTheUnscheduledOnesDo) {
  METASCHEDULE_GOLDEN_OR_SKIP("spaces.jsonl.gz");
  static const std::set<std::string> cpu = {"llvm", "llvm_2", "avx512"};
  // Seconds of unscheduled convolution each.
  static const std::set<std::string> slow = {"C3D", "T2D"};
  nlohmann::json programs = nlohmann::json::parse(read_golden("programs.json.gz"));
  std::map<std::string, std::pair<TestTensors, TestTensors>> runs;
  GoldenRate rate("spaces.jsonl.gz (compiled)", "spaces_compiled");
  for_each_golden_line("spaces.jsonl.gz", [&](const std::string& line) {
    auto row = nlohmann::json::parse(line);
    const std::string name = row["program"];
    if (!cpu.count(row["target"]) || slow.count(name)) return;
    if (!runs.count(name)) {
      ModuleRef source = parse_module(programs[name].get<std::string>());
      const PrimFunc& func = *source->lookup("main");
      TestTensors start = random_arguments(func, 3, rounds(func));
      runs[name] = {start, run_compiled(source, start)};
    }
    int index = 0;
    for (const auto& space : row["spaces"]) {
      const std::string id =
          row["target"].get<std::string>() + " " + name + " " + std::to_string(index++);
      if (!space.contains("post_mod") || !space["post_mod"].is_string()) continue;
      const auto& [start, expected] = runs[name];
      TestTensors found = run_compiled(parse_module(space["post_mod"].get<std::string>()), start);
      std::string verdict = difference(expected, found, /*inexact=*/true, 4096);
      rate.add(verdict.empty());
      EXPECT_EQ(verdict, "") << id;
    }
  });
  EXPECT_EQ(rate.report(), 100);
}

}  // namespace
}  // namespace metaschedule::testing
