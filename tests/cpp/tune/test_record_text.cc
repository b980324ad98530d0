// SPDX-License-Identifier: Apache-2.0
// Records taken apart as text.
#include "metaschedule/tune/record/record_text.h"

#include <gtest/gtest.h>

#include "metaschedule/tune/tuning_record.h"

namespace metaschedule::detail {
namespace {

TEST(RecordText, is_split_without_reading_the_trace) {
  const auto parts = split_record(
      R"( [ [[["GetBlock",[],["a]\"[","{"],["b0"]]],[[0, "x\\"]]] , [0.5, 1e-3], {"kind":"llvm"},[["TENSOR","float32",[1]]] ] )");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->trace, R"([[["GetBlock",[],["a]\"[","{"],["b0"]]],[[0, "x\\"]]])");
  EXPECT_EQ(parts->run_secs, "[0.5, 1e-3]");
  EXPECT_EQ(parts->target, R"({"kind":"llvm"})");
  EXPECT_EQ(parts->args_info, R"([["TENSOR","float32",[1]]])");
  EXPECT_TRUE(parts->has_instructions);
  EXPECT_FALSE(split_record("[[[],[]],null,null,null]")->has_instructions);
  EXPECT_FALSE(
      split_record(R"([[[["EnterPostproc",[],[],[]]],[]],null,null,null])")->has_instructions);
}

TEST(RecordText, of_another_shape_is_refused) {
  const std::string whole = R"([[[["A",[],[],[]]],[[0,[1]]]],[0.5],null,null])";
  EXPECT_TRUE(split_record(whole));
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(split_record(std::string_view(whole).substr(0, length))) << length;
  for (const char* bad :
       {"", "7", "[]", "{}", "[[[],[]],null,null]", "[[[],[]],null,null,null,null]",
        "[[[]],null,null,null]", "[[[],[],[]],null,null,null]", "[[[],7],null,null,null]",
        "[7,null,null,null]", "[[[],[]],null,null,null]]", "[[[],[]],\"a,null,null]"})
    EXPECT_FALSE(split_record(bad)) << bad;
}

TEST(RecordText, a_line_names_its_workload) {
  const auto line = split_record_line(" [12, [1,2] ]");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->workload, 12);
  EXPECT_EQ(line->record, "[1,2]");
  for (const char* bad : {"", "[1]", "[1.5,[]]", "[\"1\",[]]", "[1,[]", "[1,[],[]]", "[1,[]] 2"})
    EXPECT_FALSE(split_record_line(bad)) << bad;
}

TEST(RecordText, times_have_a_mean_and_may_all_be_failures) {
  EXPECT_DOUBLE_EQ(times_of("[0.5, 1.5]")->mean, 1.0);
  EXPECT_TRUE(times_of("[0.5]")->is_good);
  EXPECT_EQ(times_of("[10000000000]")->mean, kFailedSeconds);
  EXPECT_FALSE(times_of("[1e10, 1e+10]")->is_good);
  EXPECT_EQ(times_of("null")->mean, kFailedSeconds);
  EXPECT_EQ(times_of("[]")->mean, kFailedSeconds);
  for (const char* bad : {"", "7", "[\"a\"]", "[1,]", "[1", "[inf]", "[1]]", "{}"})
    EXPECT_FALSE(times_of(bad)) << bad;
}

}  // namespace
}  // namespace metaschedule::detail
