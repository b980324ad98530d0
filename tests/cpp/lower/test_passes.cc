// SPDX-License-Identifier: Apache-2.0
// Every pass by file tests: a program, the passes to run, what becomes of the program. Whatever is
// written as expected, the program must compute what it did before.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "filetests/filetests.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"

namespace metaschedule::lower {
namespace {

using Pass = std::function<PrimFuncRef(const PrimFuncRef&)>;

const std::map<std::string, Pass>& passes() {
  static const LowerOptions options;
  static const std::map<std::string, Pass> table = {
      {"lower_init_block", lower_init_block},
      {"plan_buffer_allocation", plan_buffer_allocation},
      {"convert_blocks_to_opaque", convert_blocks_to_opaque},
      {"compact_buffer_allocation", compact_buffer_allocation},
      {"lower_match_buffer", lower_match_buffer},
      {"simplify", simplify},
      {"inject_software_pipeline", inject_software_pipeline},
      {"lower_opaque_block", lower_opaque_block},
      {"flatten_buffer", flatten_buffer},
      {"split_tails", split_tails},
      {"remove_no_op", remove_no_op},
      {"apply_unroll_pragmas", apply_unroll_pragmas},
      {"legalize_float8", [](const PrimFuncRef& f) { return legalize_small_floats(f, true); }},
      {"legalize_float16", [](const PrimFuncRef& f) { return legalize_small_floats(f, false); }},
      {"unify_thread_binding", unify_thread_binding},
      {"register_tile", [](const PrimFuncRef& f) { return register_tile(f, options); }},
      {"vectorize_loop", [](const PrimFuncRef& f) { return vectorize_loop(f, options); }},
      {"lower", [](const PrimFuncRef& f) { return lower(f, options); }},
      {"blocks",  // everything up to plain loops
       [](const PrimFuncRef& f) {
         PrimFuncRef g = convert_blocks_to_opaque(plan_buffer_allocation(lower_init_block(f)));
         return simplify(
             flatten_buffer(lower_opaque_block(lower_match_buffer(compact_buffer_allocation(g)))));
       }},
  };
  return table;
}

TEST(Passes, MakeWhatTheirFileTestsSay) {
  metaschedule::testing::run_file_tests("lower", [](const metaschedule::testing::FileTest& test) {
    PrimFuncRef before = parse_func(test.inputs.at(0)), now = before;
    std::istringstream names(test.inputs.at(1));
    for (std::string name; names >> name;) {
      now = passes().at(name)(now);
      interp::RunOptions options;
      options.check_uninitialised = false;
      EXPECT_EQ(metaschedule::testing::compare_programs(*before, *now, 7, options), "")
          << test.path << " after " << name;
    }
    return to_script(*now);
  });
}

}  // namespace
}  // namespace metaschedule::lower
