// SPDX-License-Identifier: Apache-2.0
// Builders, runners, spaces and searches that need no compiler.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cpp/schedule/programs.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/postproc.h"
#include "metaschedule/tune/runner.h"
#include "metaschedule/tune/schedule_rule.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/tune_context.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule::testing {

/// A path that carries the hash of the program; `fail` may refuse the n-th program instead.
class FakeBuilder : public Builder {
 public:
  using Fail = std::function<FailureKind(int n)>;
  explicit FakeBuilder(Fail fail = {}) : fail_(std::move(fail)) {}
  std::vector<BuilderResult> build(const std::vector<BuilderInput>& inputs) override {
    std::vector<BuilderResult> out;
    for (const BuilderInput& input : inputs) {
      const FailureKind kind = fail_ ? fail_(count) : FailureKind::None;
      ++count;
      hashes.push_back(structural_hash(input.mod));
      out.push_back(kind == FailureKind::None ? BuilderResult::ok(std::to_string(hashes.back()))
                                              : BuilderResult::failed(kind, "planted"));
    }
    return out;
  }
  int count = 0;
  std::vector<uint64_t> hashes;

 private:
  Fail fail_;
};

/// A time between 1 and 2 ms that depends on the program alone.
inline double fake_seconds(const std::string& path) {
  return 0.001 + 0.001 * static_cast<double>(std::stoull(path) % 1000) / 1000;
}

class FakeRunner : public Runner {
 public:
  using Run = std::function<RunnerResult(const RunnerInput&, int n)>;
  explicit FakeRunner(Run run = {}) : run_(std::move(run)) {}
  std::vector<RunnerFuturePtr> run(const std::vector<RunnerInput>& inputs) override {
    std::vector<RunnerFuturePtr> out;
    for (const RunnerInput& input : inputs) {
      RunnerResult result =
          run_ ? run_(input, count) : RunnerResult::ok({fake_seconds(input.artifact_path)});
      ++count;
      out.push_back(std::make_shared<FunctionRunnerFuture>(std::move(result)));
    }
    return out;
  }
  int count = 0;

 private:
  Run run_;
};

/// Tiles each loop of block `C` in four by sampling.
inline std::vector<SchedulePtr> tile_c(const SchedulePtr& sch) {
  const BlockRV block = sch->get_block("C", "main");
  for (const LoopRV& loop : sch->get_loops(block)) {
    const std::vector<ExprRV> tiles = sch->sample_perfect_tile(loop, 4, 64);
    sch->split(loop, tiles);
  }
  return {sch};
}

class FakePostproc : public Postproc {
 public:
  using Apply = std::function<bool(const SchedulePtr&)>;
  explicit FakePostproc(Apply apply, std::string name = "FakePostproc")
      : apply_(std::move(apply)), name_(std::move(name)) {}
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override { return apply_(sch); }
  PostprocPtr clone() const override { return std::make_shared<FakePostproc>(apply_, name_); }
  std::string name() const override { return name_; }

 private:
  Apply apply_;
  std::string name_;
};

/// Moves a factor of two from one tile of a decision to another.
class TileMutator : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override {
    std::vector<std::pair<size_t, std::vector<int64_t>>> sites;
    for (size_t i = 0; i < trace.postproc(); ++i) {
      const std::optional<Decision> decision = trace.decision(i);
      const auto* tiles = decision ? std::get_if<std::vector<int64_t>>(&*decision) : nullptr;
      if (tiles) sites.emplace_back(i, *tiles);
    }
    if (sites.empty()) return std::nullopt;
    auto& [site, tiles] = sites[rand.sample_int(0, static_cast<int64_t>(sites.size()))];
    const int64_t n = static_cast<int64_t>(tiles.size());
    const int64_t from = rand.sample_int(0, n), to = rand.sample_int(0, n);
    if (from == to || tiles[from] % 2 != 0) return std::nullopt;
    tiles[from] /= 2;
    tiles[to] *= 2;
    return trace.with_decision(site, tiles, /*remove_postproc=*/true);
  }
  MutatorPtr clone() const override { return std::make_shared<TileMutator>(); }
};

/// The space of `tile_c` with these postprocs and the mutator above.
inline SpaceGeneratorPtr tile_space(Postprocs postprocs = {}) {
  auto space = std::make_shared<ScheduleFn>(tile_c);
  space->sch_rules = ScheduleRules{};
  space->postprocs = std::move(postprocs);
  space->mutator_probs = MutatorProbs{{std::make_shared<TileMutator>(), 1.0}};
  return space;
}

inline TuneContextPtr context_of(const ModuleRef& mod, SpaceGeneratorPtr space,
                                 SearchStrategyPtr strategy, int threads = 2, int64_t seed = 42,
                                 std::string name = "main", TargetRef target = nullptr) {
  return TuneContext::create({.mod = mod,
                              .target = std::move(target),
                              .space_generator = std::move(space),
                              .search_strategy = std::move(strategy),
                              .task_name = std::move(name),
                              .num_threads = threads,
                              .rand_state = seed,
                              .logger = {}});
}

}  // namespace metaschedule::testing
