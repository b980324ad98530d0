// SPDX-License-Identifier: Apache-2.0
// The schedule rules for GPUs but tiling.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/schedule_rule.h"

namespace metaschedule {

/// is: a reduction too small in space to fill the threads. does: lets the threads of a block share
/// the reduction, under the loop of its consumer where it can go there; the alternative is to leave
/// it.
class CrossThreadReduction : public ScheduleRule {
 public:
  explicit CrossThreadReduction(std::vector<int64_t> thread_extents)
      : thread_extents(std::move(thread_extents)) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<CrossThreadReduction>(*this); }
  std::string name() const override { return "CrossThreadReduction"; }
  const std::vector<int64_t> thread_extents;

 private:
  int64_t max_threads_per_block_ = -1, warp_size_ = -1;
};

/// is: loops that no rule bound. does: binds the outer data parallel ones to blocks and threads.
class AutoBind : public ScheduleRule {
 public:
  AutoBind(int64_t max_threadblocks = 256,
           std::vector<int64_t> thread_extents = {32, 64, 128, 256, 512, 1024},
           int64_t max_threads_per_block = -1)
      : max_threadblocks(max_threadblocks),
        thread_extents(std::move(thread_extents)),
        max_threads_per_block_(max_threads_per_block) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<AutoBind>(*this); }
  std::string name() const override { return "AutoBind"; }
  const int64_t max_threadblocks;
  const std::vector<int64_t> thread_extents;

 private:
  int64_t max_threads_per_block_;
};

/// The integer attribute of the context's target; raises ValueError without a target or the
/// attribute.
int64_t required_target_int(const TuneContext& context, const char* attribute, const char* who);

}  // namespace metaschedule
