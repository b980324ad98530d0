// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/kernel_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "metaschedule/ir/target.h"

namespace metaschedule::runtime {
namespace {

struct Counts {
  std::vector<std::atomic<int>> hits;
  explicit Counts(int64_t n) : hits(static_cast<size_t>(n)) {}
};

int32_t count(void* closure, int64_t begin, int64_t end) {
  auto& counts = *static_cast<Counts*>(closure);
  for (int64_t i = begin; i < end; ++i) ++counts.hits[static_cast<size_t>(i)];
  return 0;
}

TEST(KernelPool, RunsEachIterationOnce) {
  for (int threads : {1, 2, 3, 8}) {
    KernelPool pool(threads);
    EXPECT_EQ(pool.num_threads(), threads);
    for (int64_t extent : {0, 1, 2, 3, 7, 17, 1000}) {
      for (int repeat = 0; repeat < 50; ++repeat) {
        Counts counts(extent);
        EXPECT_EQ(pool.parallel_for(count, &counts, extent), 0);
        for (auto& hit : counts.hits) EXPECT_EQ(hit, 1);
      }
    }
  }
}

TEST(KernelPool, GivesTheCodeOfAFailedPiece) {
  KernelPool pool(4);
  auto fail_at_six = [](void*, int64_t begin, int64_t end) -> int32_t {
    return begin <= 6 && 6 < end ? 42 : 0;
  };
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool.parallel_for(fail_at_six, nullptr, 8), 42);
  Counts counts(8);
  EXPECT_EQ(pool.parallel_for(count, &counts, 8), 0);
}

TEST(KernelPool, RunsALaunchInsideABodyInTheSameThread) {
  static KernelPool pool(3);
  static Counts counts(12);
  auto outer = [](void*, int64_t begin, int64_t end) -> int32_t {
    for (int64_t i = begin; i < end; ++i) {
      auto inner = [](void* closure, int64_t b, int64_t e) -> int32_t {
        for (int64_t k = b; k < e; ++k)
          ++counts.hits[static_cast<size_t>(*static_cast<int64_t*>(closure) * 4 + k)];
        return 0;
      };
      pool.parallel_for(inner, &i, 4);
    }
    return 0;
  };
  EXPECT_EQ(pool.parallel_for(outer, nullptr, 3), 0);
  for (auto& hit : counts.hits) EXPECT_EQ(hit, 1);
}

TEST(KernelPool, ServesSeveralCallersAtOnce) {
  KernelPool pool(2);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        Counts counts(9);
        pool.parallel_for(count, &counts, 9);
        for (auto& hit : counts.hits)
          if (hit != 1) ++wrong;
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(KernelPool, HasNoMoreThreadsThanTheAffinityMaskHasCores) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &before)) ++cpu;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  {
    KernelPool pool;
    EXPECT_EQ(pool.num_threads(), 1);
  }
  sched_setaffinity(0, sizeof before, &before);
  KernelPool pool;
  EXPECT_LE(pool.num_threads(), available_cores());
}

TEST(KernelPool, WakesWorkersThatSleep) {
  KernelPool pool(2);
  for (int i = 0; i < 5; ++i) {
    Counts counts(64);
    pool.parallel_for(count, &counts, 64);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace
}  // namespace metaschedule::runtime
