// SPDX-License-Identifier: Apache-2.0
// Bodies of space_generator.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/postproc.h"
#include "metaschedule/tune/schedule_rule.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space_generator.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE void SpaceGenerator::initialize_with_tune_context(
    const TuneContextPtr& context) {
  if (context->target && !(sch_rules && postprocs && mutator_probs))
    set_defaults(rule_kind(*context->target));
  for (const ScheduleRulePtr& rule : sch_rules.value_or(ScheduleRules()))
    rule->initialize_with_tune_context(context);
  for (const PostprocPtr& postproc : postprocs.value_or(Postprocs()))
    postproc->initialize_with_tune_context(context);
  for (const auto& [mutator, weight] : mutator_probs.value_or(MutatorProbs()))
    mutator->initialize_with_tune_context(context);
}

METASCHEDULE_INLINE void SpaceGenerator::set_defaults(std::string_view kind) {
  if (!sch_rules) sch_rules = native ? native_schedule_rules(kind) : default_schedule_rules(kind);
  if (!postprocs) postprocs = default_postprocs(kind);
  if (!mutator_probs) mutator_probs = default_mutators(kind);
}

METASCHEDULE_INLINE void SpaceGenerator::clone_parts() {
  if (sch_rules) {
    for (ScheduleRulePtr& rule : *sch_rules) rule = rule->clone();
  }
  if (postprocs) {
    for (PostprocPtr& postproc : *postprocs) postproc = postproc->clone();
  }
  if (mutator_probs) {
    for (auto& [mutator, weight] : *mutator_probs) mutator = mutator->clone();
  }
}

}  // namespace metaschedule
