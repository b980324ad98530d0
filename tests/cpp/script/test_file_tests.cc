// SPDX-License-Identifier: Apache-2.0
// tests/filetests/script: a script and what is printed of it, or the error with its caret. What is
// printed reads back as the same program and is printed again as it was.
#include "filetests/filetests.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::testing {
namespace {

std::string print_again(const FileTest& test) {
  Ref<Node> program;
  try {
    program = parse_script(test.inputs.at(0), {.check_well_formed = true});
  } catch (const Error& error) {
    return "error: " + error.render();
  }
  std::string text = to_script(program);
  Ref<Node> again = parse_script(text);
  auto mismatch = first_mismatch(program.get(), again.get());
  if (mismatch) return text + "\nreads back as another program, at " + mismatch->lhs;
  if (to_script(again) != text) return text + "\nis printed again as\n" + to_script(again);
  return text;
}

TEST(FileTests, Script) { run_file_tests("script", print_again); }

}  // namespace
}  // namespace metaschedule::testing
