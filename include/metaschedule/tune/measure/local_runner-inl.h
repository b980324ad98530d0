// SPDX-License-Identifier: Apache-2.0
// Bodies of local_runner.h.
#pragma once

#include <algorithm>
#include <cmath>

#include "metaschedule/runtime/module.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure/median.h"
#include "metaschedule/tune/measure/worker_failure.h"

namespace metaschedule {

inline constexpr double kDefaultRaceFactor = 3;

struct LocalRunner::Impl {
  runtime::RunPool pool;
  double race_factor;
};

METASCHEDULE_INLINE LocalRunner::LocalRunner(LocalRunnerOptions opts)
    : options(std::move(opts)),
      impl_(new Impl{runtime::RunPool(1, {.path = runtime::find_worker(options.worker_path),
                                          .num_threads = options.num_threads}),
                     options.race_factor.value_or(
                         options.evaluator_config == EvaluatorConfig() ? kDefaultRaceFactor : 0)}) {
  check<ValueError>(options.timeout_sec > 0 && options.alloc_repeat >= 1 &&
                        options.evaluator_config.number >= 1 &&
                        options.evaluator_config.repeat >= 1,
                    "LocalRunner: timeout_sec must be positive, number, repeat and alloc_repeat at "
                    "least 1");
  check<ValueError>(impl_->race_factor == 0 || impl_->race_factor >= 1,
                    "LocalRunner: race_factor must be 0 or at least 1, found {}",
                    impl_->race_factor);
}
METASCHEDULE_INLINE LocalRunner::~LocalRunner() = default;

namespace detail {

inline std::shared_ptr<const codegen::Artifact> load_artifact(const RunnerInput& input) {
  if (input.artifact) return input.artifact;
  return std::make_shared<codegen::Artifact>(runtime::Module::load(input.artifact_path).artifact());
}

inline RunnerResult runner_result(const runtime::RunResult& result, double timeout_sec) {
  if (result.ok()) return RunnerResult::ok(result.run_secs);
  const FailureKind kind = failure_of(result.kind);
  if (kind == FailureKind::Timeout) {
    return RunnerResult::failed(
        kind, fmt::format("LocalRunner: Timeout, killed after {} seconds\n", timeout_sec));
  }
  return RunnerResult::failed(kind, "LocalRunner: An exception occurred\n" + result.error);
}

}  // namespace detail

METASCHEDULE_INLINE std::vector<RunnerFuturePtr> LocalRunner::run(
    const std::vector<RunnerInput>& runner_inputs) {
  const EvaluatorConfig& config = options.evaluator_config;
  std::vector<RunnerFuturePtr> out;
  for (const RunnerInput& input : runner_inputs) {
    RunnerResult result;
    try {
      runtime::RunRequest request;
      request.artifact = detail::load_artifact(input);
      request.evaluator.number = config.number;
      request.evaluator.repeat = config.repeat;
      request.evaluator.min_repeat_ms = config.min_repeat_ms;
      request.evaluator.enable_cpu_cache_flush = config.enable_cpu_cache_flush;
      request.alloc_repeat = options.alloc_repeat;
      request.timeout_sec = options.timeout_sec;
      request.evaluator.adaptive = options.adaptive;
      if (input.best_secs && std::isfinite(*input.best_secs))
        request.evaluator.stop_if_slower_than = impl_->race_factor * *input.best_secs;
      std::future<runtime::RunResult> future = impl_->pool.submit(std::move(request));
      detail::wait_interruptibly(future);
      result = detail::runner_result(future.get(), options.timeout_sec);
      if (input.best_secs && result.run_secs && !result.run_secs->empty())
        *input.best_secs = std::min(*input.best_secs, median(*result.run_secs));
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& e) {
      result = RunnerResult::failed(FailureKind::Exception,
                                    std::string("LocalRunner: An exception occurred\n") + e.what());
    }
    out.push_back(std::make_shared<FunctionRunnerFuture>(std::move(result)));
  }
  return out;
}

}  // namespace metaschedule
