// SPDX-License-Identifier: Apache-2.0
// Indices of another width: what `index_dtype` of create_prim_func asks for.
#pragma once

#include <unordered_map>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::te::detail {

/// Rewrites expressions so that indices, and the variables in them, have one integer type. Values
/// keep theirs: where an index meets a value, the narrower of the two is converted.
class Widener : public Rewriter {
 public:
  explicit Widener(DType dtype) : dtype_(dtype) {}

  /// An extent, a bound or an index: becomes of the index type.
  Expr index(const Expr& e) { return cast(dtype_, (*this)(e)); }
  Ref<Range> range(const Ref<Range>& r) { return make<Range>(index(r->min), index(r->extent)); }
  Exprs shape(const Exprs& list) {
    std::vector<Expr> out;
    for (const Expr& e : list) out.push_back(index(e));
    return out;
  }
  /// A value: keeps its type.
  Expr value(const Expr& e) { return cast(e->dtype, (*this)(e)); }

  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      if (!var->dtype.is_int() || var->dtype.bits >= dtype_.bits) return nullptr;
      auto [it, fresh] = vars_.try_emplace(var);
      if (fresh) {
        it->second = var->kind == Kind::SizeVar ? VarRef(make<SizeVar>(var->name, dtype_))
                                                : make<Var>(var->name, dtype_);
      }
      return it->second;
    }
    if (is_binary_kind(node.kind)) {
      const auto& e = static_cast<const BinaryExpr&>(node);
      Expr a = (*this)(e.a), b = (*this)(e.b);
      if (a == e.a && b == e.b) return nullptr;
      match_types(a, b);
      return make_binary(node.kind, a, b);
    }
    if (const Select* s = as<Select>(&node)) {
      Expr c = (*this)(s->condition), t = (*this)(s->true_value), f = (*this)(s->false_value);
      match_types(t, f);
      return make<Select>(c, t, f);
    }
    static const Op& choice = Op::get("if_then_else");
    if (is_call_to(&node, choice)) {
      const auto& c = static_cast<const Call&>(node);
      Expr t = (*this)(c.args[1]), f = (*this)(c.args[2]);
      match_types(t, f);
      return make<Call>(t->dtype, c.op, Exprs{(*this)(c.args[0]), t, f});
    }
    if (const ProducerLoad* l = as<ProducerLoad>(&node)) {
      return make<ProducerLoad>(l->producer, l->dtype, shape(l->indices));
    }
    return rewrite_children(node);
  }

 private:
  DType dtype_;
  std::unordered_map<const Var*, VarRef> vars_;
};

}  // namespace metaschedule::te::detail
