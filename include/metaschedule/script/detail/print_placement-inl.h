// SPDX-License-Identifier: Apache-2.0
// Where variables and buffers that nothing defines are to be declared: in the innermost frame that
// holds all their uses, before the first statement of it that uses them.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "metaschedule/ir/walk.h"

namespace metaschedule::script::detail {

class Placer {
 public:
  struct Entry {
    int frame;
    const Node* stmt;
  };

  void define(const Node* node) { defined_.insert(node); }
  void define_buffer(const Buffer& buffer) {
    define(&buffer);
    define(buffer.data.get());
    auto parts = [&](const Exprs& list) {
      for (const Expr& e : list) define_vars(*e);
    };
    parts(buffer.shape);
    parts(buffer.strides);
    define_vars(*buffer.elem_offset);
  }
  void enter(const Node& stmt) { path_.push_back({next_frame_++, &stmt}); }
  void leave() { path_.pop_back(); }
  void define_vars(const Node& node) {
    post_order(node, [&](const Node& n) {
      if (Var::is_kind(n.kind)) define(&n);
    });
  }

  void visit_body(const Stmt& stmt) {
    enter(*stmt);
    visit(*stmt);
    leave();
  }

  /// Nodes that nothing defines with the statement that each goes before, in order of first use.
  const std::vector<const Node*>& undefined() const { return order_; }
  const Node* statement_of(const Node* node) const { return uses_.at(node).back().stmt; }
  /// Thread variables that more than one statement launches.
  const std::vector<const IterVar*>& shared_threads() const { return shared_threads_; }

 private:
  void visit(const Node& node) {
    if (node.kind == Kind::SeqStmt) {
      for (const Stmt& s : cast_to<SeqStmt>(node).seq) {
        path_.back().stmt = s.get();
        visit(*s);
      }
      return;
    }
    if (const Allocate* s = as<Allocate>(&node)) {
      expressions(s->extents);
      expression(s->condition);
      define(s->buffer_var.get());
      return visit_body(s->body);
    }
    if (const AllocateConst* s = as<AllocateConst>(&node)) {
      expressions(s->extents);
      define(s->buffer_var.get());
      return visit_body(s->body);
    }
    if (const DeclBuffer* s = as<DeclBuffer>(&node)) {
      use(s->buffer->data.get());
      define_buffer(*s->buffer);
      return visit_body(s->body);
    }
    if (const BufferRealize* s = as<BufferRealize>(&node)) {
      define_buffer(*s->buffer);
      return visit_body(s->body);
    }
    if (const LetStmt* s = as<LetStmt>(&node)) {
      expression(s->value);
      define(s->var.get());
      return visit_body(s->body);
    }
    if (const For* s = as<For>(&node)) {
      expression(s->min);
      expression(s->extent);
      define(s->loop_var.get());
      return visit_body(s->body);
    }
    if (const While* s = as<While>(&node)) {
      expression(s->condition);
      return visit_body(s->body);
    }
    if (const IfThenElse* s = as<IfThenElse>(&node)) {
      expression(s->condition);
      visit_body(s->then_case);
      if (s->else_case) visit_body(s->else_case);
      return;
    }
    if (const AssertStmt* s = as<AssertStmt>(&node)) {
      expression(s->condition);
      return visit_body(s->body);
    }
    if (const AttrStmt* s = as<AttrStmt>(&node)) return visit_attr(*s);
    if (const BlockRealize* s = as<BlockRealize>(&node)) {
      expressions(s->iter_values);
      return visit_block(*s->block, &s->predicate);
    }
    if (const Block* s = as<Block>(&node)) return visit_block(*s, nullptr);
    expression_tree(node);
  }

  void visit_attr(const AttrStmt& s) {
    expression(s.value);
    if (const IterVar* thread = as<IterVar>(s.node)) {
      auto same = [&](const IterVar* x) { return x->var == thread->var; };
      if (std::any_of(threads_.begin(), threads_.end(), same)) {
        if (std::none_of(shared_threads_.begin(), shared_threads_.end(), same))
          shared_threads_.push_back(thread);
      }
      threads_.push_back(thread);
      define(thread->var.get());
    } else if (const Buffer* buffer = as<Buffer>(s.node)) {
      use(buffer);
    } else if (as<ExprNode>(s.node)) {
      expression_tree(*s.node);
    }
    visit_body(s.body);
  }

  void visit_block(const Block& b, const Expr* predicate) {
    for (const Ref<IterVar>& iter : b.iter_vars) {
      expression(iter->dom->min);
      expression(iter->dom->extent);
      define(iter->var.get());
    }
    if (predicate) expression(*predicate);
    for (const BufferRef& buffer : b.alloc_buffers) define_buffer(*buffer);
    for (const BufferRegions* list : {&b.reads, &b.writes})
      for (const auto& region : *list) expression_tree(*region);
    for (const auto& match : b.match_buffers) {
      expression_tree(*match->source);
      define_buffer(*match->buffer);
    }
    if (!b.init) return visit_body(b.body);
    enter(*b.init);
    visit_body(b.init);
    path_.back().stmt = b.body.get();
    visit(*b.body);
    leave();
  }

  void expressions(const Exprs& list) {
    for (const Expr& e : list) expression(e);
  }
  void expression(const Expr& e) {
    if (e) expression_tree(*e);
  }
  void expression_tree(const Node& node) {
    post_order(node, [&](const Node& n) {
      switch (n.kind) {
        case Kind::Var:
        case Kind::SizeVar:
          return use(&n);
        case Kind::BufferLoad:
          return use(static_cast<const BufferLoad&>(n).buffer.get());
        case Kind::BufferStore:
          return use(static_cast<const BufferStore&>(n).buffer.get());
        case Kind::BufferRegion:
          return use(static_cast<const BufferRegion&>(n).buffer.get());
        case Kind::Prefetch:
          return use(static_cast<const Prefetch&>(n).buffer.get());
        case Kind::Let:
          return use(static_cast<const Let&>(n).var.get());
        default:
          return;
      }
    });
  }

  void use(const Node* node) {
    if (defined_.contains(node)) return;
    auto [it, first] = uses_.try_emplace(node, path_);
    if (first) {
      order_.push_back(node);
      return;
    }
    std::vector<Entry>& known = it->second;
    size_t common = 0;
    while (common < known.size() && common < path_.size() &&
           known[common].frame == path_[common].frame) {
      ++common;
    }
    known.resize(common);
  }

  int next_frame_ = 0;
  std::vector<Entry> path_;
  std::unordered_set<const Node*> defined_;
  std::unordered_map<const Node*, std::vector<Entry>> uses_;
  std::vector<const Node*> order_;
  std::vector<const IterVar*> threads_, shared_threads_;
};

}  // namespace metaschedule::script::detail
