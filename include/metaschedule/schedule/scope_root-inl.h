// SPDX-License-Identifier: Apache-2.0
// Scopes of primitives.
#pragma once

#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

METASCHEDULE_INLINE ScopeRoot scope_root(const ScheduleState& state, const Path& path,
                                         bool require_stage_pipeline) {
  int level = path.enclosing_block();
  refuse_unless(level >= 0, "The primitive does not operate on the root block");
  ScopeRoot out{path.prefix(static_cast<size_t>(level) + 1),
                BlockScope::kept(*path.nodes[static_cast<size_t>(level)])};
  if (require_stage_pipeline && state.options.enable_check) {
    refuse_unless(is_stage_pipeline(out.path, out.graph()),
                  "The scope {0} is not a stage pipeline: each child must be covered by its "
                  "producers, and no dependency may be write-after-read or opaque",
                  {&out.block()});
  }
  return out;
}

METASCHEDULE_INLINE VarMap axis_values(const BlockRealize& realize) {
  VarMap out;
  for (size_t i = 0; i < realize.iter_values.size(); ++i) {
    out.emplace(realize.block->iter_vars[i]->var.get(), realize.iter_values[i]);
  }
  return out;
}

}  // namespace metaschedule
