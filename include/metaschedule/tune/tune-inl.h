// SPDX-License-Identifier: Apache-2.0
// Bodies of tune.h.
#pragma once

#include <algorithm>
#include <filesystem>
#include <random>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/measure/local_builder.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/memory_database.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/tune.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE std::vector<int64_t> fork_seeds(int64_t seed, int n) {
  if (seed == -1) seed = static_cast<int64_t>(std::random_device{}());
  check<ValueError>(seed >= 0 && seed <= 0xffffffffLL, "a seed is -1 or in [0, 2^32), found {}",
                    seed);
  std::mt19937 engine(static_cast<uint32_t>(seed));
  std::vector<int64_t> out;
  // Masked to the 30 bits of the range, and drawn again above it.
  constexpr uint32_t kMask = (1u << 30) - 1, kLargest = (1u << 30) - 2;
  while (static_cast<int>(out.size()) < n) {
    const uint32_t draw = static_cast<uint32_t>(engine()) & kMask;
    if (draw <= kLargest) out.push_back(static_cast<int64_t>(draw) + 1);
  }
  return out;
}

namespace detail {

/// The name of a task as part of a file name.
inline std::string file_part(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return name.substr(0, 100);
}

inline Logger task_logger(const TuneOptions& options, size_t index, size_t count,
                          const std::string& name) {
  if (options.work_dir.empty()) return {};
  const size_t width = std::to_string(count - 1).size();
  return Logger::to_file(fmt::format("{}/logs/metaschedule.task_{:0{}}_{}.log", options.work_dir,
                                     index, width, file_part(name)));
}

inline Logger scheduler_logger(const TuneOptions& options) {
  if (options.work_dir.empty()) return options.logger;
  std::filesystem::create_directories(options.work_dir + "/logs");
  return Logger::tee(options.logger,
                     Logger::to_file(options.work_dir + "/logs/metaschedule.task_scheduler.log"));
}

}  // namespace detail

METASCHEDULE_INLINE DatabasePtr tune_tasks(const std::vector<TuneContextPtr>& tasks,
                                           const std::vector<double>& task_weights,
                                           const TuneOptions& options) {
  check<ValueError>(!tasks.empty(), "No tasks to tune.");
  check<ValueError>(tasks.size() == task_weights.size(), "{} tasks but {} task weights",
                    tasks.size(), task_weights.size());
  DatabasePtr database = options.database;
  if (!database && options.work_dir.empty())
    database = std::make_shared<MemoryDatabase>(options.module_equality);
  if (!database)
    database =
        JSONDatabase::open(options.work_dir, /*allow_missing=*/true, options.module_equality);
  const BuilderPtr builder = options.builder ? options.builder
                                             : std::make_shared<LocalBuilder>(LocalBuilderOptions{
                                                   .max_workers = tasks[0]->num_threads});
  const RunnerPtr runner = options.runner ? options.runner : std::make_shared<LocalRunner>();
  const CostModelPtr cost_model =
      options.cost_model ? options.cost_model : CostModel::create("xgb");
  const TaskSchedulerPtr scheduler =
      options.task_scheduler ? options.task_scheduler : TaskScheduler::create("gradient");
  if (options.on_progress) scheduler->on_progress = options.on_progress;
  if (options.result_check) scheduler->result_check = options.result_check;
  const Logger logger = detail::scheduler_logger(options);
  scheduler->logger = logger;
  scheduler->tune(
      tasks, task_weights, options.max_trials_global,
      options.max_trials_per_task > 0 ? options.max_trials_per_task : options.max_trials_global,
      options.num_trials_per_iter, builder, runner,
      options.measure_callbacks.value_or(MeasureCallback::defaults()), database, cost_model);
  if (options.max_trials_global > 0) scheduler->check_outcome();
  return database;
}

METASCHEDULE_INLINE DatabasePtr tune_tir(const ModuleRef& mod, const TargetRef& target,
                                         const TuneOptions& options) {
  struct Task {
    std::string name;
    PrimFuncRef func;
  };
  std::vector<Task> funcs;
  for (const auto& [var, base] : mod->functions) {
    if (auto func = as_ref<PrimFunc>(base))
      funcs.push_back({cast_to<GlobalVar>(*var.node()).name_hint, std::move(func)});
  }
  std::sort(funcs.begin(), funcs.end(),
            [](const Task& a, const Task& b) { return a.name < b.name; });
  check<ValueError>(!funcs.empty(), "No tasks to tune: the module has no function");
  if (!options.work_dir.empty()) std::filesystem::create_directories(options.work_dir + "/logs");
  SpaceGeneratorPtr space = options.space;
  if (!space) {
    space = std::make_shared<PostOrderApply>();
    space->native = true;
  }
  const SearchStrategyPtr strategy =
      options.strategy ? options.strategy : std::make_shared<EvolutionarySearch>();
  const std::vector<int64_t> seeds = fork_seeds(options.seed, static_cast<int>(funcs.size()));
  std::vector<TuneContextPtr> tasks;
  for (size_t i = 0; i < funcs.size(); ++i) {
    const auto special = options.special_space.find(funcs[i].name);
    const SpaceGeneratorPtr own = special == options.special_space.end() ? space : special->second;
    if (!own) continue;
    const TuneContextPtr context = TuneContext::create(
        {.mod = normalize_mod(funcs[i].func),
         .target = target,
         .space_generator = own,
         .search_strategy = strategy,
         .task_name = funcs[i].name,
         .num_threads = options.num_tuning_cores,
         .rand_state = seeds[i],
         .logger = detail::task_logger(options, i, funcs.size(), funcs[i].name)});
    tasks.push_back(context->clone());
  }
  return tune_tasks(tasks, std::vector<double>(tasks.size(), 1.0), options);
}

METASCHEDULE_INLINE DatabasePtr tune_tir(const PrimFuncRef& func, const TargetRef& target,
                                         const TuneOptions& options) {
  return tune_tir(normalize_mod(func), target, options);
}

METASCHEDULE_INLINE SchedulePtr compile_tir(const DatabasePtr& database, const ModuleRef& mod,
                                            const TargetRef& target) {
  const ModuleRef normalized = normalize_mod(mod);
  if (SchedulePtr sch = database->query_schedule(normalized, target, "main")) return sch;
  // Tuning adds attributes to the function; a module is kept as it is.
  return database->query_schedule(normalize_mod(normalized->lookup("main")), target, "main");
}

}  // namespace metaschedule
