// SPDX-License-Identifier: Apache-2.0
// Interval evaluation of expressions.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith {

namespace detail {

class IntervalEvaluator {
 public:
  IntervalEvaluator(const DomMap& dom_map, Analyzer& analyzer)
      : doms_(dom_map), analyzer_(analyzer) {}

  IntSet eval(const Expr& e);
  /// The hull of what the ends can be.
  IntSet eval(const IntSet& set) {
    if (set.is_nothing()) return set;
    if (set.is_single_point()) return eval(set.min());
    IntSet low = set.min() ? eval(set.min()) : IntSet(), high = set.max() ? eval(set.max()) : low;
    Expr min = set.min() ? low.min() : nullptr, max = set.max() ? high.max() : nullptr;
    if (low.is_nothing() || high.is_nothing()) return IntSet::nothing();
    return IntSet::interval(min, max);
  }

 private:
  IntSet arithmetic(const BinaryExpr& e);
  IntSet add(const IntSet& a, const IntSet& b);
  IntSet sub(const IntSet& a, const IntSet& b);
  IntSet mul(const IntSet& a, const IntSet& b);
  IntSet divide(const IntSet& a, const IntSet& b, Kind kind);
  IntSet remainder(const IntSet& a, const IntSet& b, Kind kind);
  IntSet truth(const BinaryExpr& e);
  bool relaxes(const Node& e) const {
    return uses_var(e, [this](const Var* var) { return doms_.count(var) != 0; });
  }

  const DomMap& doms_;
  Analyzer& analyzer_;
  int depth_ = 0;
};

METASCHEDULE_INLINE IntSet IntervalEvaluator::eval(const Expr& e) {
  switch (e->kind) {
    case Kind::IntImm:
      return IntSet::single_point(e);
    case Kind::Var:
    case Kind::SizeVar: {
      auto it = doms_.find(static_cast<const Var*>(e.get()));
      if (it == doms_.end()) return IntSet::single_point(e);
      const IntSet& set = it->second;
      if (set.is_nothing() || (set.min().same_as(e) && set.max().same_as(e))) return set;
      // The ends may hold variables of the map themselves; cycles end at a depth.
      constexpr int kMaxDepth = 32;
      if (depth_ >= kMaxDepth) return set;
      ++depth_;
      IntSet out = eval(set);
      --depth_;
      return out;
    }
    case Kind::Add:
    case Kind::Sub:
    case Kind::Mul:
    case Kind::Div:
    case Kind::Mod:
    case Kind::FloorDiv:
    case Kind::FloorMod:
    case Kind::Min:
    case Kind::Max:
      return arithmetic(static_cast<const BinaryExpr&>(*e));
    case Kind::EQ:
    case Kind::NE:
    case Kind::LT:
    case Kind::LE:
    case Kind::GT:
    case Kind::GE:
    case Kind::And:
    case Kind::Or:
      return truth(static_cast<const BinaryExpr&>(*e));
    case Kind::Ramp: {
      const auto& ramp = static_cast<const Ramp&>(*e);
      IntSet base = eval(ramp.base);
      const IntImm *stride = as<IntImm>(ramp.stride), *lanes = as<IntImm>(ramp.lanes);
      if (!stride || !lanes) return {};
      auto reach = checked_mul(stride->value, lanes->value - 1);
      if (!reach || !fits(ramp.base->dtype, *reach)) return {};
      Expr step = int_imm(ramp.base->dtype, *reach), zero = int_imm(ramp.base->dtype, 0);
      return add(base, *reach > 0 ? IntSet::interval(zero, step) : IntSet::interval(step, zero));
    }
    case Kind::Broadcast:
      return eval(static_cast<const Broadcast&>(*e).value);
    case Kind::Select: {
      const auto& choice = static_cast<const Select&>(*e);
      IntSet t = eval(choice.true_value), f = eval(choice.false_value);
      return union_(t, f, analyzer_);
    }
    case Kind::Cast: {
      const auto& node = static_cast<const Cast&>(*e);
      IntSet set = eval(node.value);
      if (set.is_nothing() || !node.value->dtype.is_integral() || !e->dtype.is_integral()) {
        return set.is_single_point() && set.min().same_as(node.value) ? IntSet::single_point(e)
                                                                      : IntSet();
      }
      // Values that do not fit the narrower type come out as others.
      if (e->dtype.bits < node.value->dtype.bits || e->dtype.is_uint()) {
        if (set.is_single_point()) {
          return IntSet::single_point(set.min().same_as(node.value) ? e
                                                                    : cast(e->dtype, set.min()));
        }
      }
      Expr low = set.min() ? cast(e->dtype, set.min()) : nullptr;
      return IntSet::interval(low, set.max() ? cast(e->dtype, set.max()) : nullptr);
    }
    case Kind::BufferLoad: {
      const auto& load = static_cast<const BufferLoad&>(*e);
      if (!e->dtype.is_integral()) return {};
      for (const Expr& index : load.indices) {
        if (relaxes(*index)) return {};
      }
      return IntSet::single_point(e);
    }
    case Kind::Call: {
      static const Op &choice = Op::get("if_then_else"), &vscale = Op::get("vscale"),
                      &likely_op = Op::get("likely");
      const auto& node = static_cast<const Call&>(*e);
      if (node.op.node() == &vscale) return IntSet::single_point(e);
      if (node.op.node() == &likely_op) return eval(node.args[0]);
      if (node.op.node() == &choice) {
        return union_(eval(node.args[1]), eval(node.args[2]), analyzer_);
      }
      return relaxes(*e) ? IntSet() : IntSet::single_point(e);
    }
    default:
      return relaxes(*e) ? IntSet() : IntSet::single_point(e);
  }
}

/// The operation on two ends; infinite where one of them is, or where constants leave their type.
inline Expr on_ends(Kind kind, const Expr& a, const Expr& b) {
  if (!a || !b) return nullptr;
  const IntImm *x = as<IntImm>(a), *y = as<IntImm>(b);
  if (x && y) {
    auto value = exact_value(kind, x->value, y->value);
    if (!value || !fits(a->dtype, *value)) return nullptr;
  }
  return binary(kind, a, b);
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::arithmetic(const BinaryExpr& e) {
  IntSet a = eval(e.a), b = eval(e.b);
  if (a.is_nothing() || b.is_nothing()) return IntSet::nothing();
  // What has not changed stays the very expression it was.
  auto unchanged = [](const IntSet& set, const Expr& side) {
    return set.min().same_as(side) && set.max().same_as(side);
  };
  if (unchanged(a, e.a) && unchanged(b, e.b)) return IntSet::single_point(Expr(&e));
  bool divides = e.kind >= Kind::Div && e.kind <= Kind::FloorMod;
  if (a.is_single_point() && b.is_single_point() && !(divides && is_zero(b.min()))) {
    Expr point = on_ends(e.kind, a.min(), b.min());
    return point ? IntSet::single_point(point) : IntSet();
  }
  switch (e.kind) {
    case Kind::Add:
      return add(a, b);
    case Kind::Sub:
      return sub(a, b);
    case Kind::Mul:
      return mul(a, b);
    case Kind::Div:
    case Kind::FloorDiv:
      return divide(a, b, e.kind);
    case Kind::Mod:
    case Kind::FloorMod:
      return remainder(a, b, e.kind);
    case Kind::Min:
      return IntSet::interval(a.min() && b.min() ? min(a.min(), b.min()) : nullptr,
                              a.max() && b.max() ? min(a.max(), b.max())
                              : a.max()          ? a.max()
                                                 : b.max());
    default:
      return IntSet::interval(a.min() && b.min() ? max(a.min(), b.min())
                              : a.min()          ? a.min()
                                                 : b.min(),
                              a.max() && b.max() ? max(a.max(), b.max()) : nullptr);
  }
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::add(const IntSet& a, const IntSet& b) {
  return IntSet::interval(on_ends(Kind::Add, a.min(), b.min()),
                          on_ends(Kind::Add, a.max(), b.max()));
}
METASCHEDULE_INLINE IntSet IntervalEvaluator::sub(const IntSet& a, const IntSet& b) {
  return IntSet::interval(on_ends(Kind::Sub, a.min(), b.max()),
                          on_ends(Kind::Sub, a.max(), b.min()));
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::mul(const IntSet& x, const IntSet& y) {
  const IntSet& a = x.is_single_point() ? y : x;
  const IntSet& b = x.is_single_point() ? x : y;
  if (!b.is_single_point()) return {};
  const Expr& factor = b.min();
  if (is_zero(factor)) return b;
  if (is_one(factor)) return a;
  Expr low = on_ends(Kind::Mul, a.min(), factor), high = on_ends(Kind::Mul, a.max(), factor);
  if (analyzer_.can_prove_greater_equal(factor, 0)) return IntSet::interval(low, high);
  if (analyzer_.can_prove_less(factor, 1)) return IntSet::interval(high, low);
  if (!low || !high) return {};
  Expr sign = ge(factor, make_zero(factor->dtype));
  return IntSet::interval(select(sign, low, high), select(sign, high, low));
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::divide(const IntSet& a, const IntSet& b, Kind kind) {
  if (!b.is_single_point() || is_zero(b.min())) return {};
  const Expr& divisor = b.min();
  if (is_one(divisor)) return a;
  Expr low = on_ends(kind, a.min(), divisor), high = on_ends(kind, a.max(), divisor);
  if (analyzer_.can_prove_greater_equal(divisor, 0)) return IntSet::interval(low, high);
  if (analyzer_.can_prove_less(divisor, 1)) return IntSet::interval(high, low);
  if (!low || !high) return {};
  Expr sign = ge(divisor, make_zero(divisor->dtype));
  return IntSet::interval(select(sign, low, high), select(sign, high, low));
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::remainder(const IntSet& a, const IntSet& b,
                                                        Kind kind) {
  if (!b.is_single_point() || is_zero(b.min())) return {};
  const Expr& divisor = b.min();
  bool positive = analyzer_.can_prove_greater_equal(divisor, 0);
  if (kind == Kind::Mod) {
    Expr bound = metaschedule::abs(divisor) - 1;
    return IntSet::interval(positive && a.min() && analyzer_.can_prove_greater_equal(a.min(), 0)
                                ? make_zero(divisor->dtype)
                                : make_zero(divisor->dtype) - bound,
                            bound);
  }
  if (positive) {
    if (as<IntImm>(divisor) && a.min() && a.max()) {
      // Within one period the remainder is the distance from its start.
      Expr first = floordiv(a.min(), divisor), last = floordiv(a.max(), divisor);
      if (analyzer_.can_prove(eq(last, first))) {
        return IntSet::interval(a.min() - divisor * first, a.max() - divisor * first);
      }
    }
    return IntSet::interval(make_zero(divisor->dtype), divisor - 1);
  }
  Expr bound = metaschedule::abs(divisor) - 1;
  return IntSet::interval(make_zero(divisor->dtype) - bound, bound);
}

METASCHEDULE_INLINE IntSet IntervalEvaluator::truth(const BinaryExpr& e) {
  if (!relaxes(e)) return IntSet::single_point(Expr(&e));
  return IntSet::interval(int_imm(e.dtype.element(), 0), int_imm(e.dtype.element(), 1));
}

}  // namespace detail

METASCHEDULE_INLINE IntSet eval_set(const Expr& expr, const DomMap& dom_map, Analyzer& analyzer) {
  return detail::IntervalEvaluator(dom_map, analyzer).eval(expr);
}
METASCHEDULE_INLINE IntSet eval_set(const Expr& expr, const DomMap& dom_map) {
  Analyzer analyzer;
  return eval_set(expr, dom_map, analyzer);
}
METASCHEDULE_INLINE IntSet eval_set(const Range& range, const DomMap& dom_map, Analyzer& analyzer) {
  detail::IntervalEvaluator evaluator(dom_map, analyzer);
  // The extent is looked at as it stands: its variables only widen the upper end.
  return evaluator.eval(IntSet::interval(range.min, range.min + range.extent - 1));
}
METASCHEDULE_INLINE IntSet eval_set(const IntSet& set, const DomMap& dom_map, Analyzer& analyzer) {
  return detail::IntervalEvaluator(dom_map, analyzer).eval(set);
}
METASCHEDULE_INLINE std::vector<IntSet> eval_set(const Ranges& region, const DomMap& dom_map,
                                                 Analyzer& analyzer) {
  std::vector<IntSet> out;
  for (const Ref<Range>& range : region) out.push_back(eval_set(*range, dom_map, analyzer));
  return out;
}

}  // namespace metaschedule::arith
