// SPDX-License-Identifier: Apache-2.0
// The random numbers that design spaces are made of.
#include "metaschedule/support/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace metaschedule {
namespace {

TEST(Rand, FollowsTheLinearCongruence) {
  Rand rand(1);
  EXPECT_EQ(rand.next(), 48271);
  EXPECT_EQ(rand.next(), 182605794);
  EXPECT_EQ(rand.state(), 182605794);
}

TEST(Rand, NormalizesSeeds) {
  EXPECT_EQ(Rand(0).state(), 1);
  EXPECT_EQ(Rand(2147483647).state(), 1);
  EXPECT_EQ(Rand(2147483648).state(), 1);
  EXPECT_GE(Rand(-1).state(), 1);
  EXPECT_THROW(Rand(-2), ValueError);
}

TEST(Rand, ASingleValueTakesNoDraw) {
  Rand rand(7);
  EXPECT_EQ(rand.sample_int(3, 4), 3);
  EXPECT_EQ(rand.discrete({1.0}), 0);
  EXPECT_EQ(rand.state(), 7);
  EXPECT_THROW(rand.sample_int(4, 4), ValueError);
}

TEST(Rand, DrawsStayInRange) {
  Rand rand(42);
  std::vector<int> seen(5);
  for (int i = 0; i < 1000; ++i) ++seen[static_cast<size_t>(rand.sample_int(-2, 3) + 2)];
  for (int count : seen) EXPECT_GT(count, 100);
  for (int i = 0; i < 1000; ++i) {
    double u = rand.uniform();
    EXPECT_GE(u, 0.0);
    EXPECT_LT(u, 1.0);
    int64_t wide = rand.sample_int(0, int64_t{1} << 40);
    EXPECT_GE(wide, 0);
    EXPECT_LT(wide, int64_t{1} << 40);
  }
}

TEST(Rand, DiscreteFollowsItsWeights) {
  Rand rand(3);
  std::vector<int> seen(3);
  for (int i = 0; i < 3000; ++i) ++seen[static_cast<size_t>(rand.discrete({1.0, 0.0, 2.0}))];
  EXPECT_EQ(seen[1], 0);
  EXPECT_NEAR(seen[0], 1000, 120);
}

}  // namespace
}  // namespace metaschedule
