// SPDX-License-Identifier: Apache-2.0
// Candidates replayed in a second on one core. A trace of a multi-level tiled program, as the
// design space for CPUs has it with its postprocessing, is replayed with fresh random tiles each
// time; a candidate that refuses counts too. Time is that of the processor; the best of five rounds
// of 0.3 s is printed.
#include <cstdio>
#include <ctime>
#include <string>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

const char* kMatmul = R"(@T.prim_func
def main(A: T.Buffer((512, 512), "float32"), B: T.Buffer((512, 512), "float32"), C: T.Buffer((512, 512), "float32")):
    for i, j, k in T.grid(512, 512, 512):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            T.reads(A[vi, vk], B[vk, vj])
            T.writes(C[vi, vj])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";

const char* kConv = R"(@T.prim_func
def main(I: T.Buffer((1, 56, 56, 64), "float32"), W: T.Buffer((3, 3, 64, 64), "float32"), O: T.Buffer((1, 56, 56, 64), "float32")):
    P = T.alloc_buffer((1, 58, 58, 64))
    for n, h, w, c in T.grid(1, 58, 58, 64):
        with T.block("pad"):
            vn, vh, vw, vc = T.axis.remap("SSSS", [n, h, w, c])
            T.reads(I[vn, vh - 1, vw - 1, vc])
            T.writes(P[vn, vh, vw, vc])
            P[vn, vh, vw, vc] = T.if_then_else(1 <= vh and vh < 57 and 1 <= vw and vw < 57, I[vn, vh - 1, vw - 1, vc], T.float32(0))
    for n, h, w, c, rh, rw, rc in T.grid(1, 56, 56, 64, 3, 3, 64):
        with T.block("conv"):
            vn, vh, vw, vc, vrh, vrw, vrc = T.axis.remap("SSSSRRR", [n, h, w, c, rh, rw, rc])
            T.reads(P[vn, vh + vrh, vw + vrw, vrc], W[vrh, vrw, vrc, vc])
            T.writes(O[vn, vh, vw, vc])
            with T.init():
                O[vn, vh, vw, vc] = T.float32(0)
            O[vn, vh, vw, vc] = O[vn, vh, vw, vc] + P[vn, vh + vrh, vw + vrw, vrc] * W[vrh, vrw, vrc, vc]
)";

// Tiles as SSRSRS, spatial loops in four, reductions in two.
Trace tile(const ModuleRef& mod, const char* name) {
  Schedule sch(mod, 42);
  BlockRV block = sch.get_block(name), root = sch.get_block("root");
  sch.annotate(block, "meta_schedule.tiling_structure", make<String>("SSRSRS"));
  std::vector<LoopRV> loops = sch.get_loops(block);
  std::vector<std::vector<LoopRV>> levels(6);
  const Block* node = sch.get(block);
  std::vector<IterType> types;
  for (const auto& iter : node->iter_vars) types.push_back(iter->iter_type);
  for (size_t i = 0; i < loops.size(); ++i) {
    bool spatial = types[i] == IterType::DataPar;
    std::vector<size_t> places =
        spatial ? std::vector<size_t>{0, 1, 3, 5} : std::vector<size_t>{2, 4};
    auto parts = sch.split(
        loops[i], sch.sample_perfect_tile(loops[i], static_cast<int64_t>(places.size()), 64));
    for (size_t k = 0; k < parts.size(); ++k) levels[places[k]].push_back(parts[k]);
  }
  std::vector<LoopRV> order;
  for (const auto& level : levels) order.insert(order.end(), level.begin(), level.end());
  sch.reorder(order);
  for (BlockRV producer : sch.get_producers(block))
    sch.compute_at(producer, sch.sample_compute_location(producer), true);
  sch.annotate(root, "meta_schedule.parallel", i32(16));
  sch.annotate(root, "meta_schedule.vectorize", i32(64));
  ExprRV unroll = sch.sample_categorical({0, 16, 64, 512}, {0.25, 0.25, 0.25, 0.25});
  sch.annotate(root, "meta_schedule.unroll_explicit", unroll);
  sch.enter_postproc();
  for (const char* key : {"parallel", "vectorize", "unroll_explicit"})
    sch.unannotate(root, std::string("meta_schedule.") + key);
  std::vector<LoopRV> now = sch.get_loops(block);
  size_t outer = levels[0].size() + levels[1].size();
  sch.parallel(sch.fuse(std::vector<LoopRV>(now.begin(), now.begin() + static_cast<long>(outer))));
  sch.vectorize(now.back());
  sch.annotate(sch.get_loops(block)[0], "pragma_auto_unroll_max_step", i32(64));
  return sch.trace();
}

void measure(const char* label, const char* script, const char* block) {
  ModuleRef mod = parse_module(script);
  Trace trace = tile(mod, block);
  Rand rand(1);
  double best = 0;
  int failed = 0;
  for (int round = 0; round < 5; ++round) {
    std::clock_t start = std::clock();
    int count = 0;
    double seconds = 0;
    while (seconds < 0.3) {
      for (int i = 0; i < 50; ++i, ++count) {
        // New tiles: decisions are dropped by sampling them outside, as a search does.
        Trace candidate = trace;
        for (size_t s = 0; s < trace.size(); ++s) {
          auto old = trace.decision(s);
          const auto* tiles = old ? std::get_if<std::vector<int64_t>>(&*old) : nullptr;
          if (!tiles) continue;
          int64_t extent = 1;
          for (int64_t t : *tiles) extent *= t;
          candidate.set_decision(s,
                                 sample_factors(rand, extent, static_cast<int64_t>(tiles->size())));
        }
        if (!try_replay(candidate, mod, 1)) ++failed;
      }
      seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    best = std::max(best, count / seconds);
  }
  std::printf("%-8s %3zu steps  %9.0f candidates/s  (%d refused)\n", label, trace.size(), best,
              failed);
}

}  // namespace
}  // namespace metaschedule

int main() {
  metaschedule::measure("matmul", metaschedule::kMatmul, "C");
  metaschedule::measure("conv", metaschedule::kConv, "conv");
}
