// SPDX-License-Identifier: Apache-2.0
// remove_no_op: statements without effect go, and loops, branches, bindings and allocations that
// hold nothing else or are never used.
#pragma once

#include <unordered_set>

#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {
namespace detail {

class NoOpRemover : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) {
      post_order(node, [&](const Node& n) { note(n); });
      return nullptr;
    }
    if (node.kind == Kind::BufferStore) note(node);
    Ref<Node> out = rewrite_children(node);
    const Node& now = out ? *out : node;
    switch (now.kind) {
      case Kind::Evaluate:
        if (static_cast<const Evaluate&>(now).value->kind != Kind::Call) return nothing();
        return out;
      case Kind::For:
        return is_nothing(static_cast<const For&>(now).body) ? nothing() : out;
      case Kind::AttrStmt:
        return is_nothing(static_cast<const AttrStmt&>(now).body) ? nothing() : out;
      case Kind::DeclBuffer: {
        const DeclBuffer& d = static_cast<const DeclBuffer&>(now);
        return is_nothing(d.body) || !buffers_.count(d.buffer.get()) ? Ref<Node>(d.body) : out;
      }
      case Kind::Allocate: {
        const Allocate& a = static_cast<const Allocate&>(now);
        return is_nothing(a.body) || !vars_.count(a.buffer_var.get()) ? Ref<Node>(a.body) : out;
      }
      case Kind::LetStmt: {
        const LetStmt& l = static_cast<const LetStmt&>(now);
        const bool pure = !any_node(*l.value, [](const Node& n) {
          const Call* call = as<Call>(&n);
          const Op* op = call ? as<Op>(call->op) : nullptr;
          return call && !(op && op->effect <= CallEffect::Pure);
        });
        return pure && !vars_.count(l.var.get()) ? Ref<Node>(l.body) : out;
      }
      case Kind::IfThenElse: {
        const IfThenElse& s = static_cast<const IfThenElse&>(now);
        const bool no_then = is_nothing(s.then_case),
                   no_else = !s.else_case || is_nothing(s.else_case);
        if (no_then && no_else) return nothing();
        if (no_then) return make<IfThenElse>(logical_not(s.condition), s.else_case);
        if (s.else_case && no_else) return make<IfThenElse>(s.condition, s.then_case);
        return out;
      }
      default:
        return out;
    }
  }

 private:
  static Ref<Node> nothing() { return make<Evaluate>(i32(0)); }
  static bool is_nothing(const Stmt& s) {
    const Evaluate* e = as<Evaluate>(s);
    return e && e->value->kind != Kind::Call;
  }
  void note(const Node& n) {
    const Buffer* buffer = nullptr;
    if (const BufferLoad* l = as<BufferLoad>(&n)) buffer = l->buffer.get();
    if (const BufferStore* s = as<BufferStore>(&n)) buffer = s->buffer.get();
    if (buffer && buffers_.insert(buffer).second) {
      vars_.insert(buffer->data.get());
      for (const Exprs* list : {&buffer->shape, &buffer->strides}) {
        for (const Expr& e : *list) post_order(*e, [&](const Node& m) { note(m); });
      }
      if (buffer->elem_offset) post_order(*buffer->elem_offset, [&](const Node& m) { note(m); });
    }
    if (const Var* v = as<Var>(&n)) vars_.insert(v);
  }

  std::unordered_set<const Var*> vars_;
  std::unordered_set<const Buffer*> buffers_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef remove_no_op(const PrimFuncRef& func) {
  return detail::with_body(func, detail::NoOpRemover()(func->body));
}

}  // namespace metaschedule::lower
