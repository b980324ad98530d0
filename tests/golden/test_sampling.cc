// SPDX-License-Identifier: Apache-2.0
// What sampling draws, seed by seed, as the original does.
#include <nlohmann/json.hpp>

#include "cpp/schedule/programs.h"
#include "golden/golden.h"

namespace metaschedule {
namespace {

TEST(Golden, Sampling) {
  METASCHEDULE_GOLDEN_OR_SKIP("sampling.json");
  nlohmann::json golden = nlohmann::json::parse(testing::read_golden("sampling.json"));
  ModuleRef mod = testing::matmul(512, 384, 1000);
  testing::GoldenRate rate("sampling.json", "sampling");
  std::map<int64_t, Schedule> schedules;
  std::map<int64_t, std::vector<LoopRV>> loops;
  for (const auto& entry : golden["perfect_tile"]) {
    int64_t seed = entry[0].get<int64_t>();
    if (!schedules.count(seed)) {
      Schedule sch(mod, seed);
      loops[seed] = sch.get_loops(sch.get_block("C"));
      schedules.emplace(seed, std::move(sch));
    }
    Schedule& sch = schedules.at(seed);
    int64_t extent = entry[1].get<int64_t>();
    LoopRV loop = loops[seed][extent == 512 ? 0 : extent == 384 ? 1 : 2];
    std::vector<int64_t> found;
    for (const ExprRV& factor :
         sch.sample_perfect_tile(loop, entry[2].get<int64_t>(), entry[3].get<int64_t>()))
      found.push_back(sch.get_int(factor));
    EXPECT_EQ(found, entry[4].get<std::vector<int64_t>>()) << entry.dump();
    rate.add(found == entry[4].get<std::vector<int64_t>>());
  }
  for (const auto& entry : golden["categorical"]) {
    Schedule& sch = schedules.at(entry[0].get<int64_t>());
    ExprRV drawn = sch.sample_categorical({0, 16, 64, 512}, {0.1, 0.2, 0.3, 0.4});
    EXPECT_EQ(sch.get_int(drawn), entry[1].get<int64_t>()) << entry.dump();
    rate.add(sch.get_int(drawn) == entry[1].get<int64_t>());
  }
  EXPECT_EQ(rate.report(), 100.0) << rate.line();
}

}  // namespace
}  // namespace metaschedule
