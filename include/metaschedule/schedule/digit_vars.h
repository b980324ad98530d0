// SPDX-License-Identifier: Apache-2.0
// Digits of loops as variables: `f // 64` and `f % 64` of a fused loop stand for the loops that
// were fused, and a proof that treats them so keeps `(f // 64 + x) // 2` in the form it had before.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::detail {

/// Replaces quotients and remainders of some variables by constants with variables of their own,
/// which the analyzer knows the bounds of. What follows from the result follows from the original.
class DigitVars : public Rewriter {
 public:
  DigitVars(arith::Analyzer& analyzer, std::function<bool(const Var*)> applies)
      : analyzer_(analyzer), applies_(std::move(applies)) {}
  bool empty() const { return made_.empty(); }

  Ref<Node> visit(const Node& node) override {
    if (node.kind != Kind::FloorDiv && node.kind != Kind::FloorMod) return rewrite_children(node);
    const auto& e = static_cast<const BinaryExpr&>(node);
    const Var* var = as<Var>(e.a);
    const IntImm* by = as<IntImm>(e.b);
    if (!var || !by || by->value <= 0 || !applies_(var)) return rewrite_children(node);
    for (const Made& made : made_)
      if (made.var == var && made.kind == node.kind && made.by == by->value) return made.digit;
    arith::ConstIntBound bound = analyzer_.const_int_bound(Expr(&e));
    VarRef digit = make<Var>(var->name + "_digit", e.dtype);
    if (bound.min_value > INT32_MIN && bound.max_value < INT32_MAX) {
      analyzer_.bind(digit, make<Range>(int_imm(e.dtype, bound.min_value),
                                        int_imm(e.dtype, bound.max_value - bound.min_value + 1)));
    }
    made_.push_back({var, node.kind, by->value, digit});
    return digit;
  }

 private:
  struct Made {
    const Var* var;
    Kind kind;
    int64_t by;
    VarRef digit;
  };
  arith::Analyzer& analyzer_;
  std::function<bool(const Var*)> applies_;
  std::vector<Made> made_;
};

}  // namespace metaschedule::detail
