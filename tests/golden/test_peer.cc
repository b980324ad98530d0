// SPDX-License-Identifier: Apache-2.0
// What a later version of TVM made of programs and schedules that are ours (peer/README.md), in its
// own spelling: the same program and names after each step, refused where it refuses, and the same
// trace at the end, written as it writes it. peer/differences.json names the cases that differ on
// purpose. METASCHEDULE_GOLDEN_SHOW=<beginning of a case's name> prints what differs.
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "golden/golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

using nlohmann::json;

std::string peer_file(const std::string& name) {
  return testing::source_dir() + "/tests/golden/peer/" + name;
}
json peer_json(const std::string& name) {
  return json::parse(testing::read_golden(peer_file(name)));
}

// Two JSON values that say the same: index maps are texts of JSON, some numbers are booleans.
json plain(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.starts_with("{")) return value;
    json graph = json::parse(text);
    graph.erase("metadata");
    return graph;
  }
  if (!value.is_array()) return value;
  json out = json::array();
  for (const json& item : value) out.push_back(plain(item));
  return out;
}

bool show(const std::string& name) {
  const char* wanted = std::getenv("METASCHEDULE_GOLDEN_SHOW");
  return wanted && name.starts_with(wanted);
}

// One case. `problem` says what is not as in the file; empty when all is.
class Case {
 public:
  explicit Case(const json& line)
      : line_(line),
        trace_(Trace::from_json(line["trace"])),
        sch_(parse_module(line["before"].get<std::string>()), 1,
             {.error_render_level = ErrorLevel::Fast}) {}

  std::string problem() {
    size_t at = 0;
    for (const json& step : line_["steps"]) {
      const auto upto = step["upto"].get<size_t>();
      const bool ok = step["ok"].get<bool>();
      Schedule::OutputRange range{};
      try {
        for (; at < upto; ++at) range = run(trace_, at);
      } catch (const Error& e) {
        return std::string(trace_.kind(at)) + ": " + e.message();
      }
      std::string found = ok ? compare(step, range) : refusal(step);
      if (!found.empty()) return found;
      // The peer itself failed, in a state that it does not tell.
      if (!ok && step["error"] != "ScheduleError" && step["error"] != "ValueError") return "";
    }
    for (; at < trace_.size(); ++at) run(trace_, at);
    json written = sch_.trace().as_json(false, ScriptDialect::SBlock);
    if (plain(written) == plain(line_["trace"])) return "";
    return "the trace is written otherwise: " + written.dump();
  }

 private:
  Schedule::OutputRange run(const Trace& trace, size_t step) {
    auto choice = trace.decision(step);
    auto range = sch_.replay_step(trace, step, entries_, choice ? &*choice : nullptr);
    for (uint32_t k = 0; k < range.count; ++k) entries_.push_back(range.first + k);
    return range;
  }

  std::string compare(const json& step, Schedule::OutputRange range) {
    ModuleRef expected = parse_module(step["mod"].get<std::string>());
    if (!structural_equal(sch_.mod(), expected)) {
      auto mismatch = first_mismatch(sch_.mod().get(), expected.get());
      return "programs differ at " + (mismatch ? mismatch->lhs : "?") + "\n--- expected\n" +
             to_script(expected) + "\n--- found\n" + to_script(sch_.mod());
    }
    json outputs = json::array();
    for (uint32_t k = range.first; k < range.first + range.count; ++k) outputs.push_back(name(k));
    if (outputs == step["outputs"]) return "";
    return "outputs are " + outputs.dump() + " where they were " + step["outputs"].dump();
  }
  json name(uint32_t entry) const {
    const Handle handle = sch_.handle(entry);
    switch (sch_.table[entry].kind) {
      case TableEntry::Kind::Block:
        return sch_.get(BlockRV{handle})->name_hint;
      case TableEntry::Kind::Loop:
        return sch_.get(LoopRV{handle})->loop_var->name;
      default:
        return sch_.table[entry].value;
    }
  }

  // The refused step after those so far.
  std::string refusal(const json& step) {
    if (step["error"] != "ScheduleError" && step["error"] != "ValueError") return "";
    json steps = json::array();
    const auto upto = step["upto"].get<size_t>();
    for (size_t i = 0; i < upto; ++i) steps.push_back(line_["trace"][0][i]);
    steps.push_back(step["inst"]);
    Trace longer = Trace::from_json({steps, json::array()});
    Schedule copy = sch_;
    try {
      copy.replay_step(longer, upto, entries_, nullptr);
    } catch (const ScheduleError&) {
      return "";
    } catch (const ValueError& e) {
      return step["error"] == "ValueError" ? "" : "ValueError: " + e.message();
    }
    return step["inst"][0].get<std::string>() +
           " was not refused, as it was there: " + step["text"].get<std::string>() +
           "\n--- found\n" + to_script(copy.mod());
  }

  const json& line_;
  Trace trace_;
  Schedule sch_;
  std::vector<uint32_t> entries_;
};

void register_intrins(const json& intrins) {
  for (const auto& [name, texts] : intrins.items())
    register_tensor_intrin(name,
                           make_tensor_intrin(parse_func(texts[0].get<std::string>()),
                                              parse_func(texts[1].get<std::string>())),
                           true);
}

TEST(Peer, StepsOfTheKindsThatTheOtherGoldenFilesLack) {
  const json differences = peer_json("differences.json");
  std::set<std::string> seen;
  testing::GoldenRate rate("peer/primitives.jsonl.gz", "peer");
  testing::for_each_golden_line(peer_file("primitives.jsonl.gz"), [&](const std::string& text) {
    const json line = json::parse(text);
    const auto name = line["name"].get<std::string>();
    seen.insert(name);
    register_intrins(line["intrins"]);
    std::string problem = Case(line).problem();
    rate.add(problem.empty());
    if (show(name)) std::cout << "=== " << name << ": " << problem << std::endl;
    if (differences.contains(name)) {
      EXPECT_NE(problem, "") << name << " no longer differs: take it out of differences.json";
    } else {
      EXPECT_EQ(problem.substr(0, problem.find("\n---")), "") << name;
    }
  });
  for (const auto& [name, reason] : differences.items())
    EXPECT_TRUE(seen.count(name)) << name << " is no case";
  EXPECT_GE(rate.report(), 85.0) << rate.line();
}

// What a trace makes of a program; the problem if that is not what it should be.
std::string replayed(const json& trace, const json& before, const json& expected) {
  Schedule sch(parse_module(before.get<std::string>()), 1,
               {.error_render_level = ErrorLevel::Fast});
  try {
    Trace::from_json(trace).apply_to_schedule(sch, false);
  } catch (const Error& e) {
    return e.message();
  }
  ModuleRef wanted = parse_module(expected.get<std::string>());
  if (structural_equal(sch.mod(), wanted)) return "";
  auto mismatch = first_mismatch(sch.mod().get(), wanted.get());
  return "programs differ at " + (mismatch ? mismatch->lhs : "?") + "\n--- expected\n" +
         to_script(wanted) + "\n--- found\n" + to_script(sch.mod());
}

void expect_no_problem(const json& line, const std::string& problem) {
  const auto name = line["name"].get<std::string>();
  if (show(name)) std::cout << "=== " << name << ": " << problem << std::endl;
  EXPECT_EQ(problem.substr(0, problem.find("\n---")), "") << name;
}

TEST(Peer, TracesOfItsDesignSpacesReplayHere) {
  int count = 0;
  testing::for_each_golden_line(peer_file("spaces.jsonl.gz"), [&](const std::string& text) {
    const json line = json::parse(text);
    ++count;
    expect_no_problem(line, replayed(line["trace"], line["before"], line["mod"]));
  });
  EXPECT_GT(count, 20);
}

TEST(Peer, TracesOfOursInItsSpellingMakeThereWhatTheyMakeHere) {
  std::set<std::string> kinds;
  testing::for_each_golden_line(peer_file("ours.jsonl.gz"), [&](const std::string& text) {
    const json line = json::parse(text);
    register_intrins(line["intrins"]);
    for (const json& step : line["trace"][0]) kinds.insert(step[0].get<std::string>());
    json later = Trace::from_json(line["trace"]).as_json(false, ScriptDialect::SBlock);
    EXPECT_EQ(plain(later), plain(line["later"])) << line["name"];
    for (const char* spelling : {"trace", "later"})
      expect_no_problem(line, replayed(line[spelling], line["before"], line["mod"]));
  });
  // The first is unknown there; no trace of the files that these come from has the others.
  const std::set<std::string> without = {"SetAxisSeparator", "GetChildBlocks", "GetProducers",
                                         "GetConsumers"};
  for (const PrimitiveInfo& info : primitives())
    EXPECT_EQ(kinds.count(info.kind), 1 - without.count(info.kind)) << info.kind;
}

}  // namespace
}  // namespace metaschedule
