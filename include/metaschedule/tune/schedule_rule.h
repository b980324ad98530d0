// SPDX-License-Identifier: Apache-2.0
// Schedule rules span the design space: each turns a schedule into one or more at one block.
#pragma once

#include <string>
#include <vector>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {

class ScheduleRule {
 public:
  virtual ~ScheduleRule() = default;
  /// Called before use. Raises when the context lacks what the rule needs.
  virtual void initialize_with_tune_context(const TuneContextPtr& context) = 0;
  /// The schedules that `sch` becomes at `block`; `sch` itself, edited or not, may be one of them.
  /// May be called from several threads at once.
  virtual std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) = 0;
  /// A copy that is to be initialized again.
  virtual ScheduleRulePtr clone() const = 0;
  virtual std::string name() const { return "ScheduleRule"; }
  /// True for the one rule that looks at blocks annotated with `schedule_rule`.
  virtual bool is_custom_rule() const { return false; }
};

}  // namespace metaschedule
