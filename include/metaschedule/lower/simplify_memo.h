// SPDX-License-Identifier: Apache-2.0
// What expressions simplify to, kept by the pass `simplify` so that a node that stands in several
// places, or comes round a second time, is simplified once.
#pragma once

#include <unordered_map>
#include <utility>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::lower::detail {

/// Holds what it is keyed by. Entries are true as long as each variable has one range: they are
/// dropped when a variable is met with another, and none is kept where a range is not constant.
class SimplifyMemo {
 public:
  void bind(const VarRef& var, const Range& range) {
    const IntImm *min = as<IntImm>(range.min), *extent = as<IntImm>(range.extent);
    if (!min || !extent) {
      usable_ = false;
      results_.clear();
      return;
    }
    auto [it, fresh] = ranges_.try_emplace(var.get(), Known{var, min->value, extent->value});
    if (fresh || (it->second.min == min->value && it->second.extent == extent->value)) return;
    it->second = {var, min->value, extent->value};
    results_.clear();
  }
  void clear() { results_.clear(); }

  Expr simplify(const Expr& e, arith::Analyzer& analyzer) {
    if (!usable_) return analyzer.simplify(e);
    if (auto it = results_.find(e.get()); it != results_.end()) return it->second.second;
    bool settled = false;
    Expr out = analyzer.simplify(e, settled);
    results_.emplace(e.get(), std::pair(e, out));
    if (settled) results_.emplace(out.get(), std::pair(out, out));
    return out;
  }

 private:
  struct Known {
    VarRef var;
    int64_t min, extent;
  };

  bool usable_ = true;
  std::unordered_map<const Var*, Known> ranges_;
  std::unordered_map<const Node*, std::pair<Expr, Expr>> results_;
};

/// Scalar float arithmetic that no rule of the simplifier applies to, with loads at its leaves:
/// only the indices of these can change.
inline bool is_inert(const Expr& e) {
  if (!e->dtype.is_float() || !e->dtype.is_scalar()) return false;
  switch (e->kind) {
    case Kind::BufferLoad:
      return !static_cast<const BufferLoad&>(*e).predicate;
    case Kind::Add:
    case Kind::Sub:
    case Kind::Mul:
    case Kind::Div:
    case Kind::Min:
    case Kind::Max: {
      const auto& node = static_cast<const BinaryExpr&>(*e);
      if (node.a.same_as(node.b) || !is_inert(node.a)) return false;
      if (is_inert(node.b)) return true;
      return (e->kind == Kind::Min || e->kind == Kind::Max) && node.b->kind == Kind::FloatImm;
    }
    case Kind::Call: {
      const auto& node = static_cast<const Call&>(*e);
      const Op* op = as<Op>(node.op);
      if (!op || op->effect != CallEffect::Pure) return false;
      for (const Expr& arg : node.args)
        if (!is_inert(arg)) return false;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace metaschedule::lower::detail
