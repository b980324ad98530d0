// SPDX-License-Identifier: Apache-2.0
// The interfaces of tuning and the values that pass through them.
#include <pybind11/numpy.h>

#include <algorithm>
#include <cmath>

#include "trampolines.h"

namespace metaschedule::bindings {

using namespace py::literals;
using NoGil = py::call_guard<py::gil_scoped_release>;

py::object features_to_python(const FeatureMatrix& matrix) {
  py::array_t<double> out({matrix.rows, matrix.cols});
  std::copy(matrix.data.begin(), matrix.data.end(), out.mutable_data());
  return out;
}

FeatureMatrix features_from_python(py::handle value) {
  py::object source = py::reinterpret_borrow<py::object>(value);
  if (py::hasattr(source, "numpy")) source = source.attr("numpy")();
  auto array = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(source);
  check<TypeError>(array && array.ndim() == 2,
                   "features: expected an array of two dimensions for each candidate");
  FeatureMatrix out{array.shape(0), array.shape(1), {}};
  out.data.assign(array.data(), array.data() + array.size());
  return out;
}

namespace {

/// The kind that `failure_name` calls so; without a name what an error is by default.
FailureKind failure_from(const std::string& name, bool is_error) {
  if (name.empty()) return is_error ? FailureKind::Exception : FailureKind::None;
  for (FailureKind kind : {FailureKind::None, FailureKind::Exception, FailureKind::Timeout,
                           FailureKind::Crash, FailureKind::OutOfMemory, FailureKind::WrongResult})
    if (name == failure_name(kind)) return kind;
  fail<ValueError>("unknown kind of failure: {}", name);
}

void bind_values(py::module_& m) {
  py::class_<ArgInfo, py::smart_holder>(m, "ArgInfo", "What a function takes as one argument.")
      .def("as_json", [](const ArgInfo& info) { return info.as_json().dump(); })
      .def("__str__", &ArgInfo::str)
      .def("__repr__", &ArgInfo::str);
  py::class_<TensorInfo, ArgInfo, py::smart_holder>(m, "TensorInfo",
                                                    "A tensor argument: its dtype and shape.")
      .def(py::init<DType, std::vector<int64_t>>(), "dtype"_a, "shape"_a)
      .def_readonly("dtype", &TensorInfo::dtype)
      .def_property_readonly(
          "shape", [](const TensorInfo& info) { return py::tuple(py::cast(info.shape)); });
  m.def("arg_info_from_json",
        [](const std::string& text) { return ArgInfo::from_json(json::parse(text)); });
  m.def("arg_info_from_prim_func",
        [](const PrimFuncRef& func) { return ArgInfo::from_prim_func(*func); });
  m.def("arg_info_from_entry_func", [](const ModuleRef& mod, bool remove_preproc) {
    return ArgInfo::from_entry_func(*mod, remove_preproc);
  });

  py::class_<BuilderInput>(m, "BuilderInput", "A program to build for a target.")
      .def(py::init([](ModuleRef mod, TargetRef target, Dict params) {
             return BuilderInput{std::move(mod), std::move(target), std::move(params)};
           }),
           "mod"_a, "target"_a, "params"_a = Dict())
      .def_readonly("mod", &BuilderInput::mod)
      .def_readonly("target", &BuilderInput::target)
      .def_readonly("params", &BuilderInput::params)
      .def_readonly("workload", &BuilderInput::workload,
                    "The program before scheduling; None when unknown.")
      .def_property_readonly(
          "trace",
          [](const BuilderInput& input) -> std::optional<Trace> {
            if (!input.sch) return std::nullopt;
            return input.sch->trace();
          },
          "The steps that made `mod` from `workload`; None when unknown.");
  py::class_<BuilderResult>(m, "BuilderResult", "The path of what was built, or why it was not.")
      .def(py::init([](std::optional<std::string> path, std::optional<std::string> error,
                       const std::string& failure) {
             const FailureKind kind = failure_from(failure, error.has_value());
             return BuilderResult{std::move(path), std::move(error), kind};
           }),
           "artifact_path"_a, "error_msg"_a, "failure"_a = "")
      .def_readonly("artifact_path", &BuilderResult::artifact_path)
      .def_readonly("error_msg", &BuilderResult::error_msg)
      .def_property_readonly("failure",
                             [](const BuilderResult& r) { return failure_name(r.failure); });
  py::class_<RunnerInput>(m, "RunnerInput", "What was built, and how to call it.")
      .def(py::init([](std::string path, std::string device, std::vector<ArgInfoPtr> args,
                       std::optional<double> best_secs) {
             RunnerInput out{std::move(path), std::move(device), std::move(args)};
             if (best_secs) out.best_secs = std::make_shared<double>(*best_secs);
             return out;
           }),
           "artifact_path"_a, "device_type"_a, "args_info"_a, "best_secs"_a = py::none())
      .def_readonly("artifact_path", &RunnerInput::artifact_path)
      .def_readonly("device_type", &RunnerInput::device_type)
      .def_readonly("args_info", &RunnerInput::args_info)
      .def_property_readonly(
          "best_secs",
          [](const RunnerInput& i) -> std::optional<double> {
            if (!i.best_secs || !std::isfinite(*i.best_secs)) return std::nullopt;
            return *i.best_secs;
          },
          "Seconds a call of the fastest of those that this one competes with, if any is known.")
      .def(
          "_competed",
          [](const RunnerInput& i, double seconds) {
            if (i.best_secs) *i.best_secs = std::min(*i.best_secs, seconds);
          },
          "seconds"_a, "Tells those that compete with this one how fast it was.");
  py::class_<RunnerResult>(m, "RunnerResult", "Seconds a call, one for each repeat, or an error.")
      .def(py::init([](std::optional<std::vector<double>> secs, std::optional<std::string> error,
                       const std::string& failure) {
             const FailureKind kind = failure_from(failure, error.has_value());
             return RunnerResult{std::move(secs), std::move(error), kind};
           }),
           "run_secs"_a, "error_msg"_a, "failure"_a = "")
      .def_readonly("run_secs", &RunnerResult::run_secs)
      .def_readonly("error_msg", &RunnerResult::error_msg)
      .def_property_readonly("failure",
                             [](const RunnerResult& r) { return failure_name(r.failure); });
  py::class_<MeasureCandidate>(m, "MeasureCandidate", "A schedule to be measured.")
      .def(py::init([](SchedulePtr sch, std::optional<std::vector<ArgInfoPtr>> args) {
             return MeasureCandidate{std::move(sch), std::move(args)};
           }),
           "sch"_a, "args_info"_a)
      .def_readonly("sch", &MeasureCandidate::sch)
      .def_readonly("args_info", &MeasureCandidate::args_info);
}

void bind_measuring(py::module_& m) {
  py::class_<Builder, PyBuilder, py::smart_holder>(m, "Builder", "Builds candidates.")
      .def(py::init<>())
      .def("build", &Builder::build, "build_inputs"_a, NoGil(),
           "One BuilderResult for each BuilderInput, in order.");
  py::class_<RunnerFuture, PyRunnerFuture, py::smart_holder>(m, "RunnerFuture",
                                                             "A result that may not be there yet.")
      .def(py::init<>())
      .def("done", &RunnerFuture::done, NoGil())
      .def("result", &RunnerFuture::result, NoGil(), "Waits for the RunnerResult.");
  m.def("make_runner_future", [](std::function<bool()> done, std::function<RunnerResult()> result) {
    return RunnerFuturePtr(
        std::make_shared<FunctionRunnerFuture>(std::move(done), std::move(result)));
  });
  py::class_<Runner, PyRunner, py::smart_holder>(m, "Runner", "Measures what was built.")
      .def(py::init<>())
      .def("run", &Runner::run, "runner_inputs"_a, NoGil(),
           "One RunnerFuture for each RunnerInput, in order.");
}

/// `meta_schedule.NAME(ADDRESS)`, as the original prints them; `_name` is what logs say.
template <class Class>
void bind_name(Class& cls) {
  using T = typename Class::type;
  cls.def("__str__", [](const py::object& self) {
    return py::module_::import("metaschedule.utils").attr("_get_default_str")(self);
  });
  if constexpr (requires(const T& t) { t.name(); }) cls.def("_name", &T::name);
}

void bind_learning(py::module_& m) {
  py::class_<CostModel, PyCostModel, py::smart_holder> model(m, "CostModel", "Ranks candidates.");
  bind_name(model);
  model.def(py::init<>())
      .def("load", &CostModel::load, "path"_a, NoGil())
      .def("save", &CostModel::save, "path"_a, NoGil())
      .def("update", &CostModel::update, "context"_a, "candidates"_a, "results"_a, NoGil())
      .def(
          "predict",
          [](CostModel& self, const TuneContextPtr& context,
             const std::vector<MeasureCandidate>& candidates) {
            std::vector<double> scores;
            {
              py::gil_scoped_release release;
              scores = self.predict(context, candidates);
            }
            return py::array_t<double>(static_cast<py::ssize_t>(scores.size()), scores.data());
          },
          "context"_a, "candidates"_a, "Scores as float64[n]; larger is better.");
  py::class_<FeatureExtractor, PyFeatureExtractor, py::smart_holder> extractor(
      m, "FeatureExtractor", "Turns candidates into matrices of features.");
  bind_name(extractor);
  extractor.def(py::init<>())
      .def(
          "extract_from",
          [](FeatureExtractor& self, const TuneContextPtr& context,
             const std::vector<MeasureCandidate>& candidates) {
            std::vector<FeatureMatrix> features;
            {
              py::gil_scoped_release release;
              features = self.extract_from(context, candidates);
            }
            py::object array = py::module_::import("metaschedule.runtime.ndarray").attr("array");
            py::list out;
            for (const FeatureMatrix& matrix : features)
              out.append(array(features_to_python(matrix)));
            return out;
          },
          "context"_a, "candidates"_a,
          "One matrix (float64, rows by features) for each candidate.");
}

template <class T, class Trampoline>
auto bind_part(py::module_& m, const char* name, const char* doc) {
  py::class_<T, Trampoline, py::smart_holder> cls(m, name, doc);
  bind_name(cls);
  return cls.def(py::init<>())
      .def(
          "_initialize_with_tune_context",
          [](T& self, const TuneContextPtr& context) {
            if constexpr (std::is_same_v<T, SpaceGenerator>) {
              if (asked_for_base<Trampoline>(self))
                return self.T::initialize_with_tune_context(context);
            }
            self.initialize_with_tune_context(context);
          },
          "context"_a, NoGil())
      .def("clone", &T::clone, "A copy that is to be initialized again.");
}

void bind_space(py::module_& m) {
  bind_part<ScheduleRule, PyScheduleRule>(m, "ScheduleRule", "Grows design spaces, block by block.")
      .def("apply", &ScheduleRule::apply, "sch"_a, "block"_a, NoGil());
  bind_part<Postproc, PyPostproc>(m, "Postproc", "Finishes or refuses a sampled schedule.")
      .def("apply", &Postproc::apply, "sch"_a, NoGil());
  bind_part<Mutator, PyMutator>(m, "Mutator", "Changes one decision of a trace.")
      .def(
          "apply",
          [](Mutator& self, const Trace& trace, std::optional<int64_t> seed) {
            py::gil_scoped_release release;
            Rand rand(seed.value_or(-1));
            return self.apply(trace, rand);
          },
          "trace"_a, "seed"_a = py::none());
  bind_part<SpaceGenerator, PySpaceGenerator>(m, "SpaceGenerator", "Makes design spaces.")
      .def("generate_design_space", &SpaceGenerator::generate_design_space, "mod"_a, NoGil())
      .def_readwrite("sch_rules", &SpaceGenerator::sch_rules)
      .def_readwrite("postprocs", &SpaceGenerator::postprocs)
      .def_readwrite("_mutator_probs", &SpaceGenerator::mutator_probs)
      .def_readwrite("native", &SpaceGenerator::native);
  bind_part<SearchStrategy, PySearchStrategy>(m, "SearchStrategy", "Picks what to measure next.")
      .def("pre_tuning", &SearchStrategy::pre_tuning, "max_trials"_a, "num_trials_per_iter"_a,
           "design_spaces"_a, "database"_a = py::none(), "cost_model"_a = py::none(), NoGil())
      .def("post_tuning", &SearchStrategy::post_tuning, NoGil())
      .def("generate_measure_candidates", &SearchStrategy::generate_measure_candidates, NoGil())
      .def("notify_runner_results", &SearchStrategy::notify_runner_results, "measure_candidates"_a,
           "results"_a, NoGil());
}

Logger logger_from_python(py::object log, int least) {
  if (log.is_none()) return {};
  // Kept for the life of the logger, released under the GIL whatever thread drops it last.
  auto f = std::shared_ptr<py::object>(new py::object(std::move(log)), [](py::object* object) {
    py::gil_scoped_acquire gil;
    delete object;
  });
  return Logger(
      [f](LogLevel level, const char* file, int line, const std::string& message) {
        with_python([&] { (*f)(static_cast<int>(level), file, line, message); });
      },
      static_cast<LogLevel>(least));
}

void bind_contexts(py::module_& m) {
  py::class_<TuneContext, py::smart_holder>(m, "TuneContext", "What one task is tuned with.")
      .def(py::init([](OrNone<IRModule> mod, OrNone<Target> target, SpaceGeneratorPtr space,
                       SearchStrategyPtr strategy, const std::string& task_name, int num_threads,
                       int64_t rand_state, py::object log, int log_level) {
        TuneContext::Options options{mod,       target,      space,      strategy,
                                     task_name, num_threads, rand_state, {}};
        options.logger = logger_from_python(std::move(log), log_level);
        py::gil_scoped_release release;
        return TuneContext::create(std::move(options));
      }))
      .def_readonly("mod", &TuneContext::mod)
      .def_readonly("target", &TuneContext::target)
      .def_readonly("space_generator", &TuneContext::space_generator)
      .def_readonly("search_strategy", &TuneContext::search_strategy)
      .def_readonly("task_name", &TuneContext::task_name)
      .def_readonly("num_threads", &TuneContext::num_threads)
      .def_property_readonly("rand_state", [](const TuneContext& c) { return c.rand.state(); })
      .def("_initialize", &TuneContext::initialize, NoGil())
      .def("clone", &TuneContext::clone, NoGil(), "A copy with cloned parts and a forked seed.")
      .def("generate_design_space", &TuneContext::generate_design_space, NoGil());
  m.def("normalize_mod", [](const Ref<Node>& node) {
    if (const PrimFunc* func = as<PrimFunc>(node)) return normalize_mod(PrimFuncRef(func));
    check<TypeError>(as<IRModule>(node), "expected a PrimFunc or an IRModule");
    return normalize_mod(as_ref<IRModule>(node));
  });

  py::class_<MeasureCallback, PyMeasureCallback, py::smart_holder> callback(
      m, "MeasureCallback", "Is told about every measured batch.");
  bind_name(callback);
  callback.def(py::init<>())
      .def("apply", &MeasureCallback::apply, "task_scheduler"_a, "task_id"_a,
           "measure_candidates"_a, "builder_results"_a, "runner_results"_a, NoGil())
      .def_static("_defaults", &MeasureCallback::defaults);
  py::class_<TaskRecord, py::smart_holder>(m, "TaskRecord", "The state of one task of a session.")
      .def_readonly("ctx", &TaskRecord::ctx)
      .def_readonly("task_weight", &TaskRecord::task_weight)
      .def_readonly("flop", &TaskRecord::flop)
      .def_readonly("is_terminated", &TaskRecord::is_terminated)
      .def_readonly("build_error_count", &TaskRecord::build_error_count)
      .def_readonly("run_error_count", &TaskRecord::run_error_count)
      .def_readonly("failures", &TaskRecord::failures)
      .def_readonly("latency_ms", &TaskRecord::latency_ms)
      .def_property_readonly("best_latency_ms", &TaskRecord::best_latency_ms)
      .def_readonly("measure_candidates", &TaskRecord::measure_candidates)
      .def_readonly("builder_results", &TaskRecord::builder_results)
      .def_readonly("runner_futures", &TaskRecord::runner_futures);
  py::class_<TuneProgress>(m, "TuneProgress", "How far a session is.")
      .def_readonly("task_id", &TuneProgress::task_id)
      .def_readonly("trials_done", &TuneProgress::trials_done)
      .def_readonly("trials_total", &TuneProgress::trials_total)
      .def_readonly("best_latency_ms", &TuneProgress::best_latency_ms)
      .def_readonly("best_gflops", &TuneProgress::best_gflops)
      .def_readonly("seconds_elapsed", &TuneProgress::seconds_elapsed)
      .def_readonly("seconds_left", &TuneProgress::seconds_left);
  py::class_<TaskScheduler, PyTaskScheduler, py::smart_holder>(m, "TaskScheduler",
                                                               "Shares trials among tasks.")
      .def(py::init<>())
      .def("next_task_id", &TaskScheduler::next_task_id, NoGil())
      .def(
          "join_running_task",
          [](const TaskSchedulerPtr& self, int task_id) {
            if (asked_for_base<PyTaskScheduler>(*self))
              return self->TaskScheduler::join_running_task(task_id);
            return self->join_running_task(task_id);
          },
          "task_id"_a, NoGil(), "Waits for the batch of a task; its RunnerResults.")
      .def("terminate_task", &TaskScheduler::terminate_task, "task_id"_a, NoGil())
      .def(
          "touch_task",
          [](const TaskSchedulerPtr& self, int task_id) { self->touch_task(task_id); }, "task_id"_a,
          NoGil(), "Joins the task if its batch is done.")
      .def("print_tuning_statistics", &TaskScheduler::print_tuning_statistics, NoGil())
      .def("check_outcome", &TaskScheduler::check_outcome, NoGil())
      .def("tuning_statistics", &TaskScheduler::tuning_statistics)
      .def("_set_logger",
           [](TaskScheduler& self, py::object log, int level) {
             self.logger = logger_from_python(std::move(log), level);
           })
      .def("_set_on_progress",
           [](TaskScheduler& self, py::object f) {
             if (f.is_none()) {
               self.on_progress = nullptr;
               return;
             }
             auto keep =
                 std::shared_ptr<py::object>(new py::object(std::move(f)), [](py::object* o) {
                   py::gil_scoped_acquire gil;
                   delete o;
                 });
             self.on_progress = [keep](const TuneProgress& progress) {
               with_python([&] { (*keep)(progress); });
             };
           })
      .def_readonly("tasks_", &TaskScheduler::tasks_)
      .def_readonly("measure_callbacks_", &TaskScheduler::measure_callbacks_)
      .def_readonly("database_", &TaskScheduler::database_)
      .def_readonly("cost_model_", &TaskScheduler::cost_model_)
      .def_readonly("remaining_tasks_", &TaskScheduler::remaining_tasks_);
}

}  // namespace

void bind_tune_interfaces(py::module_& m) {
  bind_values(m);
  bind_measuring(m);
  bind_learning(m);
  bind_space(m);
  bind_contexts(m);
}

}  // namespace metaschedule::bindings
