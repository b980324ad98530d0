// SPDX-License-Identifier: Apache-2.0
// Random schedules of the original, step by step: the same program after every step that it takes,
// a refusal where it refuses. METASCHEDULE_GOLDEN_SHOW=<method> prints what differs for one
// primitive.
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "golden/golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

using nlohmann::json;
using testing::GoldenRate;

struct Count {
  int passed = 0, total = 0;
};

// A call of the original as operands, on a schedule where output `k` of its trace is `entries[k]`.
class CallReader {
 public:
  CallReader(const std::vector<uint32_t>& entries, const Trace& trace)
      : entries_(entries), trace_(trace) {}

  // False when the arguments hold something that JSON cannot say.
  bool read(const PrimitiveInfo& info, const json& call, std::vector<Operand>& out) {
    const json& args = call["args"];
    size_t at = 0;
    for (const PrimitiveArg& arg : info.args) {
      if (arg.type == ArgType::Loops) {
        out.push_back(Operand::of_list(args.size()));
        for (; at < args.size(); ++at)
          if (!add(args[at], arg.type, out)) return false;
      } else if (at < args.size()) {
        if (!add(args[at++], arg.type, out)) return false;
      } else if (call["kwargs"].contains(arg.name)) {
        if (!add(call["kwargs"][arg.name], arg.type, out)) return false;
      } else {
        out.insert(out.end(), arg.default_value.begin(), arg.default_value.end());
      }
    }
    return true;
  }

 private:
  bool add(const json& value, ArgType type, std::vector<Operand>& out) {
    if (value.is_object()) {
      if (!value.contains("handle")) return false;
      size_t number = value["handle"].get<size_t>();
      out.push_back(Operand::rv(trace_.steps().outputs[number], entries_[number]));
      return true;
    }
    if (type == ArgType::Buffer) {
      out.push_back(Operand::of_int(value[1].get<int64_t>()));
      out.push_back(Operand::of_int(value[0] == "write"));
      return true;
    }
    if (value.is_array()) {
      out.push_back(Operand::of_list(value.size()));
      for (const json& item : value)
        if (!add(item, type, out)) return false;
      return true;
    }
    if (value.is_null()) {
      out.push_back({});
    } else if (value.is_boolean()) {
      out.push_back(Operand::of_bool(value.get<bool>()));
    } else if (value.is_number_integer()) {
      out.push_back(Operand::of_int(value.get<int64_t>()));
    } else if (value.is_number()) {
      out.push_back(Operand::of_float(value.get<double>()));
    } else {
      out.push_back(Operand::of_string(value.get<std::string>()));
    }
    return true;
  }

  const std::vector<uint32_t>& entries_;
  const Trace& trace_;
};

class Player {
 public:
  std::map<std::string, Count> counts;

  void play(const json& line) {
    ModuleRef before = parse_module(line["before"].get<std::string>());
    Trace trace = Trace::from_json(line["trace"]);
    ScheduleOptions options;
    options.error_render_level = ErrorLevel::Fast;
    Schedule sch(before, 1, options);
    std::vector<uint32_t> entries;
    size_t at = 0;
    for (const json& step : line["steps"]) {
      std::string method = step["call"]["primitive"].get<std::string>();
      size_t upto = step["upto"].get<size_t>();
      bool ok = step["ok"].get<bool>();
      std::string error;
      try {
        for (; at < upto; ++at) {
          if (trace[at].opcode == kUnknownOpcode) return;
          auto choice = trace.decision(at);
          auto range = sch.replay_step(trace, at, entries, choice ? &*choice : nullptr);
          for (uint32_t k = 0; k < range.count; ++k) entries.push_back(range.first + k);
        }
      } catch (const Error& e) {
        error = trace.kind(at) + std::string(": ") + e.message();
      }
      // The original itself failed, in a state that it does not tell.
      if (!ok && step["error"] != "ScheduleError") return;
      if (ok) {
        if (!compare(line, step, method, sch, error)) return;
      } else {
        if (!error.empty())
          return count(method, false, "a step before failed: " + error, sch, step);
        check_refusal(step, method, sch, entries, trace);
      }
    }
  }

 private:
  void count(const std::string& method, bool passed, const std::string& what, const Schedule& sch,
             const json& step) {
    Count& c = counts[method];
    ++c.total;
    c.passed += passed;
    const char* show = std::getenv("METASCHEDULE_GOLDEN_SHOW");
    if (passed || !show || method != show) return;
    std::cout << "=== " << method << ": " << what << "\n" << step["call"].dump() << "\n";
    if (step.contains("text")) std::cout << step["text"].get<std::string>().substr(0, 400) << "\n";
    if (step.contains("mod")) std::cout << "--- expected\n" << step["mod"].get<std::string>();
    std::cout << "\n--- found\n" << to_script(*sch.mod()) << std::endl;
  }

  bool compare(const json&, const json& step, const std::string& method, const Schedule& sch,
               const std::string& error) {
    if (!error.empty()) {
      count(method, false, error, sch, step);
      return false;
    }
    ModuleRef expected = parse_module(step["mod"].get<std::string>());
    bool equal = structural_equal(sch.mod(), expected);
    std::string where;
    if (!equal)
      if (auto mismatch = first_mismatch(sch.mod().get(), expected.get())) where = mismatch->lhs;
    count(method, equal, "programs differ at " + where, sch, step);
    return equal;
  }

  void check_refusal(const json& step, const std::string& method, const Schedule& sch,
                     const std::vector<uint32_t>& entries, const Trace& trace) {
    Opcode opcode = find_primitive_method(method);
    if (opcode == kUnknownOpcode) return;
    std::vector<Operand> operands;
    if (!CallReader(entries, trace).read(primitives()[opcode], step["call"], operands)) return;
    Schedule copy = sch;
    try {
      copy.invoke(opcode, operands);
    } catch (const ScheduleError&) {
      return count(method, true, "", copy, step);
    } catch (const Error& e) {
      return count(method, false, "another error: " + e.message(), copy, step);
    }
    count(method, false, "was not refused", copy, step);
  }
};

TEST(Golden, RandomSchedules) {
  METASCHEDULE_GOLDEN_OR_SKIP("primitives.jsonl.gz");
  Player player;
  testing::for_each_golden_line("primitives.jsonl.gz",
                                [&](const std::string& text) { player.play(json::parse(text)); });
  GoldenRate rate("primitives.jsonl.gz", "primitives");
  for (const auto& [method, count] : player.counts) {
    std::cout << method << " " << count.passed << "/" << count.total << "\n";
    for (int i = 0; i < count.total; ++i) rate.add(i < count.passed);
  }
  EXPECT_GE(rate.report(), 97.0) << rate.line();
}

}  // namespace
}  // namespace metaschedule
