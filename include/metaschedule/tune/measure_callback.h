// SPDX-License-Identifier: Apache-2.0
// Measure callbacks see each measured batch.
#pragma once

#include <string>
#include <vector>

#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

class MeasureCallback {
 public:
  virtual ~MeasureCallback() = default;
  /// An exception ends the tuning session.
  virtual void apply(const TaskSchedulerPtr& task_scheduler, int task_id,
                     const std::vector<MeasureCandidate>& measure_candidates,
                     const std::vector<BuilderResult>& builder_results,
                     const std::vector<RunnerResult>& runner_results) = 0;
  virtual std::string name() const { return "MeasureCallback"; }

  /// AddToDatabase, RemoveBuildArtifact, UpdateCostModel.
  static std::vector<MeasureCallbackPtr> defaults();
};

}  // namespace metaschedule
