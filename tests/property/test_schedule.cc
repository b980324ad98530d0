// SPDX-License-Identifier: Apache-2.0
// Random primitives on small programs: whatever is not refused leaves what the program computes as
// it was, and the trace of it all replays to the same program.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "interp_util.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/scope.h"
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
    switch (below(40)) {
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
      case 19:
        sch_.compute_at(block, sch_.sample_compute_location(block), true);
        return "sampled compute_at";
      default:
        return copy_or_pad(block, blocks, loops);
    }
  }

  std::string copy_or_pad(BlockRV block, const std::vector<BlockRV>& blocks,
                          const std::vector<LoopRV>& loops) {
    const char* memory = coin() ? "global" : "local";
    switch (below(14)) {
      case 0:
      case 1: {
        // The original takes blocks that update what they read, and loses the update.
        BufferArg which{static_cast<int64_t>(below(2)), coin()};
        const Block& node = *sch_.get(block);
        const BufferRegions& regions = which.is_write ? node.writes : node.reads;
        if (static_cast<size_t>(which.index) >= regions.size()) return "";
        const Buffer* buffer = regions[static_cast<size_t>(which.index)]->buffer.get();
        if (reads_buffer(node, buffer) && writes_buffer(node, buffer)) return "";
        sch_.reindex(block, which);
        return "reindex";
      }
      case 2:
        if (!loops.empty()) sch_.read_at(pick(loops), block, 0, memory);
        return "read_at";
      case 3:
        if (!loops.empty()) sch_.write_at(pick(loops), block, 0, memory);
        return "write_at";
      case 4: {
        // It pads all blocks of a nest alike.
        if (!loops.empty() && sch_.get_child_blocks(loops[0]).size() != 1) return "";
        std::vector<int64_t> padding;
        for (size_t i = 0; i < sch_.get(block)->iter_vars.size(); ++i)
          padding.push_back(static_cast<int64_t>(1 + below(4)));
        sch_.pad_einsum(block, padding);
        return "pad_einsum";
      }
      case 5: {
        // Parts of a reduction each start with its init.
        for (const auto& iter : sch_.get(block)->iter_vars)
          if (iter->iter_type != IterType::DataPar) return "";
        if (loops.empty()) return "";
        sch_.loop_partition(pick(loops), {i32(static_cast<int64_t>(1 + below(3))), nullptr});
        return "loop_partition";
      }
      case 6:
      case 7: {
        std::vector<LoopRV> others = sch_.get_loops(pick(blocks));
        if (loops.empty() || others.empty()) return "";
        size_t depth = below(std::min(loops.size(), others.size()));
        sch_.merge({loops[depth], others[depth]});
        return "merge";
      }
      case 8:
        if (!loops.empty()) sch_.decompose_padding(block, pick(loops));
        return "decompose_padding";
      case 9:
        sch_.rolling_buffer(block, 0);
        return "rolling_buffer";
      case 10:
        sch_.cache_inplace(block, 0, memory);
        return "cache_inplace";
      case 11:
        sch_.cache_index(block, memory, static_cast<int64_t>(below(3)));
        return "cache_index";
      case 12:
        return reindex_cache(block, memory);
      default:
        return pad_layout(block);
    }
  }

  std::string reindex_cache(BlockRV block, const char* memory) {
    const Block& node = *sch_.get(block);
    bool read = coin();
    const BufferRegions& regions = read ? node.reads : node.writes;
    if (regions.empty()) return "";
    std::vector<VarRef> inputs;
    std::vector<Expr> outputs;
    for (const auto& iter : node.iter_vars) {
      inputs.push_back(make<Var>(iter->var->name, iter->var->dtype));
      for (const auto& range : regions[0]->region) {
        if (!uses_var(*range->min, iter->var.get())) continue;
        outputs.push_back(inputs.back());
        break;
      }
    }
    std::shuffle(outputs.begin(), outputs.end(), random_);
    auto map = make<IndexMap>(Vars(inputs), outputs);
    read ? sch_.reindex_cache_read(block, 0, memory, map)
         : sch_.reindex_cache_write(block, 0, memory, map);
    return "reindex_cache";
  }

  std::string pad_layout(BlockRV block) {
    const Block& node = *sch_.get(block);
    const auto& allocated = sch_.get(sch_.get_block("root"))->alloc_buffers;
    if (node.writes.empty()) return "";
    BufferRef buffer = node.writes[0]->buffer;
    if (std::find(allocated.begin(), allocated.end(), buffer) == allocated.end()) return "";
    std::vector<VarRef> inputs, padded;
    std::vector<Expr> outputs;
    for (size_t i = 0; i < buffer->ndim(); ++i) {
      inputs.push_back(make<Var>("i", kInt32));
      outputs.push_back(inputs.back());
    }
    outputs.back() = floordiv(Expr(inputs.back()), 3);
    outputs.push_back(floormod(Expr(inputs.back()), 3));
    for (size_t i = 0; i < outputs.size(); ++i) padded.push_back(make<Var>("j", kInt32));
    Exprs value{make<FloatImm>(kFloat32, 7)};
    sch_.transform_layout(block, {0, true}, make<IndexMap>(Vars(inputs), outputs),
                          make<IndexMap>(Vars(padded), value));
    return "transform_layout";
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
    for (uint64_t seed = 0; seed < 150; ++seed) {
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
        // What these copy is estimated from above, too, and may not all be there.
        bool copies =
            what == "read_at" || what == "write_at" || what == "reindex" || what == "pad_einsum";
        if (copies && !error.empty()) break;
        ASSERT_EQ(error, "") << "program " << p << ", seed " << seed << ": " << what << "\nfrom\n"
                             << to_script(*before) << "\nto\n"
                             << to_script(*now);
        ASSERT_EQ(testing::difference(expected, found, false), "")
            << "program " << p << ", seed " << seed << ": " << what << "\nfrom\n"
            << to_script(*before) << "\nto\n"
            << to_script(*now);
        // Blocks do not declare what they access then, so that later primitives do not see it.
        if (what == "loop_partition" || what == "cache_index") break;
      }
      ReplayResult again = try_replay(sch.trace(), mod, 99);
      ASSERT_TRUE(again) << again.failure.primitive << ": " << again.failure.message;
      ASSERT_TRUE(structural_equal(again.schedule->mod(), sch.mod()));
    }
  }
  EXPECT_GT(done, 1500);
}

}  // namespace
}  // namespace metaschedule
