// SPDX-License-Identifier: Apache-2.0
// Checks that a fast candidate computes what its program says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "metaschedule/tune/builder.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule {

/// A task scheduler that has one asks it about each candidate that would be the best so far, and
/// about one other of each batch; a fault makes the trial a failed one.
class ResultCheck {
 public:
  virtual ~ResultCheck() = default;
  /// What is wrong with what the candidate computes, of which `built` is what was measured; nothing
  /// when it is right or cannot be judged.
  virtual std::optional<std::string> fault(const TuneContext& context, const Schedule& candidate,
                                           const BuilderResult& built) = 0;
};

struct ResultCheckOptions {
  double timeout_sec = 60;  // for building or running the program or the candidate
  uint64_t seed = 1;        // of the inputs
  std::string worker_path{};
};

/// Runs the candidate and the unscheduled program on the same small integers in worker processes
/// and compares what they write, bit for bit or within 8 eps sqrt(K) max|reference|, K the
/// operations for one element. A candidate that takes its weights laid out anew is built once more
/// with the blocks that lay them out. Programs with symbolic sizes are not judged.
class LocalResultCheck : public ResultCheck {
 public:
  explicit LocalResultCheck(ResultCheckOptions options = {});
  ~LocalResultCheck() override;
  std::optional<std::string> fault(const TuneContext& context, const Schedule& candidate,
                                   const BuilderResult& built) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metaschedule
