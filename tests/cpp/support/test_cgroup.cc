// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/support/cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace metaschedule {
namespace {

class Cgroup : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    const auto path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
  }
  int64_t cores() { return cgroup_cores((root_ / "fs").string(), (root_ / "self").string()); }
  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() /
      ("metaschedule_cgroup_" + std::to_string(static_cast<long>(getpid())));
};

TEST_F(Cgroup, WithoutAQuotaThereIsNoLimit) {
  EXPECT_EQ(cores(), INT64_MAX);
  write("fs/cpu.max", "max 100000");
  write("self", "0::/");
  EXPECT_EQ(cores(), INT64_MAX);
  write("fs/cpu/cpu.cfs_quota_us", "-1");
  write("fs/cpu/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cores(), INT64_MAX);
}

TEST_F(Cgroup, TheSmallestQuotaOfAllGroupsAroundCounts) {
  write("self", "0::/a/b");
  write("fs/a/b/cpu.max", "max 100000");
  write("fs/a/cpu.max", "300000 100000");
  EXPECT_EQ(cores(), 3);
  write("fs/a/b/cpu.max", "150000 100000");
  EXPECT_EQ(cores(), 2);
  write("fs/cpu.max", "20000 100000");
  EXPECT_EQ(cores(), 1);
}

TEST_F(Cgroup, GroupsOfTheFirstVersionAreFoundByTheirController) {
  write("self", "5:memory:/m\n3:cpu,cpuacct:/c\n0::/u\nodd\n4:cpu:relative");
  write("fs/cpu/m/cpu.cfs_quota_us", "100000");
  write("fs/cpu/m/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cores(), INT64_MAX);
  write("fs/cpu/c/cpu.cfs_quota_us", "400000");
  write("fs/cpu/c/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cores(), 4);
}

}  // namespace
}  // namespace metaschedule
