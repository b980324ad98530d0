// SPDX-License-Identifier: Apache-2.0
// The analyzer: keeps its parts in step.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/conditions.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {

METASCHEDULE_INLINE Analyzer::Analyzer() = default;
METASCHEDULE_INLINE Analyzer::~Analyzer() = default;

METASCHEDULE_INLINE void Analyzer::bind(const VarRef& var, const Expr& value, bool allow_override) {
  Expr simple = rewrite_simplify(canonical_simplify(value));
  bounds_.update(var, bounds_(simple), allow_override);
  modular_.update(var, modular_(simple), allow_override);
  rewrite_.update(var, simple, allow_override);
  canonical_.update(var, simple, allow_override);
  sets_.update(var, sets_(simple), allow_override);
  comparisons_.bind(var, value, allow_override);
}

METASCHEDULE_INLINE void Analyzer::bind(const VarRef& var, const Ref<Range>& range,
                                        bool allow_override) {
  if (is_one(range->extent)) return bind(var, range->min, allow_override);
  bounds_.bind(var, range, allow_override);
  sets_.bind(var, range, allow_override);
  comparisons_.bind(var, range, allow_override);
}

METASCHEDULE_INLINE void Analyzer::bind(const std::vector<std::pair<VarRef, Ref<Range>>>& ranges,
                                        bool allow_override) {
  for (const auto& [var, range] : ranges) bind(var, range, allow_override);
}

METASCHEDULE_INLINE void Analyzer::mark_global_non_negative(const Expr& value) {
  // value = symbol * scale + offset
  Expr symbol;
  int64_t offset = 0;
  bool single = true;
  detail::for_each_operand(Kind::Add, value, [&](const Expr& term) {
    auto [rest, constant] = detail::split_offset(term);
    offset += constant;
    if (!rest) return;
    detail::for_each_operand(Kind::Mul, rest, [&](const Expr& factor) {
      if (as<IntImm>(factor)) return;
      single = single && !symbol;
      symbol = factor;
    });
  });
  VarRef var = as_ref<Var>(symbol);
  if (!single || !var || !detail::is_index_type(var->dtype)) return;
  bounds_.update(var, {0, ConstIntBound::kPosInf}, true);
}

METASCHEDULE_INLINE Expr Analyzer::simplify(const Expr& expr, int steps) {
  // Canonical form first: rewriting may destroy structure that it needs.
  Expr out = canonical_simplify(expr);
  for (int i = 0; i < steps; ++i) {
    if (as<IntImm>(out)) return out;
    out = i % 2 == 0 ? rewrite_simplify(out) : canonical_simplify(out);
  }
  return out;
}

METASCHEDULE_INLINE Expr Analyzer::simplify(const Expr& expr, bool& settled) {
  settled = true;
  Expr first = canonical_simplify(expr);
  if (as<IntImm>(first)) return first;
  Expr rewritten = rewrite_simplify(first);
  if (as<IntImm>(rewritten)) return rewritten;
  Expr out = canonical_simplify(rewritten);
  // Both simplifiers then give `out` back: that is what they just did with its equal.
  settled = rewritten.same_as(first) && expr_equal(out, first);
  return out;
}

METASCHEDULE_INLINE bool Analyzer::can_prove(const Expr& condition, ProofStrength strength) {
  if (const IntImm* imm = as<IntImm>(condition)) return imm->value != 0;
  if (auto value = as_const_int(simplify(condition)); value && *value != 0) return true;
  return strength >= ProofStrength::SymbolicBound && prove_by_symbolic_bound(condition);
}

METASCHEDULE_INLINE bool Analyzer::prove_by_symbolic_bound(const Expr& condition) {
  if (!is_compare_kind(condition->kind)) return false;
  const auto& node = static_cast<const BinaryExpr&>(*condition);
  Expr difference;
  int64_t least = 0;
  switch (node.kind) {
    case Kind::LT:
      least = 1;
      [[fallthrough]];
    case Kind::LE:
      difference = node.b - node.a;
      break;
    case Kind::GT:
      least = 1;
      [[fallthrough]];
    case Kind::GE:
      difference = node.a - node.b;
      break;
    default:
      return false;
  }
  IntSet set = int_set(simplify(difference));
  return set.has_lower_bound() && const_int_bound(simplify(set.min())).at_least(least);
}

METASCHEDULE_INLINE bool Analyzer::can_prove_equal(const Expr& a, const Expr& b) {
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (x && y) return x->value == y->value;
  if (a.same_as(b) && a->dtype.is_integral()) return true;
  if (a->dtype.is_handle() || b->dtype.is_handle()) return a.same_as(b);
  return can_prove(eq(a - b, make_zero(a->dtype)));
}
METASCHEDULE_INLINE bool Analyzer::can_prove_greater_equal(const Expr& expr, int64_t lower) {
  if (const IntImm* imm = as<IntImm>(expr)) return imm->value >= lower;
  return const_int_bound(rewrite_simplify(expr)).at_least(lower);
}
METASCHEDULE_INLINE bool Analyzer::can_prove_less(const Expr& expr, int64_t upper) {
  if (const IntImm* imm = as<IntImm>(expr)) return imm->value < upper;
  return const_int_bound(rewrite_simplify(expr)).less_than(upper);
}

METASCHEDULE_INLINE bool Analyzer::can_prove_less_equal_than_symbolic_shape(const Expr& a,
                                                                            const Expr& shape) {
  if (can_prove(le(a, shape), ProofStrength::SymbolicBound)) return true;
  if (as<IntImm>(shape)) return false;
  // Whatever the symbols are, a non-empty shape is no less than its constant factor.
  int64_t scale = 1;
  detail::for_each_operand(Kind::Mul, shape, [&](const Expr& factor) {
    const IntImm* imm = as<IntImm>(factor);
    if (imm && imm->value > 0 && scale <= (int64_t{1} << 31)) scale *= imm->value;
  });
  return const_int_bound(a).max_value <= scale;
}

METASCHEDULE_INLINE Analyzer::Constraint::Constraint(Analyzer& analyzer, const Expr& condition,
                                                     bool literals)
    : analyzer_(analyzer),
      bounds_(analyzer.bounds_.enter_constraint(condition)),
      modular_(analyzer.modular_.enter_constraint(condition)),
      rewrite_(literals ? analyzer.rewrite_.enter_constraint(condition)
                        : analyzer.rewrite_.mark_constraints()),
      sets_(analyzer.sets_.enter_constraint(condition)),
      comparisons_(analyzer.comparisons_.enter_constraint(condition)) {}

METASCHEDULE_INLINE Analyzer::Constraint::~Constraint() {
  analyzer_.comparisons_.exit_constraint(comparisons_);
  analyzer_.sets_.exit_constraint(sets_);
  analyzer_.rewrite_.exit_constraint(rewrite_);
  analyzer_.modular_.exit_constraint(modular_);
  analyzer_.bounds_.exit_constraint(bounds_);
}

}  // namespace metaschedule::arith
