// SPDX-License-Identifier: Apache-2.0
// vectorize_loop: a vectorised loop over constant `n` becomes vector statements of the native
// width w: w lanes, unrolled n / w times, then one of n % w lanes (an odd width is legal). The loop
// promises that its iterations are independent. What cannot be widened becomes a serial loop: a
// store whose index does not depend on the lane, an `if` whose condition does, opaque calls, inner
// loops with bounds that depend on the lane, allocations, while.
//
//   for j in vectorized(20): C[j] = A[j] * 2        C[0:8] = A[0:8] * broadcast(2, 8)
//                                             ->    C[8:16] = ...; C[16:20] = ... 4 lanes
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/lane_math.h"
#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {
namespace detail {

/// Thrown when a statement has to stay scalar; caught where a statement can be a loop of its own.
struct NotVectorizable {};

/// Widens one vectorised loop of `lanes` iterations, `var` from `base`.
class Widener : public Rewriter {
 public:
  Widener(const VarRef& var, const Expr& base, int lanes, arith::Analyzer& analyzer)
      : var_(var), base_(base), lanes_(lanes), analyzer_(analyzer) {}

  Stmt statement(const Stmt& s) {
    if (bound_lets_) return (*this)(s);
    try {
      return (*this)(s);
    } catch (NotVectorizable) {
      return scalarized(s);
    }
  }

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) {
      Expr e(static_cast<const ExprNode*>(&node));
      Expr out = expr(e);
      return out == e ? nullptr : Ref<Node>(out);
    }
    switch (node.kind) {
      case Kind::BufferStore:
        return store(static_cast<const BufferStore&>(node));
      case Kind::SeqStmt: {
        std::vector<Stmt> parts;
        for (const Stmt& s : static_cast<const SeqStmt&>(node).seq) parts.push_back(statement(s));
        return flatten_seq(parts);
      }
      case Kind::For: {
        const For& loop = static_cast<const For&>(node);
        Expr min = expr(loop.min), extent = expr(loop.extent);
        if (min->dtype.lanes > 1 || extent->dtype.lanes > 1) throw NotVectorizable();
        auto made = mutate(loop);
        made->min = min;
        made->extent = extent;
        if (loop.kind == ForKind::Vectorized) made->kind = ForKind::Serial;
        analyzer_.bind(loop.loop_var, make<Range>(min, extent), true);
        made->body = statement(loop.body);
        return Ref<Node>(made);
      }
      case Kind::IfThenElse: {
        const IfThenElse& s = static_cast<const IfThenElse&>(node);
        Expr condition = expr(s.condition);
        if (condition->dtype.lanes > 1) throw NotVectorizable();
        return make<IfThenElse>(condition, statement(s.then_case),
                                s.else_case ? statement(s.else_case) : nullptr);
      }
      case Kind::LetStmt: {
        const LetStmt& s = static_cast<const LetStmt&>(node);
        Expr value = expr(s.value);
        if (value->dtype.lanes == 1) return make<LetStmt>(s.var, value, statement(s.body));
        VarRef wide = make<Var>(s.var->name, value->dtype);
        lets_[s.var.get()] = wide;
        ++bound_lets_;
        Stmt body;
        try {
          body = statement(s.body);
        } catch (NotVectorizable) {
          --bound_lets_;
          throw;
        }
        --bound_lets_;
        return make<LetStmt>(wide, value, body);
      }
      case Kind::AttrStmt: {
        auto made = mutate(static_cast<const AttrStmt&>(node));
        made->body = statement(made->body);
        return Ref<Node>(made);
      }
      case Kind::DeclBuffer: {
        auto made = mutate(static_cast<const DeclBuffer&>(node));
        made->body = statement(made->body);
        return Ref<Node>(made);
      }
      case Kind::Evaluate: {
        const Evaluate& s = static_cast<const Evaluate&>(node);
        if (s.value->kind == Kind::Call) throw NotVectorizable();
        return nullptr;
      }
      default:
        throw NotVectorizable();
    }
  }

 private:
  bool depends(const Node& node) const {
    return uses_var(node, [&](const Var* v) { return v == var_.get() || lets_.count(v); });
  }

  Stmt scalarized(const Stmt& s) {
    VarRef v = make<Var>(var_->name + "_s", var_->dtype);
    Stmt body = substitute(s, VarMap{{var_.get(), base_ + Expr(v)}});
    return make<For>(v, make_zero(v->dtype), int_imm(v->dtype, lanes_), ForKind::Serial, body);
  }

  Ref<Node> store(const BufferStore& s) {
    std::vector<Expr> indices;
    int lanes = 1;
    for (const Expr& i : s.indices) {
      indices.push_back(expr(i));
      if (indices.back()->dtype.lanes > 1 && &i != &s.indices.back()) throw NotVectorizable();
      lanes = std::max<int>(lanes, indices.back()->dtype.lanes);
    }
    Expr value = expr(s.value), mask = s.predicate ? expr(s.predicate) : nullptr;
    if (lanes != lanes_ || s.buffer->dtype.lanes > 1) {
      // Lane-invariant place: the last lane stays unless lanes read what others wrote.
      throw NotVectorizable();
    }
    return make<BufferStore>(s.buffer, widen(value, lanes_), Exprs(indices),
                             mask ? widen(mask, lanes_) : nullptr);
  }

  Expr expr(const Expr& e) {
    if (!depends(*e)) return e;
    switch (e->kind) {
      case Kind::Var:
      case Kind::SizeVar: {
        auto it = lets_.find(as<Var>(e));
        if (it != lets_.end()) return it->second;
        return make<Ramp>(base_, int_imm(var_->dtype, 1), i32(lanes_));
      }
      case Kind::Cast:
        return cast(e->dtype.with_lanes(lanes_), widen(expr(cast_to<Cast>(*e).value), lanes_));
      case Kind::Not:
        return make<Not>(widen(expr(cast_to<Not>(*e).a), lanes_));
      case Kind::Select: {
        const Select& s = cast_to<Select>(*e);
        return make<Select>(widen(expr(s.condition), lanes_), widen(expr(s.true_value), lanes_),
                            widen(expr(s.false_value), lanes_));
      }
      case Kind::BufferLoad:
        return load(cast_to<BufferLoad>(*e));
      case Kind::Let: {
        const Let& l = cast_to<Let>(*e);
        Expr value = expr(l.value);
        if (value->dtype.lanes == 1) return make<Let>(l.var, value, expr(l.body));
        VarRef wide = make<Var>(l.var->name, value->dtype);
        lets_[l.var.get()] = wide;
        return make<Let>(wide, value, widen(expr(l.body), lanes_));
      }
      case Kind::Call:
        return call(cast_to<Call>(*e));
      default:
        break;
    }
    if (!is_binary_kind(e->kind)) throw NotVectorizable();
    const auto& b = static_cast<const BinaryExpr&>(*e);
    return lane_binary(e->kind, expr(b.a), expr(b.b), lanes_, analyzer_);
  }

  Expr load(const BufferLoad& e) {
    if (e.buffer->dtype.lanes > 1) throw NotVectorizable();
    std::vector<Expr> indices;
    for (const Expr& i : e.indices) {
      indices.push_back(expr(i));
      if (indices.back()->dtype.lanes > 1 && &i != &e.indices.back()) throw NotVectorizable();
    }
    Expr mask = e.predicate ? widen(expr(e.predicate), lanes_) : nullptr;
    if (mask) indices.back() = widen(indices.back(), lanes_);
    return make<BufferLoad>(e.buffer, Exprs(indices), mask);
  }

  Expr call(const Call& e) {
    const Op* op = as<Op>(e.op);
    if (!op || !is_lane_wise(*op)) throw NotVectorizable();
    std::vector<Expr> args;
    const bool choice = op->name == "tir.if_then_else";
    for (const Expr& a : e.args) {
      Expr wide = expr(a);
      // A condition that is the same in all lanes stays a branch.
      args.push_back(choice && args.empty() && wide->dtype.lanes == 1 ? wide : widen(wide, lanes_));
    }
    return make<Call>(e.dtype.with_lanes(lanes_), e.op, Exprs(args));
  }

  VarRef var_;
  Expr base_;
  int lanes_;
  arith::Analyzer& analyzer_;
  VarMap lets_;
  int bound_lets_ = 0;
};

class LoopVectorizer : public Rewriter {
 public:
  explicit LoopVectorizer(const LowerOptions& options) : options_(options) {}

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    if (node.kind != Kind::For) return rewrite_children(node);
    const For& loop = static_cast<const For&>(node);
    analyzer_.bind(loop.loop_var, make<Range>(loop.min, loop.extent), true);
    auto extent = as_const_int(loop.extent);
    if (loop.kind != ForKind::Vectorized) return rewrite_children(node);
    if (!options_.vectorize || !extent || *extent < 2) {
      auto made = mutate(loop);
      made->kind = ForKind::Serial;
      made->body = (*this)(loop.body);
      return Ref<Node>(made);
    }
    const int lanes =
        static_cast<int>(std::min<int64_t>(*extent, native_lanes(*loop.body, options_)));
    return widened(loop, *extent, lanes);
  }

 private:
  Ref<Node> widened(const For& loop, int64_t extent, int lanes) {
    const DType t = loop.loop_var->dtype;
    std::vector<Stmt> parts;
    const int64_t whole = lanes < 2 ? 0 : extent / lanes,
                  rest = lanes < 2 ? extent : extent % lanes;
    if (whole == 1) {
      parts.push_back(Widener(loop.loop_var, loop.min, lanes, analyzer_).statement(loop.body));
    } else if (whole > 1) {
      VarRef outer = make<Var>(loop.loop_var->name, t);
      analyzer_.bind(outer, make<Range>(make_zero(t), int_imm(t, whole)));
      Expr base = loop.min + Expr(outer) * lanes;
      Stmt body = Widener(loop.loop_var, base, lanes, analyzer_).statement(loop.body);
      parts.push_back(make<For>(outer, make_zero(t), int_imm(t, whole),
                                whole <= 8 ? ForKind::Unrolled : ForKind::Serial, body));
    }
    if (rest == 1 || lanes < 2) {
      VarRef v = make<Var>(loop.loop_var->name, t);
      Expr at = loop.min + int_imm(t, whole * lanes);
      Stmt body =
          substitute(loop.body, VarMap{{loop.loop_var.get(), rest == 1 ? at : at + Expr(v)}});
      parts.push_back(
          rest == 1 ? body
                    : Stmt(make<For>(v, make_zero(t), int_imm(t, rest), ForKind::Serial, body)));
    } else if (rest > 1) {
      Expr base = loop.min + int_imm(t, whole * lanes);
      parts.push_back(
          Widener(loop.loop_var, base, static_cast<int>(rest), analyzer_).statement(loop.body));
    }
    return flatten_seq(parts);
  }

  const LowerOptions& options_;
  arith::Analyzer analyzer_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef vectorize_loop(const PrimFuncRef& func,
                                               const LowerOptions& options) {
  return detail::with_body(func, detail::LoopVectorizer(options)(func->body));
}

}  // namespace metaschedule::lower
