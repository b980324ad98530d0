// SPDX-License-Identifier: Apache-2.0
// Bodies of local_runner.h.
#pragma once

#include "metaschedule/runtime/module.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/measure/local_runner.h"
#include "metaschedule/tune/measure/worker_failure.h"

namespace metaschedule {

struct LocalRunner::Impl {
  runtime::RunPool pool;
};

METASCHEDULE_INLINE LocalRunner::LocalRunner(LocalRunnerOptions opts)
    : options(std::move(opts)),
      impl_(new Impl{runtime::RunPool(1, {.path = runtime::find_worker(options.worker_path),
                                          .num_threads = options.num_threads})}) {
  check<ValueError>(options.timeout_sec > 0 && options.alloc_repeat >= 1 &&
                        options.evaluator_config.number >= 1 &&
                        options.evaluator_config.repeat >= 1,
                    "LocalRunner: timeout_sec must be positive, number, repeat and alloc_repeat at "
                    "least 1");
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
      std::future<runtime::RunResult> future = impl_->pool.submit(std::move(request));
      detail::wait_interruptibly(future);
      result = detail::runner_result(future.get(), options.timeout_sec);
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
