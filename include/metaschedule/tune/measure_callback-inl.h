// SPDX-License-Identifier: Apache-2.0
// Bodies of measure_callback.h and measure/callbacks.h.
#pragma once

#include <filesystem>
#include <numeric>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/measure/callbacks.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/task_scheduler.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE std::vector<MeasureCallbackPtr> MeasureCallback::defaults() {
  return {std::make_shared<AddToDatabase>(), std::make_shared<RemoveBuildArtifact>(),
          std::make_shared<UpdateCostModel>()};
}

METASCHEDULE_INLINE void AddToDatabase::apply(
    const TaskSchedulerPtr& task_scheduler, int task_id,
    const std::vector<MeasureCandidate>& measure_candidates, const std::vector<BuilderResult>&,
    const std::vector<RunnerResult>& runner_results) {
  const DatabasePtr& database = task_scheduler->database_;
  if (!database) return;
  const TuneContextPtr& context = task_scheduler->tasks_.at(task_id)->ctx;
  const WorkloadPtr workload = database->commit_workload(context->mod);
  for (size_t i = 0; i < runner_results.size(); ++i) {
    database->commit_tuning_record(std::make_shared<TuningRecord>(
        measure_candidates[i].sch->trace(), workload,
        runner_results[i].run_secs.value_or(std::vector<double>{kFailedSeconds}), context->target,
        measure_candidates[i].args_info));
  }
}

METASCHEDULE_INLINE void RemoveBuildArtifact::apply(
    const TaskSchedulerPtr&, int, const std::vector<MeasureCandidate>&,
    const std::vector<BuilderResult>& builder_results, const std::vector<RunnerResult>&) {
  for (const BuilderResult& result : builder_results) {
    if (!result.artifact_path) continue;
    const std::filesystem::path folder = std::filesystem::path(*result.artifact_path).parent_path();
    // A bare file name has no folder of its own: the working directory is not ours to delete.
    if (!folder.empty() && folder != folder.root_path()) std::filesystem::remove_all(folder);
  }
}

METASCHEDULE_INLINE void UpdateCostModel::apply(
    const TaskSchedulerPtr& task_scheduler, int task_id,
    const std::vector<MeasureCandidate>& measure_candidates,
    const std::vector<BuilderResult>& builder_results,
    const std::vector<RunnerResult>& runner_results) {
  if (!task_scheduler->cost_model_) return;
  std::vector<MeasureCandidate> candidates;
  std::vector<RunnerResult> results;
  for (size_t i = 0; i < measure_candidates.size(); ++i) {
    if (builder_results[i].error_msg) continue;
    const RunnerResult& result = runner_results[i];
    const bool ran = result.run_secs &&
                     std::accumulate(result.run_secs->begin(), result.run_secs->end(), 0.0) > 0;
    if (!ran && !result.error_msg) continue;
    candidates.push_back(measure_candidates[i]);
    results.push_back(result);
  }
  task_scheduler->cost_model_->update(task_scheduler->tasks_.at(task_id)->ctx, candidates, results);
}

}  // namespace metaschedule
