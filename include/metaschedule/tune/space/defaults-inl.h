// SPDX-License-Identifier: Apache-2.0
// Bodies of defaults.h: no kind of target has rules of its own yet.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/space/defaults.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string rule_kind(const Target& target) {
  fail<ValueError>("no default rules for targets of kind \"{}\": give the rules",
                   target.target_kind);
}
METASCHEDULE_INLINE ScheduleRules default_schedule_rules(std::string_view kind) {
  fail<ValueError>("no default rules of kind \"{}\"", kind);
}
METASCHEDULE_INLINE Postprocs default_postprocs(std::string_view kind) {
  fail<ValueError>("no default postprocs of kind \"{}\"", kind);
}
METASCHEDULE_INLINE MutatorProbs default_mutators(std::string_view kind) {
  fail<ValueError>("no default mutators of kind \"{}\"", kind);
}

}  // namespace metaschedule
