// SPDX-License-Identifier: Apache-2.0
// Reductions of rows beside what uses them: norms, softmax.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metaschedule/tune/schedule_rule.h"

namespace metaschedule {

/// is: a reduction that uses what it reads once, with a consumer whose outer loops walk the rows
/// that it reduces. does: computes it there, row by row, so that what it read is still in the first
/// cache for the consumer; TVM's rules only find that place by a series of random choices. Beside
/// that the schedule as it was goes on.
class RowReduction : public ScheduleRule {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<RowReduction>(*this); }
  std::string name() const override { return "RowReduction"; }
};

}  // namespace metaschedule
