// SPDX-License-Identifier: Apache-2.0
// Predicates of block realizes as lists of terms.
#pragma once

#include <algorithm>
#include <vector>

#include "metaschedule/arith/analyzer.h"
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
/// Whether the predicate of a block says no more than that its axes are in their domains. Terms
/// about loops that no axis is made of leave out repetitions only.
inline bool follows_from_domains(const BlockRealize& realize, const LoopStack& loops) {
  if (is_one(realize.predicate)) return true;
  arith::Analyzer analyzer;
  for (const For* loop : loops) analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
  Expr inside = true_();
  for (size_t i = 0; i < realize.iter_values.size(); ++i) {
    const Range& dom = *realize.block->iter_vars[i]->dom;
    const Expr& value = realize.iter_values[i];
    for (const Expr& bound : {ge(value, dom.min), lt(value, dom.min + dom.extent)})
      if (!analyzer.can_prove(bound)) inside = logical_and(inside, analyzer.simplify(bound));
  }
  auto scope = analyzer.with_constraint(inside);
  std::vector<Expr> terms;
  collect_conjuncts(realize.predicate, terms);
  auto is_repetition = [&](const Expr& term) {
    bool uses_loop = false, uses_axis = false;
    for (const For* loop : loops) {
      if (!uses_var(*term, loop->loop_var.get())) continue;
      uses_loop = true;
      for (const Expr& value : realize.iter_values)
        uses_axis = uses_axis || uses_var(*value, loop->loop_var.get());
    }
    return uses_loop && !uses_axis;
  };
  return std::all_of(terms.begin(), terms.end(), [&](const Expr& term) {
    return is_repetition(term) || analyzer.can_prove(term);
  });
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
