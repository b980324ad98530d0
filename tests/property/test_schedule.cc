// SPDX-License-Identifier: Apache-2.0
// Random primitives on small programs: whatever is not refused leaves what the program computes as
// it was, and the trace of it all replays to the same program.
#include <gtest/gtest.h>

#include <random>

#include "interp_util.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

const char* kPrograms[] = {
    R"(@T.prim_func
def main(A: T.Buffer((6, 4), "float32"), B: T.Buffer((4, 5), "float32"), D: T.Buffer((6, 5), "float32")):
    C = T.alloc_buffer((6, 5))
    for i, j, k in T.grid(6, 5, 4):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            T.reads(A[vi, vk], B[vk, vj])
            T.writes(C[vi, vj])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
    for i, j in T.grid(6, 5):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(C[vi, vj])
            T.writes(D[vi, vj])
            D[vi, vj] = T.max(C[vi, vj], T.float32(0))
)",
    R"(@T.prim_func
def main(A: T.Buffer((4, 8), "float32"), D: T.Buffer((4, 8), "float32")):
    B = T.alloc_buffer((4, 8))
    C = T.alloc_buffer((4, 8))
    for i, j in T.grid(4, 8):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(A[vi, vj])
            T.writes(B[vi, vj])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(4, 8):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(B[vi, vj])
            T.writes(C[vi, vj])
            C[vi, vj] = B[vi, vj] * T.float32(2)
    for i, j in T.grid(4, 8):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(C[vi, vj], B[vi, vj])
            T.writes(D[vi, vj])
            D[vi, vj] = C[vi, vj] - B[vi, vj]
)",
    R"(@T.prim_func
def main(A: T.Buffer((10,), "float32"), W: T.Buffer((3,), "float32"), O: T.Buffer((10,), "float32")):
    P = T.alloc_buffer((12,))
    for i in range(12):
        with T.block("P"):
            vi = T.axis.spatial(12, i)
            T.reads(A[vi - 1])
            T.writes(P[vi])
            P[vi] = T.if_then_else(1 <= vi and vi < 11, A[vi - 1], T.float32(0))
    for i, r in T.grid(10, 3):
        with T.block("O"):
            vi, vr = T.axis.remap("SR", [i, r])
            T.reads(P[vi + vr], W[vr])
            T.writes(O[vi])
            with T.init():
                O[vi] = T.float32(0)
            O[vi] = O[vi] + P[vi + vr] * W[vr]
)",
    R"(@T.prim_func
def main(A: T.Buffer((5, 6), "float32"), R: T.Buffer((5, 6), "float32")):
    S = T.alloc_buffer((5,))
    for i, k in T.grid(5, 6):
        with T.block("S"):
            vi, vk = T.axis.remap("SR", [i, k])
            T.reads(A[vi, vk])
            T.writes(S[vi])
            with T.init():
                S[vi] = T.float32(0)
            S[vi] = S[vi] + A[vi, vk]
    for i, j in T.grid(5, 6):
        with T.block("R"):
            vi, vj = T.axis.remap("SS", [i, j])
            T.reads(A[vi, vj], S[vi])
            T.writes(R[vi, vj])
            R[vi, vj] = A[vi, vj] - S[vi]
)"};

class RandomScheduler {
 public:
  RandomScheduler(Schedule& sch, uint64_t seed) : sch_(sch), random_(seed) {}

  /// One primitive with random arguments; false when it is refused or there is nothing to do.
  std::string step() {
    try {
      return try_step();
    } catch (const ScheduleError&) {
      return "";
    } catch (const ValueError&) {
      return "";  // for instance a buffer index that does not exist
    }
  }

 private:
  size_t below(size_t n) { return random_() % n; }
  bool coin() { return below(2) == 0; }
  template <class T>
  T pick(const std::vector<T>& list) {
    return list[below(list.size())];
  }

  std::string try_step() {
    std::vector<BlockRV> blocks = sch_.get_child_blocks(sch_.get_block("root"));
    if (blocks.empty()) return "";
    BlockRV block = pick(blocks);
    std::vector<LoopRV> loops = sch_.get_loops(block);
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
        return loops.empty() ? "" : split(pick(loops));
      case 3:
        if (loops.size() < 2) return "";
        {
          size_t at = below(loops.size() - 1);
          sch_.fuse({loops[at], loops[at + 1]}, coin());
        }
        return "fuse";
      case 4:
      case 5:
        if (loops.size() < 2) return "";
        std::shuffle(loops.begin(), loops.end(), random_);
        loops.resize(2 + below(loops.size() - 1));
        sch_.reorder(loops);
        return "reorder";
      case 6:
        if (!loops.empty()) sch_.parallel(pick(loops));
        return "parallel";
      case 7:
        if (!loops.empty()) coin() ? sch_.vectorize(loops.back()) : sch_.unroll(pick(loops));
        return "kind";
      case 8:
        sch_.cache_read(block, 0, coin() ? "global" : "local");
        return "cache_read";
      case 9:
        sch_.cache_write(block, 0, coin() ? "global" : "local");
        return "cache_write";
      case 10:
      case 11: {
        std::vector<LoopRV> others = sch_.get_loops(pick(blocks));
        if (others.empty()) return "";
        sch_.compute_at(block, pick(others), coin());
        return "compute_at";
      }
      case 12:
      case 13: {
        std::vector<LoopRV> others = sch_.get_loops(pick(blocks));
        if (others.empty()) return "";
        sch_.reverse_compute_at(block, pick(others), coin(), coin() ? -1 : -2);
        return "reverse_compute_at";
      }
      case 14:
        sch_.compute_inline(block);
        return "compute_inline";
      case 15:
        sch_.reverse_compute_inline(block);
        return "reverse_compute_inline";
      case 16:
        if (!loops.empty()) sch_.decompose_reduction(block, pick(loops));
        return "decompose_reduction";
      case 17:
        if (!loops.empty()) sch_.rfactor(pick(loops), static_cast<int64_t>(below(2)));
        return "rfactor";
      case 18:
        if (coin()) {
          sch_.add_unit_loop(block);
        } else if (!loops.empty()) {
          sch_.blockize(pick(loops));
        }
        return "unit loop or blockize";
      default:
        sch_.compute_at(block, sch_.sample_compute_location(block), true);
        return "sampled compute_at";
    }
  }

  std::string split(LoopRV loop) {
    if (coin()) {
      sch_.split(loop, sch_.sample_perfect_tile(loop, 2 + static_cast<int64_t>(below(2)), 4),
                 coin());
    } else {
      sch_.split(loop, {nullptr, i32(2 + static_cast<int64_t>(below(3)))}, coin());
    }
    return "split";
  }

  Schedule& sch_;
  std::mt19937_64 random_;
};

TEST(ScheduleProperty, PrimitivesKeepWhatIsComputed) {
  int done = 0;
  for (size_t p = 0; p < std::size(kPrograms); ++p) {
    ModuleRef mod = parse_module(kPrograms[p]);
    PrimFuncRef func = mod->lookup("main");
    testing::TestTensors expected = testing::random_arguments(*func, 1);
    const testing::TestTensors inputs = expected;
    interp::run(*func, testing::views(expected));
    for (uint64_t seed = 0; seed < 60; ++seed) {
      ScheduleOptions options;
      options.error_render_level = ErrorLevel::Fast;
      Schedule sch(mod, static_cast<int64_t>(seed + 1), options);
      RandomScheduler scheduler(sch, seed);
      for (int i = 0; i < 12; ++i) {
        ModuleRef before = sch.mod();
        std::string what = scheduler.step();
        if (what.empty()) {
          ASSERT_TRUE(structural_equal(before, sch.mod())) << "a refusal changed the program";
          continue;
        }
        ++done;
        PrimFuncRef now = sch.mod()->lookup("main");
        ASSERT_NO_THROW(check_well_formed(*now)) << what << "\n" << to_script(*now);
        testing::TestTensors found = inputs;
        std::string error;
        try {
          interp::run(*now, testing::views(found));
        } catch (const Error& e) {
          error = e.message();
        }
        // A region is estimated from above: some instances are computed too early, from what is not
        // there yet, and again when it is. The interpreter does not bear it.
        if (what == "reverse_compute_at" && error.find("before it is written") != error.npos) break;
        ASSERT_EQ(error, "") << "program " << p << ", seed " << seed << ": " << what << "\nfrom\n"
                             << to_script(*before) << "\nto\n"
                             << to_script(*now);
        ASSERT_EQ(testing::difference(expected, found, false), "")
            << "program " << p << ", seed " << seed << ": " << what << "\nfrom\n"
            << to_script(*before) << "\nto\n"
            << to_script(*now);
      }
      ReplayResult again = try_replay(sch.trace(), mod, 99);
      ASSERT_TRUE(again) << again.failure.primitive << ": " << again.failure.message;
      ASSERT_TRUE(structural_equal(again.schedule->mod(), sch.mod()));
    }
  }
  EXPECT_GT(done, 500);
}

}  // namespace
}  // namespace metaschedule
