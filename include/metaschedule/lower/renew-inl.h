// SPDX-License-Identifier: Apache-2.0
// Inside the passes: copies of statements that define nothing that another copy defines.
#pragma once

#include "metaschedule/ir/walk.h"

namespace metaschedule::lower::detail {

/// Gives what a statement defines (loops, bindings, buffers that it allocates) new names; what is
/// defined outside of it stays.
class Renewer : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var:
      case Kind::SizeVar: {
        auto it = vars_.find(static_cast<const Var*>(&node));
        return it == vars_.end() ? nullptr : Ref<Node>(it->second);
      }
      case Kind::For:
        return defining<For>(node, [&](For& made) { made.loop_var = fresh(made.loop_var); });
      case Kind::LetStmt:
        return defining<LetStmt>(node, [&](LetStmt& made) { made.var = fresh(made.var); });
      case Kind::Let:
        return defining<Let>(node, [&](Let& made) { made.var = fresh(made.var); });
      case Kind::Allocate:
        return defining<Allocate>(
            node, [&](Allocate& made) { made.buffer_var = fresh(made.buffer_var); });
      case Kind::Block:
        return defining<Block>(node, [&](Block& made) {
          std::vector<BufferRef> buffers;
          for (const BufferRef& b : made.alloc_buffers) {
            fresh(b->data);
            buffers.push_back(buffer(b));
          }
          made.alloc_buffers = buffers;
          made.id = fresh_block_id();
        });
      case Kind::BufferLoad:
        return using_buffer<BufferLoad>(node);
      case Kind::BufferStore:
        return using_buffer<BufferStore>(node);
      case Kind::BufferRegion:
        return using_buffer<BufferRegion>(node);
      case Kind::DeclBuffer:
        return using_buffer<DeclBuffer>(node);
      default:
        return rewrite_children(node);
    }
  }

 private:
  VarRef fresh(const VarRef& var) {
    auto made = mutate(*var);
    return vars_[var.get()] = VarRef(made);
  }
  BufferRef buffer(const BufferRef& old) {
    auto it = vars_.find(old->data.get());
    if (it == vars_.end()) return old;
    BufferRef& made = buffers_[old.get()];
    if (!made) {
      auto copy = mutate(*old);
      copy->data = it->second;
      made = copy;
    }
    return made;
  }
  template <class T, class F>
  Ref<Node> defining(const Node& node, F&& define) {
    auto made = mutate(static_cast<const T&>(node));
    define(*made);
    Ref<Node> inner = rewrite_children(*made);
    return inner ? inner : Ref<Node>(made);
  }
  template <class T>
  Ref<Node> using_buffer(const Node& node) {
    Ref<Node> inner = rewrite_children(node);
    const T& now = static_cast<const T&>(inner ? *inner : node);
    BufferRef changed = buffer(now.buffer);
    if (changed == now.buffer) return inner;
    auto made = mutate(now);
    made->buffer = changed;
    return Ref<Node>(made);
  }

  std::unordered_map<const Var*, VarRef> vars_;
  std::unordered_map<const Buffer*, BufferRef> buffers_;
};

inline Stmt renewed(const Stmt& stmt) { return Renewer()(stmt); }

}  // namespace metaschedule::lower::detail
