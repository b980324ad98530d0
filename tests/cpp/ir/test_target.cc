// SPDX-License-Identifier: Apache-2.0
// Targets from strings and dictionaries.
#include <gtest/gtest.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"

namespace metaschedule {
namespace {

TEST(Target, OptionsMayBeWrittenInSeveralWays) {
  const std::string want = "llvm -keys=cpu -mcpu=native -num-cores=4";
  EXPECT_EQ(to_string(*make_target("llvm -num-cores 4 -mcpu=native")), want);
  EXPECT_EQ(to_string(*make_target("  llvm --num-cores=4  --mcpu native ")), want);
  EXPECT_EQ(to_string(*make_target(R"({"kind": "llvm", "num-cores": 4, "mcpu": "native"})")), want);
  EXPECT_EQ(to_string(*make_target("llvm -mcpu=x -model='a b'")),
            "llvm -keys=cpu -mcpu=x -model='a b'");
  EXPECT_EQ(to_string(*make_target("llvm -mcpu=x -fast-math")),
            "llvm -keys=cpu -fast-math=1 -mcpu=x");
}

TEST(Target, KeysOfTheUserComeFirst) {
  EXPECT_EQ(to_string(*make_target("llvm -mcpu=x -keys=a,b -device=x")),
            "llvm -keys=a,b,x -device=x -mcpu=x");
  EXPECT_EQ(to_string(*make_target("ext_dev")), "ext_dev ");
}

TEST(Target, ErrorsNameWhatIsUnknown) {
  auto message = [](const char* text) {
    try {
      make_target(text);
    } catch (const ValueError& e) {
      return e.message();
    }
    return std::string("no error");
  };
  EXPECT_NE(message("unknown").find("Target kind \"unknown\" is not defined"), std::string::npos);
  EXPECT_NE(message("llvm -foo=1").find("Cannot recognize 'foo'. Candidates are: "),
            std::string::npos);
  EXPECT_NE(message("llvm -num-cores=abc").find("Cannot parse integer from string: abc"),
            std::string::npos);
  EXPECT_NE(message("llvm -num-cores=1 -num-cores=2").find("appears more than once"),
            std::string::npos);
  EXPECT_NE(message("llvm num").find("should start with '-'"), std::string::npos);
  EXPECT_NE(message("llvm -keys=").find("Empty attribute"), std::string::npos);
  EXPECT_NE(message("").find("empty"), std::string::npos);
  EXPECT_NE(message("{\"num-cores\": 4}").find("\"kind\" is not found"), std::string::npos);
  EXPECT_NE(message("{\"kind\": \"llvm\", \"num-cores\": \"4\"}").find("expected an integer"),
            std::string::npos);
}

TEST(Target, TheHostMayBeGivenApart) {
  TargetRef target = make_target("cuda", make_target("llvm -num-cores=2"));
  EXPECT_EQ(num_cores(*target->host), 2);
  EXPECT_EQ(target_device_type(*target), 2);
  EXPECT_THROW(num_cores(*target), ValueError);
}

TEST(Target, CoresAreCountedWhereTheyAreNotGiven) {
  EXPECT_GE(available_cores(), 1);
  EXPECT_EQ(num_cores(*make_target("llvm")), available_cores());
  EXPECT_EQ(num_cores(*local_target()), available_cores());
}

TEST(Target, TagsCanBeAdded) {
  register_target_tag("test/tag", export_target(*make_target("llvm -num-cores=3")), true);
  EXPECT_EQ(num_cores(*make_target("test/tag")), 3);
  EXPECT_THROW(register_target_tag("test/tag", export_target(*make_target("c"))), ValueError);
}

}  // namespace
}  // namespace metaschedule
