// SPDX-License-Identifier: Apache-2.0
// The postproc for devices whose asynchronous copies move one piece of memory each.
#pragma once

#include <memory>
#include <string>

#include "metaschedule/tune/postproc.h"

namespace metaschedule {

/// Whether a stage that a software pipeline runs asynchronously (`software_pipeline_async_stages`)
/// is anything else than copies of elements that lie without holes in their source and in their
/// target, buffers compacted. Raises what lowering raises.
bool has_strided_async_copy(const PrimFuncRef& func);

/// Refuses programs with such a stage, and those that cannot be lowered.
class DisallowAsyncStridedMemCopy : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override {
    return std::make_shared<DisallowAsyncStridedMemCopy>(*this);
  }
  std::string name() const override { return "DisallowAsyncStridedMemCopy"; }
};

}  // namespace metaschedule
