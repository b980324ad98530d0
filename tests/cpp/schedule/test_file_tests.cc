// SPDX-License-Identifier: Apache-2.0
// tests/filetests/schedule: a program, a script or a trace as JSON instructions, and what `show`
// prints and the program after it. Together they take every primitive and every refusal.
#include <gtest/gtest.h>

#include <set>

#include "filetests/filetests.h"
#include "filetests/schedule_script.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "refusal_sites.h"

namespace metaschedule {
namespace {

// What the file tests have reached.
struct Reached {
  std::set<std::string> primitives;  // those that succeeded in the file named for them
  std::vector<testing::RefusalSite> missing = testing::refusal_sites();

  void note(const testing::FileTest& test, const Trace& trace) {
    const std::string stem = test.path.stem().string();
    for (size_t i = 0; i < trace.size(); ++i)
      if (primitives_of(trace, i) == stem) primitives.insert(stem);
  }
  void note(const std::source_location& site) {
    std::erase_if(missing, [&](const testing::RefusalSite& known) {
      return known.holds(site.file_name(), site.line());
    });
  }

 private:
  static std::string primitives_of(const Trace& trace, size_t i) {
    return trace[i].opcode == kUnknownOpcode ? ""
                                             : metaschedule::primitives()[trace[i].opcode].method;
  }
};

std::string run_case(const testing::FileTest& test, Reached& reached) {
  ModuleRef before = parse_module(test.inputs.at(0));
  ScheduleOptions options;
  options.error_render_level = ErrorLevel::Fast;
  Schedule sch(before, 1, options);
  testing::ScheduleScript script(sch);
  try {
    if (test.inputs.at(1).starts_with("[")) {
      apply_json_to_schedule(nlohmann::json::parse(test.inputs.at(1)), sch);
    } else {
      script.run(test.inputs.at(1));
    }
  } catch (const Refusal& refusal) {
    reached.note(refusal.site());
    throw;
  }
  reached.note(test, sch.trace());
  std::string out = script.shown();
  if (out.empty() || sch.mod() != before) out += (out.empty() ? "" : "\n") + to_script(*sch.mod());
  return out;
}

TEST(FileTests, Schedule) {
  Reached reached;
  testing::run_file_tests("schedule",
                          [&](const testing::FileTest& test) { return run_case(test, reached); });
  for (const PrimitiveInfo& info : primitives())
    EXPECT_TRUE(reached.primitives.contains(info.method))
        << "tests/filetests/schedule/…/" << info.method << ".txt does not exist or never succeeds";
  for (const testing::RefusalSite& site : reached.missing)
    ADD_FAILURE() << "no file test reaches the refusal at schedule/" << site.file << ":"
                  << site.first_line << "\n  " << site.text;
}

}  // namespace
}  // namespace metaschedule
