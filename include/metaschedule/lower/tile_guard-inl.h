// SPDX-License-Identifier: Apache-2.0
// Guards of tiles.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/tile_guard.h"

namespace metaschedule::lower::detail {

/// The least value of `condition` as `linear >= 0` over the variables inside: a linear expression
/// of the others. Nothing when it is no inequality, or when they occur in it in another way.
inline std::optional<Linear> least_over(const Expr& condition, const InsideRanges& inside) {
  auto linear = as_non_negative(condition);
  if (!linear) return std::nullopt;
  Linear least;
  least.constant = linear->constant;
  for (const Linear::Term& t : linear->terms) {
    auto it = inside.find(as<Var>(t.atom));
    if (it != inside.end()) {
      if (t.coefficient < 0) least.constant += t.coefficient * (it->second - 1);
      continue;
    }
    const bool hidden = uses_var(*t.atom, [&](const Var* v) { return inside.count(v) > 0; });
    if (hidden || any_node(*t.atom, [](const Node& n) { return n.kind == Kind::BufferLoad; }))
      return std::nullopt;
    least.add(t.atom, t.coefficient);
  }
  return least;
}

METASCHEDULE_INLINE GuardedValue guard_value(const Expr& value, const InsideRanges& tile,
                                             const InsideRanges& steps) {
  InsideRanges inside = tile;
  inside.insert(steps.begin(), steps.end());
  const Op& choice = Op::get("if_then_else");
  std::vector<Expr> conditions;
  post_order(*value, [&](const Node& n) {
    if (is_call_to(&n, choice)) split_conjunction(static_cast<const Call&>(n).args[0], conditions);
  });
  if (conditions.empty()) return {};
  std::vector<Expr> tests;
  for (const Expr& c : conditions) {
    auto least = least_over(c, inside);
    if (!least) return {};
    if (least->is_constant() && least->constant >= 0) continue;
    const DType t = static_cast<const BinaryExpr&>(*c).a->dtype;
    Expr test = ge(to_expr(*least, t), make_zero(t));
    bool known = false;
    for (const Expr& other : tests) known = known || expr_equal(other, test);
    if (!known) tests.push_back(test);
  }
  Expr guard = true_();
  for (const Expr& test : tests) guard = is_one(guard) ? test : logical_and(guard, test);
  if (auto never = as_const_int(guard); never && *never == 0) return {};
  Ref<Node> fast = rewrite_post_order(*value, [&](const Node& n) -> Ref<Node> {
    return is_call_to(&n, choice) ? Ref<Node>(static_cast<const Call&>(n).args[1]) : nullptr;
  });
  return {guard, cast_to<ExprNode>(fast)};
}

METASCHEDULE_INLINE Stmt drop_known_conditions(const Stmt& stmt, InsideRanges inside) {
  pre_order(*stmt, [&](const Node& n) {
    if (const For* l = as<For>(&n)) {
      if (auto extent = as_const_int(l->extent)) inside[l->loop_var.get()] = *extent;
    }
    return !is_expr_kind(n.kind);
  });
  const Op& choice = Op::get("if_then_else");
  Ref<Node> out = rewrite_post_order(*stmt, [&](const Node& n) -> Ref<Node> {
    if (!is_call_to(&n, choice)) return nullptr;
    const Call& call = static_cast<const Call&>(n);
    std::vector<Expr> conditions;
    split_conjunction(call.args[0], conditions);
    Expr rest;
    bool dropped = false;
    for (const Expr& c : conditions) {
      auto least = least_over(c, inside);
      if (least && least->is_constant() && least->constant >= 0) {
        dropped = true;
        continue;
      }
      rest = rest ? logical_and(rest, c) : c;
    }
    if (!dropped) return nullptr;
    if (!rest) return call.args[1];
    return if_then_else(rest, call.args[1], call.args[2]);
  });
  return out ? cast_to<StmtNode>(out) : stmt;
}

}  // namespace metaschedule::lower::detail
