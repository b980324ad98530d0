// SPDX-License-Identifier: Apache-2.0
// The traces of the original's design spaces, replayed: the same programs, without and with
// postprocessing. Traces with instructions that are not known here are counted apart.
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "golden/golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

using nlohmann::json;

bool is_known(const Trace& trace) {
  for (size_t i = 0; i < trace.size(); ++i)
    if (trace[i].opcode == kUnknownOpcode) return false;
  return true;
}

class Replays {
 public:
  testing::GoldenRate rate{"spaces.jsonl.gz", "replay"};
  int unknown = 0;

  void add(const std::string& label, const ModuleRef& module, const json& trace_json,
           const json& expected) {
    Trace trace = Trace::from_json(trace_json);
    if (!is_known(trace)) {
      ++unknown;
      return;
    }
    ReplayResult result = try_replay(trace, module, 1);
    std::string why;
    if (!result) {
      why = result.failure.primitive + ": " + result.failure.message;
    } else if (ModuleRef mod = parse_module(expected.get<std::string>());
               !structural_equal(result.schedule->mod(), mod)) {
      auto mismatch = first_mismatch(result.schedule->mod().get(), mod.get());
      why = "differs at " + (mismatch ? mismatch->lhs : std::string("?"));
    } else if (result.schedule->trace().as_json() != trace_json) {
      why = "the trace came back changed";
    }
    rate.add(why.empty());
    if (!why.empty()) std::cout << label << ": " << why.substr(0, 300) << "\n";
  }
};

TEST(Golden, SpacesReplay) {
  METASCHEDULE_GOLDEN_OR_SKIP("spaces.jsonl.gz");
  json programs = json::parse(testing::read_golden("programs.json.gz"));
  std::map<std::string, ModuleRef> modules;
  Replays replays;
  testing::for_each_golden_line("spaces.jsonl.gz", [&](const std::string& text) {
    json line = json::parse(text);
    std::string name = line["program"].get<std::string>();
    if (!modules.count(name)) modules[name] = parse_module(programs[name].get<std::string>());
    if (!line["spaces"].is_array()) return;
    for (const json& space : line["spaces"]) {
      std::string label = line["target"].get<std::string>() + " " + name;
      if (space.contains("mod")) replays.add(label, modules[name], space["trace"], space["mod"]);
      if (space.contains("post_mod"))
        replays.add(label + " post", modules[name], space["post_trace"], space["post_mod"]);
    }
  });
  std::cout << replays.unknown << " traces have unknown instructions\n";
  EXPECT_GE(replays.rate.report(), 97.0) << replays.rate.line();
}

}  // namespace
}  // namespace metaschedule
