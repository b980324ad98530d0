// SPDX-License-Identifier: Apache-2.0
// Databases, records, cost models, features, the profiler.
#include "metaschedule/support/json.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/tune/cost/mlp_model.h"
#include "metaschedule/tune/cost/per_store_feature.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/cost/xgb_model.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/memory_database.h"
#include "metaschedule/tune/record/query_database.h"
#include "metaschedule/tune/record/sqlite_database.h"
#include "trampolines.h"

namespace metaschedule::bindings {

using namespace py::literals;
using NoGil = py::call_guard<py::gil_scoped_release>;

namespace {

void bind_records(py::module_& m) {
  py::class_<Workload, py::smart_holder>(m, "Workload", "A program, with its structural hash.")
      .def(py::init([](ModuleRef mod) { return std::make_shared<Workload>(std::move(mod)); }),
           "mod"_a)
      .def_readonly("mod", &Workload::mod)
      .def("_as_json", [](const Workload& w) { return dump_json(w.as_json()); });
  m.def("workload_from_json",
        [](const std::string& text) { return Workload::from_json(parse_json(text)); });
  py::class_<TuningRecord, py::smart_holder>(m, "TuningRecord", "A trace and how fast it was.")
      .def(py::init([](Trace trace, WorkloadPtr workload, std::optional<std::vector<double>> secs,
                       OrNone<Target> target, std::optional<std::vector<ArgInfoPtr>> args) {
             return std::make_shared<TuningRecord>(std::move(trace), std::move(workload),
                                                   std::move(secs), std::move(target),
                                                   std::move(args));
           }),
           "trace"_a, "workload"_a, "run_secs"_a = py::none(), "target"_a = py::none(),
           "args_info"_a = py::none())
      .def_property_readonly("trace", &TuningRecord::trace)
      .def_property_readonly("workload", &TuningRecord::workload)
      .def_property_readonly("run_secs", &TuningRecord::run_secs)
      .def_property_readonly("target", &TuningRecord::target)
      .def_property_readonly("args_info", &TuningRecord::args_info)
      .def("as_measure_candidate", &TuningRecord::as_measure_candidate)
      .def("is_valid", &TuningRecord::is_valid)
      .def("_as_json", [](const TuningRecord& r) { return dump_json(r.as_json()); });
  m.def("tuning_record_from_json", [](const std::string& text, const WorkloadPtr& workload) {
    return TuningRecord::from_json(parse_json(text), workload);
  });
}

ModuleEquality equality(const std::string& name) { return ModuleEquality(name); }

void bind_databases(py::module_& m) {
  py::class_<Database, PyDatabase, py::smart_holder> database(m, "Database",
                                                              "What tuning has learned.");
  database.def(py::init<>())
      .def("has_workload", &Database::has_workload, "mod"_a, NoGil())
      .def("commit_workload", &Database::commit_workload, "mod"_a, NoGil())
      .def("commit_tuning_record", &Database::commit_tuning_record, "record"_a, NoGil())
      .def("get_top_k", &Database::get_top_k, "workload"_a, "top_k"_a, NoGil())
      .def("get_all_tuning_records", &Database::get_all_tuning_records, NoGil())
      .def("__len__", &Database::size, NoGil())
      .def("dump_pruned", &Database::dump_pruned, "destination"_a, NoGil());
// A query has a built-in answer, for which an override may ask.
#define METASCHEDULE_QUERY(query, doc)                                                        \
  database.def(                                                                               \
      #query,                                                                                 \
      [](Database& self, const ModuleRef& mod, const OrNone<Target>& target,                  \
         const std::optional<std::string>& workload_name) {                                   \
        const std::string name = workload_name.value_or("main");                              \
        if (asked_for_base<PyDatabase>(self)) return self.Database::query(mod, target, name); \
        return self.query(mod, target, name);                                                 \
      },                                                                                      \
      "mod"_a, "target"_a, "workload_name"_a = "main", NoGil(), doc);
  METASCHEDULE_QUERY(query_tuning_record, "The best record of an equal workload, or None.")
  METASCHEDULE_QUERY(query_schedule, "The schedule of the best record, or None.")
  METASCHEDULE_QUERY(query_ir_module, "The program of the best record's schedule, or None.")
#undef METASCHEDULE_QUERY
  m.def("database_enter", &Database::enter);
  m.def("database_exit", &Database::exit);
  m.def("database_current", &Database::current);
  py::class_<MemoryDatabase, Database, py::smart_holder>(m, "MemoryDatabase",
                                                         "Ends with the process.")
      .def(py::init(
               [](const std::string& e) { return std::make_shared<MemoryDatabase>(equality(e)); }),
           "module_equality"_a = "structural")
      .def_readonly("records", &MemoryDatabase::records)
      .def_readonly("workloads", &MemoryDatabase::workloads);
  py::class_<JSONDatabase, Database, py::smart_holder>(m, "JSONDatabase",
                                                       "Two files of JSON lines.")
      .def(py::init(
          [](std::string workload, std::string record, bool allow_missing, const std::string& e) {
            return std::make_shared<JSONDatabase>(std::move(workload), std::move(record),
                                                  allow_missing, equality(e));
          }))
      .def_readonly("path_workload", &JSONDatabase::path_workload)
      .def_readonly("path_tuning_record", &JSONDatabase::path_tuning_record);
  py::class_<SqliteDatabase, Database, py::smart_holder>(m, "SqliteDatabase",
                                                         "A file of SQLite, for many processes.")
      .def(py::init([](std::string path, bool allow_missing, const std::string& e) {
        py::gil_scoped_release release;
        return std::make_shared<SqliteDatabase>(std::move(path), allow_missing, equality(e));
      }))
      .def_readonly("path", &SqliteDatabase::path);
  auto bind_union = [&m](auto tag, const char* name, const char* doc) {
    using T = typename decltype(tag)::type;
    py::class_<T, Database, py::smart_holder>(m, name, doc)
        .def(py::init([](const py::args& databases) {
          return std::make_shared<T>(py::cast<std::vector<DatabasePtr>>(databases));
        }))
        .def_readonly("databases", &T::databases);
  };
  bind_union(std::type_identity<UnionDatabase>(), "UnionDatabase", "The best of several.");
  bind_union(std::type_identity<OrderedUnionDatabase>(), "OrderedUnionDatabase",
             "The first of several that has a record.");
  py::class_<ScheduleFnDatabase, Database, py::smart_holder>(m, "ScheduleFnDatabase",
                                                             "A function that schedules by hand.")
      .def(py::init([](std::function<bool(SchedulePtr)> f, const std::string& e) {
             return std::make_shared<ScheduleFnDatabase>(std::move(f), equality(e));
           }),
           "schedule_fn"_a, "module_equality"_a = "structural");
}

/// Sets a field of a configuration from a dict, where it has it.
struct FromDict {
  const py::dict& from;
  template <class T>
  void operator()(const char* key, T& value) const {
    if (from.contains(key)) value = py::cast<T>(from[key]);
  }
};

void bind_mlp_model(py::module_& m) {
  py::class_<MLPModel, CostModel, py::smart_holder>(m, "MLPModel", "A neural network.")
      .def(py::init([](FeatureExtractorPtr extractor, const py::dict& model, const py::dict& train,
                       int64_t seed) {
        MLPModelOptions options;
        options.extractor = std::move(extractor);
        options.seed = seed;
        FromDict shape{model}, trainer{train};
#define METASCHEDULE_FIELD(from, config, name) from(#name, options.config.name);
        METASCHEDULE_FIELD(shape, model, input_dim)
        METASCHEDULE_FIELD(shape, model, hidden_dim)
        METASCHEDULE_FIELD(shape, model, output_dim)
        METASCHEDULE_FIELD(shape, model, use_norm)
        METASCHEDULE_FIELD(shape, model, use_sigmoid)
        METASCHEDULE_FIELD(trainer, trainer, batch_size)
        METASCHEDULE_FIELD(trainer, trainer, learning_rate)
        METASCHEDULE_FIELD(trainer, trainer, weight_decay)
        METASCHEDULE_FIELD(trainer, trainer, num_epoch_full)
        METASCHEDULE_FIELD(trainer, trainer, num_epoch_incremental)
        METASCHEDULE_FIELD(trainer, trainer, grad_clip_norm)
        METASCHEDULE_FIELD(trainer, trainer, train_verbose)
        METASCHEDULE_FIELD(trainer, trainer, test_interval)
        METASCHEDULE_FIELD(trainer, trainer, test_split)
        METASCHEDULE_FIELD(trainer, trainer, frozen)
#undef METASCHEDULE_FIELD
        return make_mlp_model(std::move(options));
      }))
      .def_property_readonly("data_size", &MLPModel::data_size);
}

void bind_cost_models(py::module_& m) {
  py::class_<RandomModel, CostModel, py::smart_holder>(m, "RandomModel", "Random scores.")
      .def(py::init([](std::optional<int64_t> seed, std::optional<std::string> path, double range) {
             auto model = std::make_shared<RandomModel>(seed.value_or(-1), range);
             if (path) model->load(*path);
             return model;
           }),
           py::kw_only(), "seed"_a = py::none(), "path"_a = py::none(), "max_range"_a = 100.0);
  py::class_<XGBModel, CostModel, py::smart_holder> xgb(m, "XGBModel", "Boosted trees.");
  xgb.def(py::init([](FeatureExtractorPtr extractor, const py::dict& config, int num_warmup_samples,
                      int early_stopping_rounds, int verbose_eval, int average_peak_n,
                      bool adaptive_training, int max_rounds) {
    XGBModelOptions options;
    options.extractor = std::move(extractor);
    FromDict take{config};
    take("max_depth", options.config.max_depth);
    take("gamma", options.config.gamma);
    take("min_child_weight", options.config.min_child_weight);
    take("eta", options.config.eta);
    take("seed", options.config.seed);
    take("nthread", options.config.nthread);
    take("tree_method", options.config.tree_method);
    options.num_warmup_samples = num_warmup_samples;
    options.early_stopping_rounds = early_stopping_rounds;
    options.verbose_eval = verbose_eval;
    options.average_peak_n = average_peak_n;
    options.adaptive_training = adaptive_training;
    options.max_rounds = max_rounds;
    return make_xgb_model(std::move(options));
  }));
  xgb.def_property_readonly("extractor", [](const XGBModel& m) { return m.options.extractor; })
      .def_property_readonly("_config",
                             [](const XGBModel& m) {
                               const XGBConfig& c = m.options.config;
                               return py::make_tuple(c.max_depth, c.gamma, c.min_child_weight,
                                                     c.eta, c.seed, c.nthread, c.tree_method);
                             })
      .def_property_readonly("data_size", &XGBModel::data_size);
#define METASCHEDULE_OPTION(name) \
  xgb.def_property_readonly(#name, [](const XGBModel& m) { return m.options.name; });
  METASCHEDULE_OPTION(num_warmup_samples)
  METASCHEDULE_OPTION(early_stopping_rounds)
  METASCHEDULE_OPTION(verbose_eval)
  METASCHEDULE_OPTION(average_peak_n)
  METASCHEDULE_OPTION(adaptive_training)
#undef METASCHEDULE_OPTION
  bind_mlp_model(m);
  py::class_<PerStoreFeature, FeatureExtractor, py::smart_holder>(
      m, "PerStoreFeature", "One row of features for each written buffer.")
      .def(py::init([](int buffers, int samples, int64_t line, bool workload) {
             return std::make_shared<PerStoreFeature>(buffers, samples, line, workload);
           }),
           "buffers_per_store"_a = 5, "arith_intensity_curve_num_samples"_a = 10,
           "cache_line_bytes"_a = 64, "extract_workload"_a = false)
      .def_property_readonly("buffers_per_store",
                             [](const PerStoreFeature& f) { return f.options().buffers_per_store; })
      .def_property_readonly(
          "arith_intensity_curve_num_samples",
          [](const PerStoreFeature& f) { return f.options().arith_intensity_curve_num_samples; })
      .def_property_readonly("cache_line_bytes",
                             [](const PerStoreFeature& f) { return f.options().cache_line_bytes; })
      .def_property_readonly("feature_vector_length", &PerStoreFeature::feature_vector_length);
}

/// `with Profiler.timeit("name"):` from Python.
struct PythonTimer {
  std::string name;
  std::unique_ptr<ScopedTimer> timer;
};

void bind_profiler(py::module_& m) {
  py::class_<Profiler, py::smart_holder>(m, "Profiler", "Seconds by name.")
      .def(py::init<>())
      .def("get", &Profiler::get)
      .def("table", &Profiler::table)
      .def("__enter__",
           [](const ProfilerPtr& self) {
             self->enter();
             return self;
           })
      .def("__exit__", [](const ProfilerPtr& self, const py::args&) { self->exit(); })
      .def_static("current", &Profiler::current);
  py::class_<PythonTimer>(m, "_Timer")
      .def("__enter__",
           [](PythonTimer& self) {
             self.timer = std::make_unique<ScopedTimer>(Profiler::current(), self.name);
           })
      .def("__exit__", [](PythonTimer& self, const py::args&) { self.timer.reset(); });
  m.def("timeit", [](std::string name) { return PythonTimer{std::move(name), nullptr}; });
}

}  // namespace

void bind_tune_records(py::module_& m) {
  bind_records(m);
  bind_databases(m);
  bind_cost_models(m);
  bind_profiler(m);
}

}  // namespace metaschedule::bindings
