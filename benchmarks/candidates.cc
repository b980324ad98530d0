// SPDX-License-Identifier: Apache-2.0
// Candidates a second on one core: made (fresh random decisions, replay, postprocs, as the strategy
// replay-trace does it) and turned into features (lowering and per-store features).
//
//   bench_candidates [replay|features|evolve|all = all] [PROGRAM|all = all] [count = 1000]
//
// PROGRAM is matmul512, conv or softmax: those of benchmarks/peer/programs.py. Time is that of the
// processor; the best of three rounds is printed, where a refused or failed attempt takes its time
// and is not counted. `evolve` is one round of the evolutionary search (population 512, four
// generations, 64 picked) with random scores, in seconds. The sums at the end of each line are of
// hashes of what was made: the same before and after a change that should change nothing.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/te/workload.h"
#include "metaschedule/tune/cost/per_store_feature.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/record/memory_database.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {
namespace {

te::Tensors conv() {
  using te::at;
  auto shape = [](std::initializer_list<int64_t> sizes) {
    std::vector<Expr> out;
    for (int64_t size : sizes) out.push_back(i32(size));
    return Exprs(out);
  };
  TensorRef data = te::placeholder(shape({1, 56, 56, 64}), kFloat32, "inputs");
  TensorRef weight = te::placeholder(shape({3, 3, 64, 64}), kFloat32, "weight");
  TensorRef bias = te::placeholder(shape({64}), kFloat32, "bias");
  TensorRef pad = te::compute(
      shape({1, 58, 58, 64}),
      [&](const te::Indices& i) {
        Expr inside = logical_and(
            logical_and(logical_and(ge(i[1], i32(1)), lt(i[1], i32(57))), ge(i[2], i32(1))),
            lt(i[2], i32(57)));
        return if_then_else(inside, at(data, {i[0], i[1] - i32(1), i[2] - i32(1), i[3]}),
                            make_zero(kFloat32));
      },
      {.name = "PadInput"});
  auto rh = te::reduce_axis(i32(3), "rh"), rw = te::reduce_axis(i32(3), "rw");
  auto rc = te::reduce_axis(i32(64), "rc");
  const Exprs whole = shape({1, 56, 56, 64});
  TensorRef product =
      te::compute(whole,
                  [&](const te::Indices& i) {
                    return te::sum(at(pad, {i[0], i[1] + rh->var, i[2] + rw->var, rc->var}) *
                                       at(weight, {rh->var, rw->var, rc->var, i[3]}),
                                   {rh, rw, rc});
                  },
                  {.name = "conv2d_nhwc"});
  TensorRef biased =
      te::compute(whole, [&](const te::Indices& i) { return at(product, i) + at(bias, {i[3]}); },
                  {.name = "bias_add"});
  TensorRef relu = te::compute(
      whole, [&](const te::Indices& i) { return max(at(biased, i), make_zero(kFloat32)); });
  return {data, weight, bias, relu};
}

TuneContextPtr context_of(const std::string& program, const char* strategy) {
  te::Tensors tensors;
  if (program == "matmul512") tensors = te::matmul(512, 512, 512);
  if (program == "conv") tensors = conv();
  if (program == "softmax") tensors = te::softmax_mn(256, 1024);
  TuneContext::Options options;
  options.mod = normalize_mod(te::create_prim_func(tensors));
  options.target = make_target("llvm -mcpu=znver4 -num-cores=2");
  options.space_generator = std::make_shared<PostOrderApply>();
  options.search_strategy = SearchStrategy::create(strategy);
  options.num_threads = 1;
  options.rand_state = 1;
  return TuneContext::create(options);
}

class Clock {
 public:
  double seconds() const { return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC; }

 private:
  std::clock_t start_ = std::clock();
};

uint64_t sum_of(const std::vector<MeasureCandidate>& candidates) {
  uint64_t sum = 0;
  for (const auto& candidate : candidates) sum += structural_hash(candidate.sch->mod());
  return sum;
}

void replay_and_features(const std::string& program, int count, bool features, int rounds) {
  std::vector<MeasureCandidate> candidates;
  TuneContextPtr context;
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    candidates.clear();
    context = context_of(program, "replay-trace");
    context->search_strategy->pre_tuning(1000000, count, context->generate_design_space(), nullptr,
                                         nullptr);
    Clock clock;
    candidates = *context->search_strategy->generate_measure_candidates();
    best = std::min(best, clock.seconds());
  }
  const double size = static_cast<double>(candidates.size());
  std::printf("replay    %-10s %8.0f /s  %016llx\n", program.c_str(), size / best,
              static_cast<unsigned long long>(sum_of(candidates)));
  if (!features) return;
  PerStoreFeature extractor;
  best = 1e9;
  uint64_t sum = 0;
  for (int round = 0; round < rounds; ++round) {
    Clock clock;
    std::vector<FeatureMatrix> out = extractor.extract_from(context, candidates);
    best = std::min(best, clock.seconds());
    sum = 0;
    for (const FeatureMatrix& matrix : out) {
      for (double value : matrix.data) {
        uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        sum = sum * 0x9e3779b97f4a7c15u + bits;
      }
    }
  }
  std::printf("features  %-10s %8.0f /s  %016llx\n", program.c_str(), size / best,
              static_cast<unsigned long long>(sum));
}

void evolve(const std::string& program, int rounds) {
  double best = 1e9;
  std::vector<MeasureCandidate> candidates;
  for (int round = 0; round < rounds; ++round) {
    candidates.clear();
    TuneContextPtr context = context_of(program, "evolutionary");
    context->search_strategy->pre_tuning(1000, 64, context->generate_design_space(),
                                         std::make_shared<MemoryDatabase>(),
                                         CostModel::create("random"));
    Clock clock;
    candidates = *context->search_strategy->generate_measure_candidates();
    best = std::min(best, clock.seconds());
  }
  std::printf("evolve    %-10s %8.3f s   (%zu candidates)\n", program.c_str(), best,
              candidates.size());
}

}  // namespace
}  // namespace metaschedule

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "all", which = argc > 2 ? argv[2] : "all";
  const int count = argc > 3 ? std::atoi(argv[3]) : 1000;
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 3;
  for (const char* program : {"matmul512", "conv", "softmax"}) {
    if (which != "all" && which != program) continue;
    if (what != "evolve")
      metaschedule::replay_and_features(program, count, what != "replay", rounds);
    if (what == "evolve" || what == "all") metaschedule::evolve(program, rounds);
  }
}
