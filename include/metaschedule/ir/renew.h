// SPDX-License-Identifier: Apache-2.0
// A second copy of a statement in the same program, before and after blocks are lowered.
#pragma once

#include <unordered_map>
#include <vector>

#include "metaschedule/ir/walk.h"

namespace metaschedule {
namespace detail {

/// Copies a statement with loop variables, bindings, axes, buffers that it allocates and block ids
/// of its own; what is defined outside of it stays.
class DefinitionRenewer : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var:
      case Kind::SizeVar: {
        auto it = vars_.find(static_cast<const Var*>(&node));
        return it == vars_.end() ? nullptr : Ref<Node>(it->second);
      }
      case Kind::For: {
        auto loop = mutate(static_cast<const For&>(node));
        loop->loop_var = renew(loop->loop_var);
        if (loop->thread_binding) {
          auto thread = mutate(loop->thread_binding);
          thread->var = renew(thread->var);
          loop->thread_binding = thread;
        }
        return with_new_children<For>(loop);
      }
      case Kind::LetStmt: {
        auto let = mutate(static_cast<const LetStmt&>(node));
        let->var = renew(let->var);
        return with_new_children<LetStmt>(let);
      }
      case Kind::Let: {
        auto let = mutate(static_cast<const Let&>(node));
        let->var = renew(let->var);
        return with_new_children<Let>(let);
      }
      case Kind::Allocate: {
        auto allocate = mutate(static_cast<const Allocate&>(node));
        allocate->buffer_var = renew(allocate->buffer_var);
        return with_new_children<Allocate>(allocate);
      }
      case Kind::Block:
        return visit_block(static_cast<const Block&>(node));
      case Kind::BufferLoad:
        return visit_access(static_cast<const BufferLoad&>(node));
      case Kind::BufferStore:
        return visit_access(static_cast<const BufferStore&>(node));
      case Kind::BufferRegion:
        return visit_access(static_cast<const BufferRegion&>(node));
      case Kind::DeclBuffer:
        return visit_access(static_cast<const DeclBuffer&>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  VarRef renew(const VarRef& var) {
    VarRef fresh = mutate(var);
    vars_[var.get()] = fresh;
    return fresh;
  }
  BufferRef renew(const BufferRef& buffer) {
    renew(buffer->data);
    return on_new_data(buffer);
  }
  /// The buffer in place of one whose data has a new name.
  BufferRef on_new_data(const BufferRef& buffer) {
    auto fresh = mutate(buffer);
    fresh->data = vars_.at(buffer->data.get());
    fresh->shape = (*this)(buffer->shape);
    fresh->strides = (*this)(buffer->strides);
    fresh->elem_offset = (*this)(buffer->elem_offset);
    buffers_[buffer.get()] = fresh;
    return fresh;
  }
  /// A view defines the variables that stand for its strides and offset.
  void renew_layout(const Buffer& view) {
    auto renew_one = [&](const Expr& e) {
      const Var* var = as<Var>(e);
      if (var && !vars_.count(var)) renew(VarRef(var));
    };
    for (const Expr& stride : view.strides) renew_one(stride);
    renew_one(view.elem_offset);
  }
  template <class T>
  Ref<Node> with_new_children(const Ref<T>& node) {
    Ref<Node> out = rewrite_children(*node);
    return out ? out : Ref<Node>(node);
  }
  Ref<Node> visit_block(const Block& old) {
    auto block = mutate(old);
    block->id = fresh_block_id();
    std::vector<Ref<IterVar>> axes;
    for (const auto& iter : old.iter_vars) {
      auto axis = mutate(iter);
      axis->var = renew(iter->var);
      axes.push_back(axis);
    }
    block->iter_vars = axes;
    std::vector<BufferRef> buffers;
    for (const auto& buffer : old.alloc_buffers) buffers.push_back(renew(buffer));
    block->alloc_buffers = buffers;
    std::vector<Ref<MatchBufferRegion>> matches;
    for (const auto& match : old.match_buffers) renew_layout(*match->buffer);
    for (const auto& match : old.match_buffers)
      matches.push_back(make<MatchBufferRegion>(renew(match->buffer), match->source));
    block->match_buffers = matches;
    return with_new_children<Block>(BlockRef(block));
  }
  template <class T>
  Ref<Node> visit_access(const T& access) {
    Ref<Node> inner = rewrite_children(access);
    auto it = buffers_.find(access.buffer.get());
    if (it == buffers_.end() && !vars_.count(access.buffer->data.get())) return inner;
    auto copy = mutate(inner ? static_cast<const T&>(*inner) : access);
    copy->buffer = it == buffers_.end() ? on_new_data(access.buffer) : it->second;
    return Ref<T>(copy);
  }

  std::unordered_map<const Var*, VarRef> vars_;
  std::unordered_map<const Buffer*, BufferRef> buffers_;
};

}  // namespace detail

/// `stmt` with names of its own for all that it defines, so that it may stand beside the original.
inline Stmt renewed(const Stmt& stmt) { return detail::DefinitionRenewer()(stmt); }

}  // namespace metaschedule
