// SPDX-License-Identifier: Apache-2.0
// Tuning from one call: a program or several tasks in, a database of the best out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/module_equality.h"
#include "metaschedule/tune/task_scheduler.h"

namespace metaschedule {

/// What a session works with. An object that is not given is made: a LocalBuilder and a
/// LocalRunner, the JSON database of `work_dir`, the cost model "xgb", the default callbacks, the
/// gradient-based scheduler.
struct TuneOptions {
  /// Where the database and the logs are kept; created when missing. Tuning again with the same
  /// folder goes on from its records. Empty: a MemoryDatabase and no log files.
  std::string work_dir{};
  int max_trials_global = 0;
  int max_trials_per_task = 0;  // 0: as many as globally
  int num_trials_per_iter = 64;
  BuilderPtr builder{};
  RunnerPtr runner{};
  DatabasePtr database{};
  CostModelPtr cost_model{};
  std::optional<std::vector<MeasureCallbackPtr>> measure_callbacks{};
  TaskSchedulerPtr task_scheduler{};
  std::shared_ptr<ResultCheck> result_check{};  // null: results are not checked
  ModuleEquality module_equality{};
  /// For `tune_tir`: the parts of each task, cloned for it. Default: PostOrderApply with its native
  /// rules, and the evolutionary search.
  SpaceGeneratorPtr space{};
  std::map<std::string, SpaceGeneratorPtr> special_space{};  // by task; null leaves the task out
  SearchStrategyPtr strategy{};
  int num_tuning_cores = 0;  // threads of the search; 0: the physical cores
  int64_t seed = -1;         // -1: from the device
  Logger logger{};
  std::function<void(const TuneProgress&)> on_progress{};
};

/// Tunes the tasks. Raises ValueError without tasks and for weights of another number, and
/// ScheduleError when not one valid candidate was found in the whole session.
DatabasePtr tune_tasks(const std::vector<TuneContextPtr>& tasks,
                       const std::vector<double>& task_weights, const TuneOptions& options);

/// Tunes every function of a module, in the order of their names, or one function.
DatabasePtr tune_tir(const ModuleRef& mod, const TargetRef& target, const TuneOptions& options);
DatabasePtr tune_tir(const PrimFuncRef& func, const TargetRef& target, const TuneOptions& options);

/// The best schedule that the database knows for a program; null when it knows none.
SchedulePtr compile_tir(const DatabasePtr& database, const ModuleRef& mod, const TargetRef& target);

/// `n` seeds in [1, 2^30) from one, as the original draws them (its generator is NumPy's
/// RandomState); -1 is taken from the device.
std::vector<int64_t> fork_seeds(int64_t seed, int n);

}  // namespace metaschedule
