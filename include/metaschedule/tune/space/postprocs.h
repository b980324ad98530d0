// SPDX-License-Identifier: Apache-2.0
// The postprocs for CPUs: they finish a sampled schedule, or refuse it.
#pragma once

#include <memory>
#include <string>

#include "metaschedule/tune/postproc.h"

namespace metaschedule {

/// Refuses schedules with a loop whose extent is not a constant.
class DisallowDynamicLoop : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<DisallowDynamicLoop>(*this); }
  std::string name() const override { return "DisallowDynamicLoop"; }
};

/// Carries out the annotations of ParallelizeVectorizeUnroll on the loops of each block.
class RewriteParallelVectorizeUnroll : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override {
    return std::make_shared<RewriteParallelVectorizeUnroll>(*this);
  }
  std::string name() const override { return "RewriteParallelVectorizeUnroll"; }
};

/// Takes the init of each reduction out to before its first reduction loop.
class RewriteReductionBlock : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<RewriteReductionBlock>(*this); }
  std::string name() const override { return "RewriteReductionBlock"; }
};

/// Lays out the buffers that the function declares free (`layout_free_buffers`) as their consumer
/// walks them.
class RewriteLayout : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<RewriteLayout>(*this); }
  std::string name() const override { return "RewriteLayout"; }
};

}  // namespace metaschedule
