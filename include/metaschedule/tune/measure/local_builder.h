// SPDX-License-Identifier: Apache-2.0
// The builder that compiles in worker processes on this machine.
#pragma once

#include <memory>

#include "metaschedule/tune/builder.h"

namespace metaschedule {

struct LocalBuilderOptions {
  int max_workers = 0;  // 0: the hardware threads
  double timeout_sec = 30;
  std::string worker_path{};  // empty: where runtime::find_worker looks
};

/// Each artifact is an object file in a folder of its own, in memory (/dev/shm) unless that is full
/// or TMPDIR names another place, else below the system's folder for temporary files; the callback
/// RemoveBuildArtifact deletes it. The workers are kept between batches.
class LocalBuilder : public Builder {
 public:
  /// Raises RunError when there is no worker, with what to do about it.
  explicit LocalBuilder(LocalBuilderOptions options = {});
  ~LocalBuilder() override;
  std::vector<BuilderResult> build(const std::vector<BuilderInput>& build_inputs) override;

  const LocalBuilderOptions options;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metaschedule
