// SPDX-License-Identifier: Apache-2.0
// A small class of each interface, in one session of C++ alone; docs/extending.md does the same in
// Python.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <numeric>

#include "cpp/schedule/programs.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/feature_extractor.h"
#include "metaschedule/tune/measure/callbacks.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/postproc.h"
#include "metaschedule/tune/schedule_rule.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/space_generator.h"
#include "metaschedule/tune/task_scheduler.h"
#include "metaschedule/tune/tune.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule::testing {
namespace {

/// Splits the last loop of every block in two.
class SplitLast : public ScheduleRule {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override {
    const std::vector<LoopRV> loops = sch->get_loops(block);
    if (!loops.empty()) sch->split(loops.back(), sch->sample_perfect_tile(loops.back(), 2, 16));
    return {sch};
  }
  ScheduleRulePtr clone() const override { return std::make_shared<SplitLast>(); }
  std::string name() const override { return "SplitLast"; }
};

/// Refuses innermost loops of one iteration.
class NoUnitLoop : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override {
    const std::vector<LoopRV> loops = sch->get_loops(sch->get_block("C"));
    const For* last = sch->get(loops.back());
    return !is_const_int(last->extent, 1);
  }
  PostprocPtr clone() const override { return std::make_shared<NoUnitLoop>(); }
};

/// Halves the inner of two tiles.
class Halve : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::optional<Trace> apply(const Trace& trace, Rand&) override {
    for (size_t i = 0; i < trace.postproc(); ++i) {
      const std::optional<Decision> decision = trace.decision(i);
      if (!decision) continue;
      auto tiles = std::get<std::vector<int64_t>>(*decision);
      if (tiles[1] % 2 != 0) return std::nullopt;
      tiles[0] *= 2;
      tiles[1] /= 2;
      return trace.with_decision(i, tiles, /*remove_postproc=*/true);
    }
    return std::nullopt;
  }
  MutatorPtr clone() const override { return std::make_shared<Halve>(); }
};

/// Applies its rules to the block `C` alone.
class OneBlock : public SpaceGenerator {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override {
    SpaceGenerator::initialize_with_tune_context(context);
    seed_ = context->rand.fork_seed();
  }
  std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) override {
    std::vector<SchedulePtr> spaces{std::make_shared<Schedule>(mod, seed_)};
    for (const ScheduleRulePtr& rule : *sch_rules) {
      std::vector<SchedulePtr> next;
      for (const SchedulePtr& sch : spaces)
        for (SchedulePtr& one : rule->apply(sch, sch->get_block("C"))) next.push_back(one);
      spaces = std::move(next);
    }
    return spaces;
  }
  SpaceGeneratorPtr clone() const override {
    auto copy = std::make_shared<OneBlock>(*this);
    copy->clone_parts();
    return copy;
  }

 private:
  int64_t seed_ = -1;
};

/// Evolution, counted.
class Counted : public SearchStrategy {
 public:
  explicit Counted(std::shared_ptr<int> batches) : batches_(std::move(batches)) {
    EvolutionaryOptions options;
    options.population_size = 8;
    options.init_min_unmeasured = 1;
    inner_ = std::make_shared<EvolutionarySearch>(options);
  }
  void initialize_with_tune_context(const TuneContextPtr& context) override {
    inner_->initialize_with_tune_context(context);
  }
  void pre_tuning(int max_trials, int per_iter, const std::vector<SchedulePtr>& spaces,
                  const DatabasePtr& database, const CostModelPtr& model) override {
    inner_->pre_tuning(max_trials, per_iter, spaces, database, model);
  }
  void post_tuning() override { inner_->post_tuning(); }
  std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override {
    auto batch = inner_->generate_measure_candidates();
    if (batch) ++*batches_;
    return batch;
  }
  void notify_runner_results(const std::vector<MeasureCandidate>& candidates,
                             const std::vector<RunnerResult>& results) override {
    inner_->notify_runner_results(candidates, results);
  }
  SearchStrategyPtr clone() const override { return std::make_shared<Counted>(batches_); }

 private:
  std::shared_ptr<int> batches_;
  SearchStrategyPtr inner_;
};

/// The number of loops and the extent of the last.
class Loops : public FeatureExtractor {
 public:
  std::vector<FeatureMatrix> extract_from(
      const TuneContextPtr&, const std::vector<MeasureCandidate>& candidates) override {
    std::vector<FeatureMatrix> out;
    for (const MeasureCandidate& candidate : candidates) {
      Schedule sch = *candidate.sch;
      const std::vector<LoopRV> loops = sch.get_loops(sch.get_block("C"));
      const auto extent = as<IntImm>(sch.get(loops.back())->extent)->value;
      out.push_back({1, 2, {static_cast<double>(loops.size()), static_cast<double>(extent)}});
    }
    return out;
  }
};

/// Prefers what is near to the best extent seen.
class Nearest : public CostModel {
 public:
  void load(const std::string&) override {}
  void save(const std::string&) override {}
  void update(const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates,
              const std::vector<RunnerResult>& results) override {
    const auto features = extractor_.extract_from(context, candidates);
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i].run_secs || results[i].run_secs->front() >= best_secs_) continue;
      best_secs_ = results[i].run_secs->front();
      best_extent_ = features[i].data[1];
    }
    ++updates;
  }
  std::vector<double> predict(const TuneContextPtr& context,
                              const std::vector<MeasureCandidate>& candidates) override {
    std::vector<double> scores;
    for (const FeatureMatrix& one : extractor_.extract_from(context, candidates))
      scores.push_back(1 / (1 + std::abs(one.data[1] - best_extent_)));
    predictions += static_cast<int>(scores.size());
    return scores;
  }
  int updates = 0;
  std::atomic<int> predictions = 0;

 private:
  Loops extractor_;
  double best_secs_ = 1e9, best_extent_ = 1;
};

/// The artifact is the extent of the innermost loop, as text; every third program is refused.
class ExtentBuilder : public Builder {
 public:
  std::vector<BuilderResult> build(const std::vector<BuilderInput>& inputs) override {
    std::vector<BuilderResult> out;
    for (const BuilderInput& input : inputs) {
      Schedule sch(input.mod, 1);
      const auto last = sch.get_loops(sch.get_block("C")).back();
      const int64_t extent = as<IntImm>(sch.get(last)->extent)->value;
      out.push_back(++count % 3 == 0 ? BuilderResult::failed(FailureKind::Exception, "every third")
                                     : BuilderResult::ok(std::to_string(extent)));
    }
    return out;
  }
  int count = 0;
};

/// Is done when it has been asked twice.
class Later : public RunnerFuture {
 public:
  explicit Later(RunnerResult result) : result_(std::move(result)) {}
  bool done() override { return ++asked_ > 1; }
  RunnerResult result() override { return result_; }

 private:
  RunnerResult result_;
  int asked_ = 0;
};

/// Programs are the faster the nearer their innermost loop is to eight iterations.
class EightIsBest : public Runner {
 public:
  std::vector<RunnerFuturePtr> run(const std::vector<RunnerInput>& inputs) override {
    std::vector<RunnerFuturePtr> out;
    for (const RunnerInput& input : inputs) {
      const double distance = std::abs(std::stod(input.artifact_path) - 8);
      out.push_back(std::make_shared<Later>(RunnerResult::ok({0.001 * (1 + distance)})));
    }
    return out;
  }
};

/// Records of one workload, in a list.
class ListDatabase : public Database {
 public:
  bool has_workload(const ModuleRef& mod) override {
    return workload_ && structural_equal(workload_->mod, mod);
  }
  WorkloadPtr commit_workload(const ModuleRef& mod) override {
    if (!has_workload(mod)) workload_ = std::make_shared<Workload>(mod);
    return workload_;
  }
  void commit_tuning_record(const TuningRecordPtr& record) override { records.push_back(record); }
  std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr&, int top_k) override {
    std::vector<TuningRecordPtr> valid;
    for (const TuningRecordPtr& record : records)
      if (record->is_valid()) valid.push_back(record);
    std::stable_sort(valid.begin(), valid.end(), [](const auto& a, const auto& b) {
      return a->mean_seconds() < b->mean_seconds();
    });
    valid.resize(std::min(valid.size(), static_cast<size_t>(top_k)));
    return valid;
  }
  std::vector<TuningRecordPtr> get_all_tuning_records() override { return records; }
  int64_t size() override { return static_cast<int64_t>(records.size()); }
  std::vector<TuningRecordPtr> records;

 private:
  WorkloadPtr workload_;
};

/// Counts failures by message.
class Failures : public MeasureCallback {
 public:
  void apply(const TaskSchedulerPtr& scheduler, int task_id,
             const std::vector<MeasureCandidate>& candidates,
             const std::vector<BuilderResult>& builds,
             const std::vector<RunnerResult>& runs) override {
    EXPECT_EQ(scheduler->tasks_[task_id]->ctx->task_name, "main");
    EXPECT_EQ(candidates.size(), runs.size());
    for (const BuilderResult& build : builds)
      if (build.error_msg) ++by_message[*build.error_msg];
  }
  std::map<std::string, int> by_message;
};

/// The first task that is not done.
class InOrder : public TaskScheduler {
 public:
  int next_task_id() override {
    for (size_t i = 0; i < tasks_.size(); ++i) {
      touch_task(static_cast<int>(i));
      if (tasks_[i]->is_terminated) continue;
      if (tasks_[i]->runner_futures) {
        join_running_task(static_cast<int>(i));
        ++joined;
      }
      return static_cast<int>(i);
    }
    return -1;
  }
  int joined = 0;
};

TEST(Subclass, a_session_is_made_of_classes_of_the_user) {
  auto space = std::make_shared<OneBlock>();
  space->sch_rules = ScheduleRules{std::make_shared<SplitLast>()};
  space->postprocs = Postprocs{std::make_shared<NoUnitLoop>()};
  space->mutator_probs = MutatorProbs{{std::make_shared<Halve>(), 1.0}};
  auto batches = std::make_shared<int>(0);
  auto model = std::make_shared<Nearest>();
  auto builder = std::make_shared<ExtentBuilder>();
  auto database = std::make_shared<ListDatabase>();
  auto failures = std::make_shared<Failures>();
  auto scheduler = std::make_shared<InOrder>();

  TuneOptions options;
  options.max_trials_global = 4;
  options.num_trials_per_iter = 2;
  options.space = space;
  options.strategy = std::make_shared<Counted>(batches);
  options.cost_model = model;
  options.builder = builder;
  options.runner = std::make_shared<EightIsBest>();
  options.database = database;
  options.measure_callbacks = {std::make_shared<AddToDatabase>(),
                               std::make_shared<UpdateCostModel>(), failures};
  options.task_scheduler = scheduler;
  options.num_tuning_cores = 2;
  options.seed = 1;
  const ModuleRef mod = matmul(32, 32, 32);
  EXPECT_EQ(tune_tir(mod, make_target("llvm -num-cores 2"), options), database);

  EXPECT_EQ(builder->count, database->size());
  EXPECT_GE(database->size(), 3);
  EXPECT_EQ(failures->by_message["every third"], builder->count / 3);
  EXPECT_GE(*batches, 2);
  EXPECT_GE(scheduler->joined, 1);
  EXPECT_GE(model->updates, 1);
  EXPECT_GE(model->predictions, builder->count);
  const SchedulePtr best = compile_tir(database, mod, make_target("llvm -num-cores 2"));
  ASSERT_TRUE(best);
  const auto loops = best->get_loops(best->get_block("C"));
  EXPECT_EQ(loops.size(), 4u);
  EXPECT_FALSE(is_const_int(best->get(loops.back())->extent, 1)) << "the postproc refuses it";
}

}  // namespace
}  // namespace metaschedule::testing
