// SPDX-License-Identifier: Apache-2.0
// The default sets, kind by kind.
#pragma once

#include "metaschedule/tune/search/mutators.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/multi_level_tiling.h"
#include "metaschedule/tune/space/postprocs.h"
#include "metaschedule/tune/space/rules.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string rule_kind(const Target& target) {
  if (target.target_kind == "llvm") return "llvm";
  fail<ValueError>("no default rules for targets of kind \"{}\"; expected \"llvm\"",
                   target.target_kind);
}

namespace detail {
inline void check_rule_kind(std::string_view kind, const char* what) {
  check<ValueError>(kind == "llvm", "unknown kind of default {}: expected \"llvm\", found \"{}\"",
                    what, kind);
}
}  // namespace detail

METASCHEDULE_INLINE ScheduleRules default_schedule_rules(std::string_view kind) {
  detail::check_rule_kind(kind, "schedule rules");
  AutoInline::Options inlining;
  inlining.disallow_op = {"tir.exp"};
  MultiLevelTiling::Options tiling;
  tiling.structure = "SSRSRS";
  tiling.max_innermost_factor = 64;
  tiling.reuse_write = ReuseConfig::make("may", {1, 2}, "global");
  return {
      std::make_shared<ApplyCustomRule>(),
      std::make_shared<InlineConstantScalars>(),
      std::make_shared<AutoInline>(inlining),
      std::make_shared<AddRFactor>(16, 64),
      std::make_shared<MultiLevelTiling>(tiling),
      std::make_shared<ParallelizeVectorizeUnroll>(16, 64, std::vector<int64_t>{0, 16, 64, 512},
                                                   true),
      std::make_shared<RandomComputeLocation>(),
  };
}

METASCHEDULE_INLINE Postprocs default_postprocs(std::string_view kind) {
  detail::check_rule_kind(kind, "postprocs");
  return {
      std::make_shared<DisallowDynamicLoop>(),
      std::make_shared<RewriteParallelVectorizeUnroll>(),
      std::make_shared<RewriteReductionBlock>(),
      std::make_shared<RewriteLayout>(),
  };
}

METASCHEDULE_INLINE MutatorProbs default_mutators(std::string_view kind) {
  detail::check_rule_kind(kind, "mutators");
  return {
      {std::make_shared<MutateTileSize>(), 0.9},
      {std::make_shared<MutateComputeLocation>(), 0.05},
      {std::make_shared<MutateUnroll>(), 0.03},
      {std::make_shared<MutateParallel>(16), 0.02},
  };
}

}  // namespace metaschedule
