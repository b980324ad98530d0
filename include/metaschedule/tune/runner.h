// SPDX-License-Identifier: Apache-2.0
// Runners time artifacts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule {

struct RunnerInput {
  std::string artifact_path;
  std::string device_type;  // name of the target kind, for instance "llvm"
  std::vector<ArgInfoPtr> args_info;
  /// What the file holds; null where the builder gave only a path.
  std::shared_ptr<const codegen::Artifact> artifact{};
  /// Seconds a call of the fastest of those that this one competes with, shared by them, kept up to
  /// date by the runner; null: it competes with none.
  std::shared_ptr<double> best_secs{};
};

/// Either times in seconds, one for each repeat, or an error.
struct RunnerResult {
  std::optional<std::vector<double>> run_secs;
  std::optional<std::string> error_msg;
  FailureKind failure = FailureKind::None;

  static RunnerResult ok(std::vector<double> secs) {
    return {std::move(secs), {}, FailureKind::None};
  }
  static RunnerResult failed(FailureKind kind, std::string message) {
    return {{}, std::move(message), kind};
  }
};

class RunnerFuture {
 public:
  virtual ~RunnerFuture() = default;
  virtual bool done() = 0;
  /// Waits for the result.
  virtual RunnerResult result() = 0;
};

/// A future from two functions; without the second it is never asked.
class FunctionRunnerFuture : public RunnerFuture {
 public:
  FunctionRunnerFuture(std::function<bool()> done, std::function<RunnerResult()> result)
      : done_(std::move(done)), result_(std::move(result)) {}
  /// One that has its result already.
  explicit FunctionRunnerFuture(RunnerResult result)
      : done_([] { return true; }), result_([result = std::move(result)] { return result; }) {}
  bool done() override { return done_(); }
  RunnerResult result() override { return result_(); }

 private:
  std::function<bool()> done_;
  std::function<RunnerResult()> result_;
};

class Runner {
 public:
  virtual ~Runner() = default;
  /// One future for each input, in order. A candidate that cannot be run is a result with an error,
  /// never an exception.
  virtual std::vector<RunnerFuturePtr> run(const std::vector<RunnerInput>& runner_inputs) = 0;
};

}  // namespace metaschedule
