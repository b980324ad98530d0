// SPDX-License-Identifier: Apache-2.0
// Predicates of block realizes as lists of terms.
#pragma once

#include <algorithm>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"

namespace metaschedule::detail {

/// The terms of a conjunction, last first.
inline void collect_conjuncts(const Expr& condition, std::vector<Expr>& out) {
  if (const And* both = as<And>(condition)) {
    collect_conjuncts(both->b, out);
    collect_conjuncts(both->a, out);
  } else if (!is_one(condition)) {
    out.push_back(condition);
  }
}
/// The terms of a predicate that use none of the loops.
inline Expr predicate_without(const Expr& predicate, const LoopStack& loops) {
  std::vector<Expr> terms;
  collect_conjuncts(predicate, terms);
  Expr out = true_();
  for (const Expr& term : terms) {
    bool uses = std::any_of(loops.begin(), loops.end(),
                            [&](const For* loop) { return uses_var(*term, loop->loop_var.get()); });
    if (!uses) out = logical_and(out, term);
  }
  return out;
}

}  // namespace metaschedule::detail
