// SPDX-License-Identifier: Apache-2.0
// The runner that times artifacts in a worker process on this machine, one after another.
#pragma once

#include <memory>
#include <optional>

#include "metaschedule/tune/measure/evaluator_config.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

struct LocalRunnerOptions {
  double timeout_sec = 30;
  EvaluatorConfig evaluator_config{};
  int alloc_repeat = 1;  // sets of arguments, each timed
  int num_threads = 0;   // of kernels; 0: METASCHEDULE_NUM_THREADS or all cores
  /// A candidate whose every call takes more than this many times what a call of the best of its
  /// task takes is timed for a few milliseconds and calls only: see EvaluatorOptions. 0: never.
  /// Not given: 3 with the default `evaluator_config`, never with another.
  std::optional<double> race_factor{};
  /// End a measurement as soon as its batches agree within one percent.
  bool adaptive = false;
  std::string worker_path{};
};

/// `run` returns when all is measured: nothing else of the session disturbs the times.
class LocalRunner : public Runner {
 public:
  /// Raises RunError when there is no worker, with what to do about it.
  explicit LocalRunner(LocalRunnerOptions options = {});
  ~LocalRunner() override;
  std::vector<RunnerFuturePtr> run(const std::vector<RunnerInput>& runner_inputs) override;

  const LocalRunnerOptions options;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metaschedule
