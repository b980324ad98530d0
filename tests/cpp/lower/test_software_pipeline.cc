// SPDX-License-Identifier: Apache-2.0
// Random software pipelines: each is refused, or computes what the loop does.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "metaschedule/lower/lower.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"

namespace metaschedule::lower {
namespace {

class PipelineMaker {
 public:
  explicit PipelineMaker(uint64_t seed) : random_(seed) {}

  /// A loop of `n` statements, each of which reads some of what those before it make.
  std::string program() {
    const int n = 2 + below(3), extent = 1 + below(6);
    std::vector<int> stages, orders;
    for (int c = 0, stage = 0; c < n; ++c) {
      stage += below(2);
      // Now and then one that comes too early.
      stages.push_back(below(8) ? stage : std::max(0, stage - 1));
      orders.push_back(c);
    }
    std::shuffle(orders.begin(), orders.end(), random_);
    std::string text = fmt::format(
        "@T.prim_func\n"
        "def main(A: T.Buffer(({0}, 8), \"int32\"), C: T.Buffer(({0}, 8), \"int32\")):\n"
        "    for i in T.serial({1}, annotations={{\"software_pipeline_stage\": [{2}], "
        "\"software_pipeline_order\": [{3}]}}):\n"
        "        with T.block(\"body\"):\n"
        "            T.reads(A[0:{0}, 0:8])\n            T.writes(C[0:{0}, 0:8])\n",
        extent, extent, fmt::join(stages, ", "), fmt::join(orders, ", "));
    for (int c = 0; c + 1 < n; ++c)
      text += fmt::format("            B{} = T.alloc_buffer((8,), \"int32\")\n", c);
    for (int c = 0; c < n; ++c) {
      std::string value = fmt::format("A[i, j] * {}", 2 + c);
      for (int d = 0; d < c; ++d) {
        if (below(2) || d + 1 == c) value += fmt::format(" + B{}[{}]", d, below(2) ? "j" : "7 - j");
      }
      std::string target = c + 1 < n ? fmt::format("B{}[j]", c) : "C[i, j]";
      text +=
          fmt::format("            for j in range(8):\n                {} = {}\n", target, value);
    }
    return text;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  std::mt19937_64 random_;
};

TEST(SoftwarePipeline, ComputesWhatTheLoopDoesOrIsRefused) {
  int refused = 0, done = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const std::string text = PipelineMaker(seed).program();
    const PrimFuncRef func = parse_func(text);
    PrimFuncRef pipelined;
    try {
      pipelined = inject_software_pipeline(func);
    } catch (const BuildError& e) {
      EXPECT_NE(std::string(e.what()).find("lowering: loop i:"), std::string::npos) << e.what();
      ++refused;
      continue;
    }
    ++done;
    EXPECT_EQ(testing::compare_programs(*func, *pipelined, seed), "")
        << text << to_script(*pipelined);
    EXPECT_EQ(testing::compare_programs(*func, *lower(func), seed), "") << text;
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(done, 50);
}

}  // namespace
}  // namespace metaschedule::lower
