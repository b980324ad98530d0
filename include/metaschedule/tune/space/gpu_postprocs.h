// SPDX-License-Identifier: Apache-2.0
// The postprocs for GPUs and for tensor instructions.
#pragma once

#include <memory>
#include <string>

#include "metaschedule/tune/postproc.h"

namespace metaschedule {

/// Carries out the annotations `meta_schedule.cooperative_fetch`: the last loop of such a block
/// goes to the threads, in vectors.
class RewriteCooperativeFetch : public Postproc {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<RewriteCooperativeFetch>(*this); }
  std::string name() const override { return "RewriteCooperativeFetch"; }

 private:
  int64_t warp_size_ = -1;
};

/// Binds the loops of blocks that no thread runs yet.
class RewriteUnboundBlock : public Postproc {
 public:
  explicit RewriteUnboundBlock(int64_t max_threadblocks = 256)
      : max_threadblocks(max_threadblocks) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<RewriteUnboundBlock>(*this); }
  std::string name() const override { return "RewriteUnboundBlock"; }
  const int64_t max_threadblocks;

 private:
  int64_t max_threads_per_block_ = -1;
};

/// Puts tensor instructions where the annotation `meta_schedule.auto_tensorize` says; a block that
/// does not match stays as it is, with a warning.
class RewriteTensorize : public Postproc {
 public:
  /// `vectorize_init_loop`: vectorize the loop of an init that has no instruction.
  explicit RewriteTensorize(bool vectorize_init_loop = false)
      : vectorize_init_loop(vectorize_init_loop) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override { context_ = context; }
  bool apply(const SchedulePtr& sch) override;
  PostprocPtr clone() const override { return std::make_shared<RewriteTensorize>(*this); }
  std::string name() const override { return "RewriteTensorize"; }
  const bool vectorize_init_loop;

 private:
  std::weak_ptr<TuneContext> context_;
};

}  // namespace metaschedule
