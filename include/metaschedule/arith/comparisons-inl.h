// SPDX-License-Identifier: Apache-2.0
// Known comparisons: stored without constants on either side, looked up by the two sides.
#pragma once

#include "metaschedule/arith/comparisons.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {

namespace detail {
inline Compare comparison_of(Kind kind) {
  switch (kind) {
    case Kind::EQ:
      return Compare::EQ;
    case Kind::NE:
      return Compare::NE;
    case Kind::LT:
      return Compare::LT;
    case Kind::LE:
      return Compare::LE;
    case Kind::GT:
      return Compare::GT;
    case Kind::GE:
      return Compare::GE;
    default:
      return Compare::Unknown;
  }
}
}  // namespace detail

METASCHEDULE_INLINE Compare KnownComparisons::try_compare(const Expr& a, const Expr& b) const {
  if (facts_.empty() || !a->dtype.is_int() || !b->dtype.is_int()) return Compare::Unknown;
  auto [lhs, lhs_offset] = detail::split_offset(a);
  auto [rhs, rhs_offset] = detail::split_offset(b);
  if (!lhs || !rhs) return Compare::Unknown;
  auto offset = detail::checked_sub(rhs_offset, lhs_offset);
  if (!offset) return Compare::Unknown;
  Compare out = Compare::Unknown;
  // lhs - rhs against `asked`, when it is known how it stands to `known`.
  auto use = [](Compare fact, int64_t known, int64_t asked) {
    if (known == asked) return fact;
    // What holds on the near side of `known` holds on the near side of `asked` too.
    if (known < asked) {
      return (fact & Compare::GT) == Compare::Inconsistent ? Compare::LT : Compare::Unknown;
    }
    return (fact & Compare::LT) == Compare::Inconsistent ? Compare::GT : Compare::Unknown;
  };
  for (const Fact& fact : facts_) {
    if (expr_equal(fact.lhs, lhs) && expr_equal(fact.rhs, rhs)) {
      out = out & use(fact.result, fact.offset, *offset);
    } else if (expr_equal(fact.lhs, rhs) && expr_equal(fact.rhs, lhs)) {
      out = out & use(flipped(fact.result), -fact.offset, *offset);
    }
  }
  return out == Compare::Inconsistent ? Compare::Unknown : out;
}

METASCHEDULE_INLINE void KnownComparisons::add(const Expr& a, const Expr& b, Compare result) {
  if (!a->dtype.is_int() || !b->dtype.is_int()) return;
  auto [lhs, lhs_offset] = detail::split_offset(a);
  auto [rhs, rhs_offset] = detail::split_offset(b);
  if (!lhs || !rhs) return;
  auto offset = detail::checked_sub(rhs_offset, lhs_offset);
  if (!offset || *offset == INT64_MIN || *offset == INT64_MAX) return;
  // Strict ones become weak ones, so that neighbours meet.
  if (result == Compare::LT) result = Compare::LE, *offset -= 1;
  if (result == Compare::GT) result = Compare::GE, *offset += 1;
  facts_.push_back({lhs, rhs, *offset, result});
}

METASCHEDULE_INLINE void KnownComparisons::add(const Expr& condition) {
  detail::for_each_conjunct(condition, [this](const Expr& e) {
    Compare result = detail::comparison_of(e->kind);
    if (result == Compare::Unknown || !detail::is_pure(e)) return;
    const auto& node = static_cast<const BinaryExpr&>(*e);
    add(node.a, node.b, result);
  });
}

METASCHEDULE_INLINE void KnownComparisons::forget(const Var* var) {
  std::erase_if(facts_, [var](const Fact& fact) {
    return uses_var(*fact.lhs, var) || uses_var(*fact.rhs, var);
  });
}

METASCHEDULE_INLINE void KnownComparisons::bind(const VarRef& var, const Expr& value,
                                                bool allow_override) {
  if (allow_override) forget(var.get());
  if (!as<IntImm>(value) && detail::is_pure(value)) add(var, value, Compare::EQ);
}

METASCHEDULE_INLINE void KnownComparisons::bind(const VarRef& var, const Ref<Range>& range,
                                                bool allow_override) {
  if (allow_override) forget(var.get());
  const IntImm *min = as<IntImm>(range->min), *extent = as<IntImm>(range->extent);
  if (!min && detail::is_pure(range->min)) add(var, range->min, Compare::GE);
  if (min && extent) return;
  Expr end = range->min + range->extent;
  if (detail::is_pure(end)) add(var, end, Compare::LT);
}

METASCHEDULE_INLINE size_t KnownComparisons::enter_constraint(const Expr& constraint) {
  size_t mark = facts_.size();
  add(constraint);
  return mark;
}

}  // namespace metaschedule::arith
