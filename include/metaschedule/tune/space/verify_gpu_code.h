// SPDX-License-Identifier: Apache-2.0
// The postprocs that refuse candidates which ask too much of a device.
#pragma once

#include <memory>
#include <string>

#include "metaschedule/tune/postproc.h"

namespace metaschedule {

/// What one kernel may use.
struct GpuLimits {
  int64_t shared_memory_per_block = 0;  // bytes
  int64_t threads_per_block = 0;
  int64_t warp_size = 0;
  int64_t vector_bytes = 16;
};
/// Why the function is no good kernel, or "". Thread extents are checked as scheduled, memory and
/// vectors after buffers have been compacted.
std::string gpu_code_violation(const PrimFuncRef& func, const GpuLimits& limits);

/// Refuses kernels with too many threads, too much shared memory, vectors too wide or thread
/// extents outside what their blocks ask for.
class VerifyGPUCode : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<VerifyGPUCode>(*this); }
  std::string name() const override { return "VerifyGPUCode"; }

 private:
  GpuLimits limits_;
};

/// Refuses programs that hold more in `global.vtcm` at once than the target's `vtcm-capacity`.
class VerifyVTCMLimit : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<VerifyVTCMLimit>(*this); }
  std::string name() const override { return "VerifyVTCMLimit"; }

 private:
  int64_t capacity_ = 0;  // 0: no limit
};

}  // namespace metaschedule
