// SPDX-License-Identifier: Apache-2.0
// Builders compile candidates to artifacts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {
namespace codegen {
struct Artifact;
}

/// Why a candidate has no artifact or no time. What users' own classes report is Exception.
enum class FailureKind : uint8_t { None, Exception, Timeout, Crash, OutOfMemory, WrongResult };
/// "none", "exception", "timeout", "crash", "out of memory", "wrong result".
const char* failure_name(FailureKind kind);

struct BuilderInput {
  ModuleRef mod;
  TargetRef target;
  Dict params{};  // name -> NDArray; usually empty
  /// Where `mod` comes from, for a builder that makes it anew by other means: the program before
  /// scheduling, and the schedule with its trace. Null when unknown.
  ModuleRef workload{};
  SchedulePtr sch{};
};

/// Either a path or an error.
struct BuilderResult {
  std::optional<std::string> artifact_path{};
  std::optional<std::string> error_msg{};
  FailureKind failure = FailureKind::None;
  /// What the file holds, for a runner in this process; may be null.
  std::shared_ptr<const codegen::Artifact> artifact{};

  static BuilderResult ok(std::string path) { return {.artifact_path = std::move(path)}; }
  static BuilderResult failed(FailureKind kind, std::string message) {
    return {.error_msg = std::move(message), .failure = kind};
  }
};

class Builder {
 public:
  virtual ~Builder() = default;
  /// One result for each input, in order. A candidate that cannot be built is a result with an
  /// error, never an exception.
  virtual std::vector<BuilderResult> build(const std::vector<BuilderInput>& build_inputs) = 0;
};

}  // namespace metaschedule
