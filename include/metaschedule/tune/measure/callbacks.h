// SPDX-License-Identifier: Apache-2.0
// The callbacks of every session: keep the records, delete the artifacts, teach the cost model.
#pragma once

#include "metaschedule/tune/measure_callback.h"

namespace metaschedule {

/// Commits each trial, failed ones with the time 1e10 s. Nothing without a database.
class AddToDatabase : public MeasureCallback {
 public:
  void apply(const TaskSchedulerPtr& task_scheduler, int task_id,
             const std::vector<MeasureCandidate>& measure_candidates,
             const std::vector<BuilderResult>& builder_results,
             const std::vector<RunnerResult>& runner_results) override;
  std::string name() const override { return "AddToDatabase"; }
};

/// Deletes the folder of each artifact. A path whose folder is gone already is left alone.
class RemoveBuildArtifact : public MeasureCallback {
 public:
  void apply(const TaskSchedulerPtr& task_scheduler, int task_id,
             const std::vector<MeasureCandidate>& measure_candidates,
             const std::vector<BuilderResult>& builder_results,
             const std::vector<RunnerResult>& runner_results) override;
  std::string name() const override { return "RemoveBuildArtifact"; }
};

/// Passes on what was built: candidates that ran, and those that failed in running.
class UpdateCostModel : public MeasureCallback {
 public:
  void apply(const TaskSchedulerPtr& task_scheduler, int task_id,
             const std::vector<MeasureCandidate>& measure_candidates,
             const std::vector<BuilderResult>& builder_results,
             const std::vector<RunnerResult>& runner_results) override;
  std::string name() const override { return "UpdateCostModel"; }
};

}  // namespace metaschedule
