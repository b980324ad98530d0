// SPDX-License-Identifier: Apache-2.0
// The original's mutations. Its random numbers are its own, so the test asks for the property: what
// it changed, ours can change to the same, and what ours changes is what its kind may change.
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "golden/golden.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/tune/search/mutators.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {
namespace {

using nlohmann::json;

/// Where two traces differ: `[instruction, old, new]`, a decision or the operands of an
/// instruction.
struct Change {
  size_t step = 0;
  bool is_decision = true;
  json before, after;
  bool operator==(const Change& o) const {
    return step == o.step && is_decision == o.is_decision && after == o.after;
  }
};

std::map<size_t, json> decisions(const json& trace) {
  std::map<size_t, json> out;
  for (const json& d : trace[1]) out[d[0].get<size_t>()] = d[1];
  return out;
}

/// All differences; nothing when the steps themselves are others.
std::optional<std::vector<Change>> changes(const json& before, const json& after) {
  if (before[0].size() != after[0].size()) return std::nullopt;
  std::vector<Change> out;
  for (size_t i = 0; i < before[0].size(); ++i) {
    if (before[0][i] == after[0][i]) continue;
    for (size_t field : {0, 2, 3})
      if (before[0][i][field] != after[0][i][field]) return std::nullopt;
    out.push_back({i, false, before[0][i][1], after[0][i][1]});
  }
  const auto olds = decisions(before), news = decisions(after);
  if (olds.size() != news.size()) return std::nullopt;
  for (const auto& [step, value] : olds) {
    const auto it = news.find(step);
    if (it == news.end()) return std::nullopt;
    if (it->second != value) out.push_back({step, true, value, it->second});
  }
  return out;
}

/// What is wrong with a change by this mutator; empty when it is one of its kind.
std::string fault_of(const std::string& mutator, const json& before, const Change& change) {
  const json& step = before[0][change.step];
  const std::string kind = step[0].get<std::string>();
  if (kind == "SamplePerfectTile") {
    if (mutator != "MutateTileSize") return "a tile";
    const auto olds = change.before.get<std::vector<int64_t>>();
    const auto news = change.after.get<std::vector<int64_t>>();
    if (olds.size() != news.size()) return "another number of tiles";
    int moved = 0;
    int64_t old_product = 1, new_product = 1;
    for (size_t i = 0; i < olds.size(); ++i) {
      moved += olds[i] != news[i];
      old_product *= olds[i];
      new_product *= news[i];
    }
    if (moved != 2 || old_product != new_product) return "not a factor moved";
    const int64_t limit = step[2][1].get<int64_t>();
    return news.back() > olds.back() && news.back() > limit ? "an innermost tile too large" : "";
  }
  if (kind == "SampleCategorical") {
    const int64_t value = change.after.get<int64_t>();
    const int64_t n = static_cast<int64_t>(step[2][0].size());
    return value >= 0 && value < n ? "" : "a choice that does not exist";
  }
  if (kind == "SampleComputeLocation")
    return mutator == "MutateComputeLocation" ? "" : "a location";
  if (kind == "Annotate") {
    const bool parallel = mutator == "MutateParallel" && step[2][0] == "meta_schedule.parallel";
    if (!parallel || change.after[0] != change.before[0]) return "another annotation";
    return change.after[1].get<int64_t>() > 0 ? "" : "no extent";
  }
  return "a step of kind " + kind;
}

std::shared_ptr<Mutator> make_mutator(const std::string& name) {
  if (name == "MutateTileSize") return std::make_shared<MutateTileSize>();
  if (name == "MutateUnroll") return std::make_shared<MutateUnroll>();
  if (name == "MutateComputeLocation") return std::make_shared<MutateComputeLocation>();
  if (name == "MutateParallel") return std::make_shared<MutateParallel>(16);
  if (name == "MutateThreadBinding") return std::make_shared<MutateThreadBinding>();
  return nullptr;
}

/// True when the trace made the change, found without writing the whole of it as JSON.
bool has(const Trace& trace, const Change& change) {
  if (!change.is_decision) {
    return trace.as_json()[0][change.step][1] == change.after;
  }
  const auto decision = trace.decision(change.step);
  if (!decision) return false;
  return std::visit([&](const auto& value) { return json(value) == change.after; }, *decision);
}

std::string judge(const json& line, const ModuleRef& mod) {
  static const std::map<std::string, std::string> kTargets = {
      {"llvm", "llvm -num-cores 16"},
      {"llvm_2", "llvm -mcpu=znver3 -num-cores 2"},
      {"cuda", "nvidia/geforce-rtx-3070"}};
  const std::string name = line["mutator"].get<std::string>();
  const std::shared_ptr<Mutator> mutator = make_mutator(name);
  if (!mutator) return "no such mutator";
  mutator->initialize_with_tune_context(
      TuneContext::create({.mod = mod,
                           .target = make_target(kTargets.at(line["target"].get<std::string>())),
                           .space_generator = nullptr,
                           .search_strategy = nullptr}));
  const json& before = line["before"];
  const auto expected = changes(before, line["after"]);
  if (!expected || expected->size() != 1) return "the original changed not one thing";
  if (const std::string fault = fault_of(name, before, expected->front()); !fault.empty())
    return "the original changed " + fault;

  const Trace trace = Trace::from_json(before);
  const bool replays = name == "MutateComputeLocation" || name == "MutateParallel";
  constexpr int kChecked = 15;
  const int most = replays ? 400 : 20000;
  bool found = false;
  // One stream: small seeds one after another begin alike.
  Rand rand(20240917);
  for (int time = 1; time <= most && (!found || time <= kChecked); ++time) {
    const auto mutated = mutator->apply(trace, rand);
    if (!mutated) continue;
    found |= has(*mutated, expected->front());
    if (time > kChecked) continue;
    const json after = mutated->as_json();
    const auto ours = changes(before, after);
    if (!ours || ours->size() != 1) return "ours changed not one thing";
    if (const std::string fault = fault_of(name, before, ours->front()); !fault.empty())
      return "ours changed " + fault;
  }
  return found ? "" : "ours never made the original's change";
}

TEST(Golden, Mutations) {
  METASCHEDULE_GOLDEN_OR_SKIP("mutations.jsonl.gz");
  const json programs = json::parse(testing::read_golden("programs.json.gz"));
  std::map<std::string, ModuleRef> modules;
  testing::GoldenRate rate("mutations.jsonl.gz", "mutations");
  std::map<std::string, int> reasons;
  testing::for_each_golden_line("mutations.jsonl.gz", [&](const std::string& text) {
    const json line = json::parse(text);
    const std::string name = line["program"].get<std::string>();
    if (!modules.count(name)) modules[name] = parse_module(programs[name].get<std::string>());
    std::string why;
    try {
      why = judge(line, modules[name]);
    } catch (const Error& e) {
      why = e.what();
    }
    rate.add(why.empty());
    if (!why.empty())
      ++reasons[line["target"].get<std::string>() + " " + name + " " +
                line["mutator"].get<std::string>() + ": " + why.substr(0, 200)];
  });
  for (const auto& [reason, count] : reasons) std::cout << count << " x " << reason << "\n";
  EXPECT_GE(rate.report(), 99.0) << rate.line();
}

}  // namespace
}  // namespace metaschedule
