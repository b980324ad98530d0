// SPDX-License-Identifier: Apache-2.0
// What ships of each interface: rules, postprocs, mutators, generators, strategies, schedulers,
// callbacks.
#include "metaschedule/lower/passes.h"
#include "metaschedule/support/registry.h"
#include "metaschedule/tune/measure/callbacks.h"
#include "metaschedule/tune/measure/local_builder.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure/schedulers.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/search/mutators.h"
#include "metaschedule/tune/search/replay.h"
#include "metaschedule/tune/space/anchor_trace.h"
#include "metaschedule/tune/space/async_copy.h"
#include "metaschedule/tune/space/custom_rules.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/space/gpu_postprocs.h"
#include "metaschedule/tune/space/gpu_rules.h"
#include "metaschedule/tune/space/intrin_tiling.h"
#include "metaschedule/tune/space/multi_level_tiling.h"
#include "metaschedule/tune/space/packed_tiling.h"
#include "metaschedule/tune/space/postprocs.h"
#include "metaschedule/tune/space/row_reduction.h"
#include "metaschedule/tune/space/rules.h"
#include "metaschedule/tune/space/tensor_core.h"
#include "metaschedule/tune/space/verify_gpu_code.h"
#include "trampolines.h"

namespace metaschedule::bindings {

using namespace py::literals;
using NoGil = py::call_guard<py::gil_scoped_release>;

namespace {

template <class T, class Base>
auto part(py::module_& m, const char* name, const char* doc) {
  return py::class_<T, Base, py::smart_holder>(m, name, doc);
}

using PythonReuse = std::tuple<std::string, std::vector<int64_t>, std::string>;
ReuseConfig reuse(const PythonReuse& r) {
  return ReuseConfig::make(std::get<0>(r), std::get<1>(r), std::get<2>(r));
}

using PythonFilter = std::function<bool(SchedulePtr, BlockRV)>;
MultiLevelTiling::Options tiling_options(std::string structure, std::vector<std::string> binds,
                                         int max_innermost, std::vector<int64_t> lens,
                                         const PythonReuse& read, const PythonReuse& write,
                                         std::optional<PythonFilter> filter) {
  MultiLevelTiling::Options options{std::move(structure),
                                    std::move(binds),
                                    max_innermost,
                                    std::move(lens),
                                    reuse(read),
                                    reuse(write),
                                    {}};
  if (filter) {
    options.filter = [f = std::move(*filter)](const Schedule& sch, const BlockRV& block) {
      return f(std::make_shared<Schedule>(sch), block);
    };
  }
  return options;
}

void bind_rules(py::module_& m) {
  part<ApplyCustomRule, ScheduleRule>(m, "ApplyCustomRule",
                                      "Calls the function named by a block's annotation.")
      .def(py::init<>());
  part<InlineConstantScalars, ScheduleRule>(m, "InlineConstantScalars", "Inlines scalar constants.")
      .def(py::init<>());
  part<RandomComputeLocation, ScheduleRule>(m, "RandomComputeLocation",
                                            "Samples where to compute a block.")
      .def(py::init<>());
  part<RowReduction, ScheduleRule>(m, "RowReduction",
                                   "Computes reductions of rows where the rows are used.")
      .def(py::init<>());
  part<AutoInline, ScheduleRule>(m, "AutoInline", "Inlines blocks where that loses nothing.")
      .def(py::init([](bool into_producer, bool into_consumer, bool inline_const_tensor,
                       bool disallow_if_then_else, bool require_injective, bool require_ordered,
                       std::vector<std::string> disallow_op) {
        return std::make_shared<AutoInline>(AutoInline::Options{
            into_producer, into_consumer, inline_const_tensor, disallow_if_then_else,
            require_injective, require_ordered, std::move(disallow_op)});
      }))
      .def_property_readonly("into_producer",
                             [](const AutoInline& r) { return r.options().into_producer; })
      .def_property_readonly("into_consumer",
                             [](const AutoInline& r) { return r.options().into_consumer; })
      .def_property_readonly("inline_const_tensor",
                             [](const AutoInline& r) { return r.options().inline_const_tensor; })
      .def_property_readonly("disallow_if_then_else",
                             [](const AutoInline& r) { return r.options().disallow_if_then_else; })
      .def_property_readonly("require_injective",
                             [](const AutoInline& r) { return r.options().require_injective; })
      .def_property_readonly("require_ordered",
                             [](const AutoInline& r) { return r.options().require_ordered; })
      .def_property_readonly("disallow_op",
                             [](const AutoInline& r) { return r.options().disallow_op; });
  part<AddRFactor, ScheduleRule>(m, "AddRFactor", "Factors reductions that have little space.")
      .def(py::init<int, std::optional<int>>(), "max_jobs_per_core"_a = 16,
           "max_innermost_factor"_a = py::none())
      .def_readonly("max_jobs_per_core", &AddRFactor::max_jobs_per_core)
      .def_readonly("max_innermost_factor", &AddRFactor::max_innermost_factor);
  using PVU = ParallelizeVectorizeUnroll;
  part<PVU, ScheduleRule>(m, "ParallelizeVectorizeUnroll",
                          "Says how far to parallelize, vectorize and unroll.")
      .def(py::init([](int jobs, int vector, std::optional<std::vector<int64_t>> steps,
                       bool is_explicit) {
             return std::make_shared<PVU>(jobs, vector, steps.value_or(std::vector<int64_t>{}),
                                          is_explicit);
           }),
           "max_jobs_per_core"_a = 16, "max_vectorize_extent"_a = 16,
           "unroll_max_steps"_a = py::none(), "unroll_explicit"_a = true)
      .def_readonly("max_jobs_per_core", &PVU::max_jobs_per_core)
      .def_readonly("max_vectorize_extent", &PVU::max_vectorize_extent)
      .def_readonly("unroll_max_steps", &PVU::unroll_max_steps)
      .def_readonly("unroll_explicit", &PVU::unroll_explicit);
  part<MultiLevelTiling, ScheduleRule>(m, "MultiLevelTiling", "Tiles all loops and adds caches.")
      .def(py::init([](std::string structure, std::vector<std::string> binds, int max_innermost,
                       std::vector<int64_t> lens, const PythonReuse& read, const PythonReuse& write,
                       std::optional<PythonFilter> filter) {
        return std::make_shared<MultiLevelTiling>(
            tiling_options(std::move(structure), std::move(binds), max_innermost, std::move(lens),
                           read, write, std::move(filter)));
      }))
      .def_property_readonly("structure",
                             [](const MultiLevelTiling& r) { return r.options().structure; })
      .def_property_readonly("tile_binds",
                             [](const MultiLevelTiling& r) { return r.options().tile_binds; })
      .def_property_readonly("max_innermost_factor", [](const MultiLevelTiling& r) {
        return r.options().max_innermost_factor;
      });
  py::class_<MultiLevelTilingPacked, MultiLevelTiling, py::smart_holder>(
      m, "MultiLevelTilingPacked", "Tiles all loops around a packed operand.")
      .def(py::init([](std::string structure, int max_innermost, const PythonReuse& write) {
        return std::make_shared<MultiLevelTilingPacked>(
            tiling_options(std::move(structure), {}, max_innermost, {}, {"no", {}, ""}, write, {}));
      }));
  py::class_<MultiLevelTilingWithIntrin, MultiLevelTiling, py::smart_holder>(
      m, "MultiLevelTilingWithIntrin", "Tiles around a tensor intrinsic.")
      .def(py::init([](std::string intrin, std::string structure, std::vector<std::string> binds,
                       int max_innermost, std::vector<int64_t> lens, const PythonReuse& read,
                       const PythonReuse& write) {
        return std::make_shared<MultiLevelTilingWithIntrin>(
            std::move(intrin), tiling_options(std::move(structure), std::move(binds), max_innermost,
                                              std::move(lens), read, write, {}));
      }))
      .def_property_readonly("intrin_name", &MultiLevelTilingWithIntrin::intrin_name);
  py::class_<MultiLevelTilingWideVector, MultiLevelTiling, py::smart_holder>(
      m, "MultiLevelTilingWideVector", "Tiles with whole vectors innermost.")
      .def(py::init([](std::string structure, int64_t bits, int max_innermost,
                       const PythonReuse& read, const PythonReuse& write) {
        return std::make_shared<MultiLevelTilingWideVector>(
            bits, tiling_options(std::move(structure), {}, max_innermost, {}, read, write, {}));
      }))
      .def_property_readonly("vector_length_in_bits",
                             &MultiLevelTilingWideVector::vector_length_in_bits);
  py::class_<MultiLevelTilingTensorCore, MultiLevelTiling, py::smart_holder>(
      m, "MultiLevelTilingTensorCore", "Tiles onto tensor cores.")
      .def(py::init([](const std::vector<std::map<std::string, std::string>>& groups,
                       std::string structure, std::vector<std::string> binds, int max_innermost,
                       std::vector<int64_t> lens, const PythonReuse& read, const PythonReuse& write,
                       bool use_software_pipeline) {
        std::vector<TensorCoreIntrinGroup> list;
        for (const auto& group : groups) list.push_back(TensorCoreIntrinGroup::make(group));
        return std::make_shared<MultiLevelTilingTensorCore>(
            std::move(list),
            tiling_options(std::move(structure), std::move(binds), max_innermost, std::move(lens),
                           read, write, {}),
            use_software_pipeline);
      }))
      .def_property_readonly("use_software_pipeline",
                             &MultiLevelTilingTensorCore::use_software_pipeline);
  part<CrossThreadReduction, ScheduleRule>(m, "CrossThreadReduction",
                                           "Lets threads share a reduction.")
      .def(py::init<std::vector<int64_t>>(), "thread_extents"_a)
      .def_readonly("thread_extents", &CrossThreadReduction::thread_extents);
  part<AutoBind, ScheduleRule>(m, "AutoBind", "Binds loops to blocks and threads.")
      .def(py::init<int64_t, std::vector<int64_t>, int64_t>(), "max_threadblocks"_a = 256,
           "thread_extents"_a = std::vector<int64_t>{32, 64, 128, 256, 512, 1024},
           "max_threads_per_block"_a = -1)
      .def_readonly("max_threadblocks", &AutoBind::max_threadblocks)
      .def_readonly("thread_extents", &AutoBind::thread_extents);
  m.def("default_schedule_rules", &default_schedule_rules);
  m.def("rule_kind", [](const TargetRef& target) { return rule_kind(*target); });
  m.def(
      "schedule_using_anchor_trace",
      [](Schedule& sch, const Trace& anchor_trace, const TargetRef& target) {
        schedule_using_anchor_trace(sch, anchor_trace, target);
      },
      "sch"_a, "anchor_trace"_a, "target"_a);
  m.def("custom_rule_names", &custom_rule_names);
  m.def(
      "apply_custom_rule",
      [](const std::string& name, const SchedulePtr& sch, const BlockRV& block) {
        const CustomRule rule = custom_rule(name);
        check<ValueError>(rule != nullptr, "there is no custom rule {}", name);
        rule(*sch, block);
        return std::vector<SchedulePtr>{sch};
      },
      "name"_a, "sch"_a, "block"_a);
  m.def("remove_custom_rule", [](const std::string& name) { remove_function(name); });
  m.def("register_custom_rule", [](const std::string& name, py::function f) {
    // Registered for the life of the process: never dropped.
    auto* keep = new py::function(std::move(f));
    register_function(
        name,
        [keep](const std::vector<Value>& args) {
          return with_python([&]() -> Value {
            return py::cast<std::vector<SchedulePtr>>((*keep)(
                std::any_cast<SchedulePtr>(args.at(0)), std::any_cast<BlockRV>(args.at(1))));
          });
        },
        true);
  });
}

void bind_postprocs_and_mutators(py::module_& m) {
  part<DisallowDynamicLoop, Postproc>(m, "DisallowDynamicLoop",
                                      "Refuses loops without a constant extent.")
      .def(py::init<>());
  part<RewriteParallelVectorizeUnroll, Postproc>(m, "RewriteParallelVectorizeUnroll",
                                                 "Carries out the annotations of its rule.")
      .def(py::init<>());
  part<RewriteReductionBlock, Postproc>(m, "RewriteReductionBlock",
                                        "Takes out the inits of reductions.")
      .def(py::init<>());
  part<RewriteLayout, Postproc>(m, "RewriteLayout", "Lays out free buffers as they are read.")
      .def(py::init<>());
  part<RewriteCooperativeFetch, Postproc>(m, "RewriteCooperativeFetch",
                                          "Lets all threads fetch, in vectors.")
      .def(py::init<>());
  part<RewriteUnboundBlock, Postproc>(m, "RewriteUnboundBlock", "Binds loops no thread runs yet.")
      .def(py::init<int64_t>(), "max_threadblocks"_a = 256)
      .def_readonly("max_threadblocks", &RewriteUnboundBlock::max_threadblocks);
  part<RewriteTensorize, Postproc>(m, "RewriteTensorize", "Puts in tensor instructions.")
      .def(py::init<bool>(), "vectorize_init_loop"_a = false)
      .def_readonly("vectorize_init_loop", &RewriteTensorize::vectorize_init_loop);
  part<VerifyGPUCode, Postproc>(m, "VerifyGPUCode", "Refuses kernels beyond the device's limits.")
      .def(py::init<>());
  part<DisallowAsyncStridedMemCopy, Postproc>(
      m, "DisallowAsyncStridedMemCopy",
      "Refuses asynchronous stages of pipelines that copy elements with holes between them.")
      .def(py::init<>());
  part<VerifyVTCMLimit, Postproc>(m, "VerifyVTCMLimit",
                                  "Refuses programs that hold too much in VTCM.")
      .def(py::init<>());
  m.def("default_postprocs", &default_postprocs);
  part<MutateTileSize, Mutator>(m, "MutateTileSize", "Moves factors between tile levels.")
      .def(py::init<>());
  part<MutateUnroll, Mutator>(m, "MutateUnroll", "Changes the limit of unrolling.")
      .def(py::init<>());
  part<MutateComputeLocation, Mutator>(m, "MutateComputeLocation", "Moves a block.")
      .def(py::init<>());
  part<MutateThreadBinding, Mutator>(m, "MutateThreadBinding",
                                     "Changes how many threads a loop has.")
      .def(py::init<>());
  part<MutateParallel, Mutator>(m, "MutateParallel", "Changes how many loops run in parallel.")
      .def(py::init<int64_t>(), "max_jobs_per_core"_a)
      .def_readonly("max_jobs_per_core", &MutateParallel::max_jobs_per_core);
  m.def("default_mutators", &default_mutators);
}

void bind_generators(py::module_& m) {
  part<PostOrderApply, SpaceGenerator>(m, "PostOrderApply", "Applies every rule to every block.")
      .def(py::init([](std::optional<std::function<bool(BlockRef)>> filter) {
        PostOrderApply::BlockFilter f;
        if (filter) f = [g = *filter](const Block& block) { return g(BlockRef(&block)); };
        return std::make_shared<PostOrderApply>(std::move(f));
      }));
  part<ScheduleFn, SpaceGenerator>(m, "ScheduleFn", "A space given by a function.")
      .def(py::init([](py::function f) {
        // Dropped under the GIL by whatever thread lets go of it last.
        auto keep =
            std::shared_ptr<py::function>(new py::function(std::move(f)), [](py::function* g) {
              py::gil_scoped_acquire gil;
              delete g;
            });
        return std::make_shared<ScheduleFn>([keep](const SchedulePtr& sch) {
          return with_python([&]() -> std::vector<SchedulePtr> {
            py::object out = (*keep)(sch);
            if (out.is_none()) return {};
            if (py::isinstance<Schedule>(out)) return {py::cast<SchedulePtr>(out)};
            if (py::isinstance<py::sequence>(out)) return py::cast<std::vector<SchedulePtr>>(out);
            fail<TypeError>(
                "a schedule function returns None, a Schedule or a list of them, not {}",
                std::string(py::str(py::type::of(out).attr("__name__"))));
          });
        });
      }));
  part<SpaceGeneratorUnion, SpaceGenerator>(m, "SpaceGeneratorUnion", "Several generators as one.")
      .def(py::init<std::vector<SpaceGeneratorPtr>>())
      .def_readonly("space_generators", &SpaceGeneratorUnion::space_generators);
}

void bind_strategies(py::module_& m) {
  part<ReplayTrace, SearchStrategy>(m, "ReplayTrace", "Random decisions on the design spaces.")
      .def(py::init<int>(), "max_fail_count"_a = 100)
      .def_readonly("max_fail_count", &ReplayTrace::max_fail_count);
  part<ReplayFunc, SearchStrategy>(m, "ReplayFunc", "Generates the space anew for each candidate.")
      .def(py::init<>());
  auto evolutionary = part<EvolutionarySearch, SearchStrategy>(
      m, "EvolutionarySearch", "Mutates traces and keeps what the cost model likes.");
  evolutionary.def(
      py::init([](int population_size, double init_measured_ratio, int init_min_unmeasured,
                  int max_fail_count, int genetic_num_iters, double genetic_mutate_prob,
                  int genetic_max_fail_count, double eps_greedy) {
        EvolutionaryOptions options;
        options.population_size = population_size;
        options.init_measured_ratio = init_measured_ratio;
        options.init_min_unmeasured = init_min_unmeasured;
        options.max_fail_count = max_fail_count;
        options.genetic_num_iters = genetic_num_iters;
        options.genetic_mutate_prob = genetic_mutate_prob;
        options.genetic_max_fail_count = genetic_max_fail_count;
        options.eps_greedy = eps_greedy;
        return std::make_shared<EvolutionarySearch>(options);
      }),
      py::kw_only(), "population_size"_a = 512, "init_measured_ratio"_a = 0.2,
      "init_min_unmeasured"_a = 50, "max_fail_count"_a = 5, "genetic_num_iters"_a = 4,
      "genetic_mutate_prob"_a = 0.85, "genetic_max_fail_count"_a = 10, "eps_greedy"_a = 0.05);
#define METASCHEDULE_OPTION(name)           \
  evolutionary.def_property_readonly(#name, \
                                     [](const EvolutionarySearch& s) { return s.options.name; });
  METASCHEDULE_OPTION(population_size)
  METASCHEDULE_OPTION(init_measured_ratio)
  METASCHEDULE_OPTION(init_min_unmeasured)
  METASCHEDULE_OPTION(max_fail_count)
  METASCHEDULE_OPTION(genetic_num_iters)
  METASCHEDULE_OPTION(genetic_mutate_prob)
  METASCHEDULE_OPTION(genetic_max_fail_count)
  METASCHEDULE_OPTION(eps_greedy)
#undef METASCHEDULE_OPTION
  evolutionary.def_property_readonly(
      "num_empty_iters_before_early_stop",
      [](const EvolutionarySearch&) { return EvolutionarySearch::kEmptyItersBeforeEarlyStop; });
  evolutionary
      .def("_sample_init_population", &EvolutionarySearch::sample_init_population, "num"_a, NoGil())
      .def("_evolve_with_cost_model", &EvolutionarySearch::evolve_with_cost_model, "population"_a,
           "num"_a, NoGil());
}

void bind_schedulers(py::module_& m) {
  part<RoundRobin, TaskScheduler>(m, "RoundRobin", "Every task in turn.")
      .def(py::init<>())
      .def_readonly("task_id", &RoundRobin::task_id);
  part<GradientBased, TaskScheduler>(m, "GradientBased", "The task that promises the most.")
      .def(py::init<double, int, int64_t>(), py::kw_only(), "alpha"_a = 0.2, "window_size"_a = 3,
           "seed"_a = -1)
      .def_readonly("alpha", &GradientBased::alpha)
      .def_readonly("window_size", &GradientBased::window_size);
  part<AddToDatabase, MeasureCallback>(m, "AddToDatabase", "Commits what was measured.")
      .def(py::init<>());
  part<RemoveBuildArtifact, MeasureCallback>(m, "RemoveBuildArtifact", "Removes what was built.")
      .def(py::init<>());
  part<UpdateCostModel, MeasureCallback>(m, "UpdateCostModel", "Teaches the cost model.")
      .def(py::init<>());
}

void bind_local_measuring(py::module_& m) {
  m.def("remove_weight_layout_rewrite_block", &lower::remove_weight_layout_rewrite_block);
  part<LocalBuilder, Builder>(m, "LocalBuilder", "Compiles in worker processes of this machine.")
      .def(py::init([](std::optional<int> max_workers, double timeout_sec) {
             LocalBuilderOptions options;
             options.max_workers = max_workers.value_or(0);
             options.timeout_sec = timeout_sec;
             return std::make_shared<LocalBuilder>(options);
           }),
           py::kw_only(), "max_workers"_a = py::none(), "timeout_sec"_a = 30.0)
      .def_property_readonly("max_workers",
                             [](const LocalBuilder& b) { return b.options.max_workers; })
      .def_property_readonly("timeout_sec",
                             [](const LocalBuilder& b) { return b.options.timeout_sec; });
  py::class_<EvaluatorConfig>(m, "EvaluatorConfig", "How a candidate is timed.")
      .def(py::init([](int number, int repeat, double min_repeat_ms, bool flush) {
             check<ValueError>(
                 number > 0 && repeat > 0 && min_repeat_ms >= 0,
                 "EvaluatorConfig: expected positive numbers, found number {}, repeat "
                 "{}, min_repeat_ms {}",
                 number, repeat, min_repeat_ms);
             return EvaluatorConfig{number, repeat, min_repeat_ms, flush};
           }),
           "number"_a = 3, "repeat"_a = 1, "min_repeat_ms"_a = 100.0,
           "enable_cpu_cache_flush"_a = false)
      .def_readonly("number", &EvaluatorConfig::number)
      .def_readonly("repeat", &EvaluatorConfig::repeat)
      .def_readonly("min_repeat_ms", &EvaluatorConfig::min_repeat_ms)
      .def_readonly("enable_cpu_cache_flush", &EvaluatorConfig::enable_cpu_cache_flush);
  part<LocalRunner, Runner>(m, "LocalRunner", "Measures in a worker process of this machine.")
      .def(py::init([](double timeout_sec, std::optional<EvaluatorConfig> config, int alloc_repeat,
                       std::optional<double> race_factor, bool adaptive) {
             LocalRunnerOptions options;
             options.timeout_sec = timeout_sec;
             if (config) options.evaluator_config = *config;
             options.alloc_repeat = alloc_repeat;
             // A configuration that was given means what it says, the default one included.
             options.race_factor = config && !race_factor ? 0 : race_factor;
             options.adaptive = adaptive;
             return std::make_shared<LocalRunner>(options);
           }),
           "timeout_sec"_a = 30.0, "evaluator_config"_a = py::none(), "alloc_repeat"_a = 1,
           "race_factor"_a = py::none(), "adaptive"_a = false)
      .def_property_readonly("timeout_sec",
                             [](const LocalRunner& r) { return r.options.timeout_sec; });
}

}  // namespace

void bind_tune_parts(py::module_& m) {
  bind_local_measuring(m);
  bind_rules(m);
  bind_postprocs_and_mutators(m);
  bind_generators(m);
  bind_strategies(m);
  bind_schedulers(m);
}

}  // namespace metaschedule::bindings
