// SPDX-License-Identifier: Apache-2.0
// What the control groups of Linux leave a process of the machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

namespace metaschedule {

/// Cores that the quotas of a process's control group and of those around it come to, rounded, at
/// least 1; INT64_MAX without a quota. `root` is where groups are mounted, `membership` what
/// /proc/self/cgroup is.
inline int64_t cgroup_cores(const std::string& root, const std::string& membership) {
  int64_t cores = INT64_MAX;
  auto limit = [&](std::istream& quota_file, std::istream& period_file) {
    double quota = 0, period = 0;
    // Without a limit the quota reads "max" or -1.
    if (quota_file >> quota && period_file >> period && quota > 0 && period > 0)
      cores = std::min(cores, std::max<int64_t>(1, static_cast<int64_t>(quota / period + 0.5)));
  };
  auto look = [&](const std::string& folder) {
    std::ifstream v2(folder + "/cpu.max");
    limit(v2, v2);
    std::ifstream quota(folder + "/cpu.cfs_quota_us"), period(folder + "/cpu.cfs_period_us");
    limit(quota, period);
  };
  look(root);           // version 2, and what a container sees of its own group
  look(root + "/cpu");  // version 1
  std::ifstream file(membership);
  for (std::string line; std::getline(file, line);) {
    // "0::/a/b" of version 2, "3:cpu,cpuacct:/a/b" of version 1
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers != ",," && controllers.find(",cpu,") == std::string::npos) continue;
    const std::string base = controllers == ",," ? root : root + "/cpu";
    std::string path = line.substr(second + 1);
    for (; path.size() > 1 && path[0] == '/'; path.erase(path.rfind('/'))) look(base + path);
  }
  return cores;
}

}  // namespace metaschedule
