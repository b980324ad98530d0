// SPDX-License-Identifier: Apache-2.0
// The interfaces of tuning as Python classes can override them. Every call takes the GIL; what
// Python raises travels as PythonError; a method that is missing raises a TypeError that names it.
#pragma once

#include "bindings.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/feature_extractor.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/postproc.h"
#include "metaschedule/tune/runner.h"
#include "metaschedule/tune/schedule_rule.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space_generator.h"
#include "metaschedule/tune/task_scheduler.h"
#include "metaschedule/tune/tune_context.h"
#include "python_error.h"

namespace metaschedule::bindings {

/// Matrices of features travel as numpy arrays of float64.
py::object features_to_python(const FeatureMatrix& matrix);
FeatureMatrix features_from_python(py::handle array);

/// A method that must be overridden.
template <class R, class Base, class... Args>
R call_override(const Base* self, const char* interface, const char* method, const Args&... args) {
  return with_python([&]() -> R {
    py::function f = py::get_override(self, method);
    check<TypeError>(static_cast<bool>(f), "{}.{} must be overridden", interface, method);
    if constexpr (std::is_void_v<R>)
      f(args...);
    else
      return py::cast<R>(f(args...));
  });
}
/// A method that may be overridden; nothing when it is not.
template <class R, class Base, class... Args>
std::optional<R> try_override(const Base* self, const char* method, const Args&... args) {
  return with_python([&]() -> std::optional<R> {
    py::function f = py::get_override(self, method);
    if (!f) return std::nullopt;
    return py::cast<R>(f(args...));
  });
}
/// `str(self)` where the class defines it, else the class's name. The `__str__` of an interface is
/// a function of this module, and so not taken for one of the class.
template <class Base>
std::string python_name(const Base* self, const char* fallback) {
  return with_python([&]() -> std::string {
    py::function f = py::get_override(self, "__str__");
    if (f) return py::cast<std::string>(f());
    py::object object = py::cast(self, py::return_value_policy::reference);
    return object ? std::string(py::str(py::type::of(object).attr("__name__"))) : fallback;
  });
}
/// Python reached a method of the interface itself: nothing overrides it, or `super()` asked for
/// it. A call of the virtual method would come back to the override, from a comprehension or a
/// helper of it for ever. `Trampoline` is the class of objects whose methods Python overrides.
template <class Trampoline, class Base>
Trampoline* asked_for_base(Base& self) {
  return dynamic_cast<Trampoline*>(&self);
}

#define METASCHEDULE_TRAMPOLINE(name)                        \
  struct Py##name : name, py::trampoline_self_life_support { \
    using name::name;
#define METASCHEDULE_INITIALIZE(interface)                                    \
  void initialize_with_tune_context(const TuneContextPtr& context) override { \
    call_override<void>(static_cast<const interface*>(this), #interface,      \
                        "_initialize_with_tune_context", context);            \
  }

METASCHEDULE_TRAMPOLINE(Builder)
std::vector<BuilderResult> build(const std::vector<BuilderInput>& inputs) override {
  return call_override<std::vector<BuilderResult>>(static_cast<const Builder*>(this), "Builder",
                                                   "build", inputs);
}
};

METASCHEDULE_TRAMPOLINE(RunnerFuture)
bool done() override {
  return call_override<bool>(static_cast<const RunnerFuture*>(this), "RunnerFuture", "done");
}
RunnerResult result() override {
  return call_override<RunnerResult>(static_cast<const RunnerFuture*>(this), "RunnerFuture",
                                     "result");
}
}
;

METASCHEDULE_TRAMPOLINE(Runner)
std::vector<RunnerFuturePtr> run(const std::vector<RunnerInput>& inputs) override {
  return call_override<std::vector<RunnerFuturePtr>>(static_cast<const Runner*>(this), "Runner",
                                                     "run", inputs);
}
}
;

METASCHEDULE_TRAMPOLINE(CostModel)
void load(const std::string& path) override {
  call_override<void>(static_cast<const CostModel*>(this), "CostModel", "load", path);
}
void save(const std::string& path) override {
  call_override<void>(static_cast<const CostModel*>(this), "CostModel", "save", path);
}
void update(const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates,
            const std::vector<RunnerResult>& results) override {
  call_override<void>(static_cast<const CostModel*>(this), "CostModel", "update", context,
                      candidates, results);
}
std::vector<double> predict(const TuneContextPtr& context,
                            const std::vector<MeasureCandidate>& candidates) override {
  auto scores = call_override<std::vector<double>>(static_cast<const CostModel*>(this), "CostModel",
                                                   "predict", context, candidates);
  check<ValueError>(scores.size() == candidates.size(),
                    "CostModel.predict: expected {} scores, found {}", candidates.size(),
                    scores.size());
  return scores;
}
}
;

METASCHEDULE_TRAMPOLINE(FeatureExtractor)
std::vector<FeatureMatrix> extract_from(const TuneContextPtr& context,
                                        const std::vector<MeasureCandidate>& candidates) override {
  return with_python([&] {
    py::function f = py::get_override(static_cast<const FeatureExtractor*>(this), "extract_from");
    check<TypeError>(static_cast<bool>(f), "FeatureExtractor.extract_from must be overridden");
    std::vector<FeatureMatrix> out;
    for (py::handle array : py::list(f(context, candidates)))
      out.push_back(features_from_python(array));
    return out;
  });
}
}
;

METASCHEDULE_TRAMPOLINE(ScheduleRule)
METASCHEDULE_INITIALIZE(ScheduleRule)
std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override {
  return call_override<std::vector<SchedulePtr>>(static_cast<const ScheduleRule*>(this),
                                                 "ScheduleRule", "apply", sch, block);
}
ScheduleRulePtr clone() const override {
  return call_override<ScheduleRulePtr>(static_cast<const ScheduleRule*>(this), "ScheduleRule",
                                        "clone");
}
std::string name() const override {
  return python_name(static_cast<const ScheduleRule*>(this), "ScheduleRule");
}
}
;

METASCHEDULE_TRAMPOLINE(Postproc)
METASCHEDULE_INITIALIZE(Postproc)
bool apply(const SchedulePtr& sch) override {
  return call_override<bool>(static_cast<const Postproc*>(this), "Postproc", "apply", sch);
}
PostprocPtr clone() const override {
  return call_override<PostprocPtr>(static_cast<const Postproc*>(this), "Postproc", "clone");
}
std::string name() const override {
  return python_name(static_cast<const Postproc*>(this), "Postproc");
}
}
;

METASCHEDULE_TRAMPOLINE(Mutator)
METASCHEDULE_INITIALIZE(Mutator)
std::optional<Trace> apply(const Trace& trace, Rand& rand) override {
  // A Python mutator sees a number of its own; what it does with it is not written back.
  int64_t state = rand.fork_seed();
  return call_override<std::optional<Trace>>(static_cast<const Mutator*>(this), "Mutator", "apply",
                                             trace, state);
}
MutatorPtr clone() const override {
  return call_override<MutatorPtr>(static_cast<const Mutator*>(this), "Mutator", "clone");
}
std::string name() const override {
  return python_name(static_cast<const Mutator*>(this), "Mutator");
}
}
;

METASCHEDULE_TRAMPOLINE(SpaceGenerator)
void initialize_with_tune_context(const TuneContextPtr& context) override {
  auto done = try_override<py::object>(static_cast<const SpaceGenerator*>(this),
                                       "_initialize_with_tune_context", context);
  if (done)
    with_python([&] { done.reset(); });
  else
    SpaceGenerator::initialize_with_tune_context(context);
}
std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) override {
  return call_override<std::vector<SchedulePtr>>(static_cast<const SpaceGenerator*>(this),
                                                 "SpaceGenerator", "generate_design_space", mod);
}
SpaceGeneratorPtr clone() const override {
  return call_override<SpaceGeneratorPtr>(static_cast<const SpaceGenerator*>(this),
                                          "SpaceGenerator", "clone");
}
}
;

METASCHEDULE_TRAMPOLINE(SearchStrategy)
METASCHEDULE_INITIALIZE(SearchStrategy)
void pre_tuning(int max_trials, int num_trials_per_iter, const std::vector<SchedulePtr>& spaces,
                const DatabasePtr& database, const CostModelPtr& cost_model) override {
  call_override<void>(static_cast<const SearchStrategy*>(this), "SearchStrategy", "pre_tuning",
                      max_trials, num_trials_per_iter, spaces, database, cost_model);
}
void post_tuning() override {
  call_override<void>(static_cast<const SearchStrategy*>(this), "SearchStrategy", "post_tuning");
}
std::optional<std::vector<MeasureCandidate>> generate_measure_candidates() override {
  return call_override<std::optional<std::vector<MeasureCandidate>>>(
      static_cast<const SearchStrategy*>(this), "SearchStrategy", "generate_measure_candidates");
}
void notify_runner_results(const std::vector<MeasureCandidate>& candidates,
                           const std::vector<RunnerResult>& results) override {
  call_override<void>(static_cast<const SearchStrategy*>(this), "SearchStrategy",
                      "notify_runner_results", candidates, results);
}
SearchStrategyPtr clone() const override {
  return call_override<SearchStrategyPtr>(static_cast<const SearchStrategy*>(this),
                                          "SearchStrategy", "clone");
}
}
;

METASCHEDULE_TRAMPOLINE(MeasureCallback)
void apply(const TaskSchedulerPtr& scheduler, int task_id,
           const std::vector<MeasureCandidate>& candidates,
           const std::vector<BuilderResult>& builds,
           const std::vector<RunnerResult>& runs) override {
  call_override<void>(static_cast<const MeasureCallback*>(this), "MeasureCallback", "apply",
                      scheduler, task_id, candidates, builds, runs);
}
std::string name() const override {
  return python_name(static_cast<const MeasureCallback*>(this), "MeasureCallback");
}
}
;

METASCHEDULE_TRAMPOLINE(TaskScheduler)
int next_task_id() override {
  return call_override<int>(static_cast<const TaskScheduler*>(this), "TaskScheduler",
                            "next_task_id");
}
std::vector<RunnerResult> join_running_task(int task_id) override {
  auto results = try_override<std::vector<RunnerResult>>(static_cast<const TaskScheduler*>(this),
                                                         "join_running_task", task_id);
  return results ? *results : TaskScheduler::join_running_task(task_id);
}
void tune(const std::vector<TuneContextPtr>& tasks, const std::vector<double>& task_weights,
          int max_trials_global, int max_trials_per_task, int num_trials_per_iter,
          const BuilderPtr& builder, const RunnerPtr& runner,
          const std::vector<MeasureCallbackPtr>& callbacks, const DatabasePtr& database,
          const CostModelPtr& cost_model) override {
  auto done = try_override<py::object>(
      static_cast<const TaskScheduler*>(this), "tune", tasks, task_weights, max_trials_global,
      max_trials_per_task, num_trials_per_iter, builder, runner, callbacks, database, cost_model);
  if (done) {
    with_python([&] { done.reset(); });
    return;
  }
  TaskScheduler::tune(tasks, task_weights, max_trials_global, max_trials_per_task,
                      num_trials_per_iter, builder, runner, callbacks, database, cost_model);
}
}
;

METASCHEDULE_TRAMPOLINE(Database)
bool has_workload(const ModuleRef& mod) override {
  return call_override<bool>(static_cast<const Database*>(this), "Database", "has_workload", mod);
}
WorkloadPtr commit_workload(const ModuleRef& mod) override {
  return call_override<WorkloadPtr>(static_cast<const Database*>(this), "Database",
                                    "commit_workload", mod);
}
void commit_tuning_record(const TuningRecordPtr& record) override {
  call_override<void>(static_cast<const Database*>(this), "Database", "commit_tuning_record",
                      record);
}
std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr& workload, int top_k) override {
  return call_override<std::vector<TuningRecordPtr>>(static_cast<const Database*>(this), "Database",
                                                     "get_top_k", workload, top_k);
}
std::vector<TuningRecordPtr> get_all_tuning_records() override {
  return call_override<std::vector<TuningRecordPtr>>(static_cast<const Database*>(this), "Database",
                                                     "get_all_tuning_records");
}
int64_t size() override {
  return call_override<int64_t>(static_cast<const Database*>(this), "Database", "__len__");
}
TuningRecordPtr query_tuning_record(const ModuleRef& mod, const TargetRef& target,
                                    const std::string& name) override {
  auto found = try_override<TuningRecordPtr>(static_cast<const Database*>(this),
                                             "query_tuning_record", mod, target, name);
  return found ? *found : Database::query_tuning_record(mod, target, name);
}
SchedulePtr query_schedule(const ModuleRef& mod, const TargetRef& target,
                           const std::string& name) override {
  auto found = try_override<SchedulePtr>(static_cast<const Database*>(this), "query_schedule", mod,
                                         target, name);
  return found ? *found : Database::query_schedule(mod, target, name);
}
ModuleRef query_ir_module(const ModuleRef& mod, const TargetRef& target,
                          const std::string& name) override {
  auto found = try_override<ModuleRef>(static_cast<const Database*>(this), "query_ir_module", mod,
                                       target, name);
  return found ? *found : Database::query_ir_module(mod, target, name);
}
}
;

#undef METASCHEDULE_TRAMPOLINE
#undef METASCHEDULE_INITIALIZE

}  // namespace metaschedule::bindings
