// SPDX-License-Identifier: Apache-2.0
// tests/filetests/schedule: a program, a trace as JSON instructions, and the program after it.
#include <gtest/gtest.h>

#include "filetests/filetests.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

TEST(FileTests, Schedule) {
  testing::run_file_tests("schedule", [](const testing::FileTest& test) {
    ScheduleOptions options;
    options.error_render_level = ErrorLevel::Fast;
    Schedule sch(parse_module(test.inputs.at(0)), 1, options);
    nlohmann::json trace = nlohmann::json::parse(test.inputs.at(1));
    apply_json_to_schedule(trace, sch);
    return to_script(*sch.mod());
  });
}

}  // namespace
}  // namespace metaschedule
