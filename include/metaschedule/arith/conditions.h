// SPDX-License-Identifier: Apache-2.0
// Taking conditions apart.
#pragma once

#include <utility>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith::detail {

/// The condition inside `likely`.
inline const Expr& without_likely(const Expr& e) {
  static const Op& likely_op = Op::get("likely");
  return is_call_to(e.get(), likely_op) ? static_cast<const Call*>(e.get())->args[0] : e;
}

/// Calls `f` on each conjunct, left to right; `!(a || b)` counts as `!a && !b`.
template <class F>
void for_each_conjunct(const Expr& condition, F&& f) {
  const Expr& e = without_likely(condition);
  if (const And* both = as<And>(e)) {
    for_each_conjunct(both->a, f);
    for_each_conjunct(both->b, f);
    return;
  }
  if (const Not* no = as<Not>(e)) {
    if (const Or* either = as<Or>(no->a)) {
      for_each_conjunct(logical_not(either->a), f);
      for_each_conjunct(logical_not(either->b), f);
      return;
    }
  }
  f(e);
}

/// Calls `f` on each operand of a chain of nodes of one kind, left to right.
template <class F>
void for_each_operand(Kind kind, const Expr& e, F&& f) {
  if (e->kind != kind) return f(e);
  const auto& node = static_cast<const BinaryExpr&>(*e);
  for_each_operand(kind, node.a, f);
  for_each_operand(kind, node.b, f);
}

/// `e` as (e', c) with e = e' + c; e' is null when `e` is the constant c.
inline std::pair<Expr, int64_t> split_offset(const Expr& e) {
  if (const IntImm* imm = as<IntImm>(e)) return {nullptr, imm->value};
  if (const Add* add = as<Add>(e)) {
    if (const IntImm* imm = as<IntImm>(add->b)) return {add->a, imm->value};
    if (const IntImm* imm = as<IntImm>(add->a)) return {add->b, imm->value};
  }
  if (const Sub* sub = as<Sub>(e)) {
    const IntImm* imm = as<IntImm>(sub->b);
    if (imm && imm->value != INT64_MIN) return {sub->a, -imm->value};
  }
  return {e, 0};
}

/// True when evaluating `e` neither reads nor changes memory, so that it may be moved and copied.
inline bool is_pure(const Expr& e) {
  return !any_node(*e, [](const Node& node) {
    if (node.kind == Kind::BufferLoad || node.kind == Kind::ProducerLoad) return true;
    if (node.kind != Kind::Call) return false;
    const Op* op = as<Op>(static_cast<const Call&>(node).op);
    return !op || op->effect > CallEffect::Pure;
  });
}

}  // namespace metaschedule::arith::detail
