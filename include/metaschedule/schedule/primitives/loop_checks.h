// SPDX-License-Identifier: Apache-2.0
// What primitives on loops ask of each loop.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule::detail {

inline void check_starts_at_zero(const For& loop) {
  if (is_zero(loop.min)) return;
  arith::Analyzer analyzer;
  refuse_unless(analyzer.can_prove(eq(loop.min, make_zero(loop.min->dtype))),
                "The loop {0} does not start with 0, but with {1}", {&loop, loop.min.get()});
}
inline void check_plain(const For& loop) {
  refuse_unless(loop.annotations.empty() && !loop.thread_binding,
                "The primitive can't be applied because the loop {0} has annotation or thread "
                "binding",
                {&loop});
}

}  // namespace metaschedule::detail
