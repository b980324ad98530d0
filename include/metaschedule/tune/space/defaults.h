// SPDX-License-Identifier: Apache-2.0
// The rules, postprocs and mutators that a kind of target gets unless others are given.
#pragma once

#include <string>
#include <string_view>

#include "metaschedule/tune/space_generator.h"

namespace metaschedule {

/// The kind of rules for a target: "llvm", "vnni", "avx512", "asimd", "dotprod", "hexagon", "cuda"
/// or "cuda-tensorcore". Raises ValueError for a target without rules.
std::string rule_kind(const Target& target);

/// New objects each time. Raise ValueError for an unknown kind; "native" is "llvm" with its native
/// rules.
ScheduleRules default_schedule_rules(std::string_view kind);
/// The rules of a kind with those that go beyond TVM's design spaces: for processors,
/// MultiLevelTilingPacked and RowReduction.
ScheduleRules native_schedule_rules(std::string_view kind);
Postprocs default_postprocs(std::string_view kind);
MutatorProbs default_mutators(std::string_view kind);

}  // namespace metaschedule
