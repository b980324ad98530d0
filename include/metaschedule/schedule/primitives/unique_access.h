// SPDX-License-Identifier: Apache-2.0
// How a block accesses a buffer, and turning these accesses to another one.
#pragma once

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::detail {

/// Looks for all accesses of a buffer in the body and init of a block.
class AccessCollector : public Walker {
 public:
  AccessCollector(const Block& block, const BufferRef& buffer) : buffer_(buffer) {
    if (block.init) visit(*block.init);
    visit(*block.body);
    for (const auto& match : block.match_buffers) visit(*match);
  }

  Exprs indices;  // of the first access
  bool found = false;
  bool several = false;  // accesses with different indices
  bool opaque = false;   // the data pointer is used, or a part has another name

  void visit(const Node& node) override {
    switch (node.kind) {
      case Kind::BufferLoad:
        add(static_cast<const BufferLoad&>(node));
        break;
      case Kind::BufferStore:
        add(static_cast<const BufferStore&>(node));
        break;
      case Kind::MatchBufferRegion:
        opaque = opaque || static_cast<const MatchBufferRegion&>(node).source->buffer == buffer_;
        break;
      case Kind::Var:
        opaque = opaque || &node == buffer_->data.get();
        break;
      default:
        break;
    }
    walk_children(node);
  }

 private:
  template <class T>
  void add(const T& access) {
    if (access.buffer != buffer_) return;
    if (found) {
      for (size_t i = 0; i < indices.size(); ++i)
        several = several || !expr_equal(indices[i], access.indices[i]);
    } else {
      found = true;
      indices = access.indices;
    }
  }
  const BufferRef& buffer_;
};

/// Turns all accesses of a buffer to fixed indices of another one, regions too.
class AccessRedirector : public Rewriter {
 public:
  AccessRedirector(const BufferRef& from, const BufferRef& to, const Exprs& indices)
      : from_(from), to_(to), indices_(indices) {}

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::BufferLoad:
        return redirect(static_cast<const BufferLoad&>(node));
      case Kind::BufferStore:
        return redirect(static_cast<const BufferStore&>(node));
      case Kind::BufferRegion:
        if (static_cast<const BufferRegion&>(node).buffer == from_)
          return point_region(to_, indices_);
        return rewrite_children(node);
      default:
        return rewrite_children(node);
    }
  }

 private:
  template <class T>
  Ref<Node> redirect(const T& access) {
    Ref<Node> inner = rewrite_children(access);
    if (access.buffer != from_) return inner;
    auto copy = mutate(inner ? static_cast<const T&>(*inner) : access);
    copy->buffer = to_;
    copy->indices = indices_;
    return Ref<T>(copy);
  }
  const BufferRef &from_, &to_;
  const Exprs& indices_;
};

/// The variables that occur in some expressions.
inline std::unordered_set<const Var*> vars_in(const Exprs& exprs) {
  std::unordered_set<const Var*> out;
  for (const Expr& e : exprs)
    post_order(*e, [&](const Node& node) {
      if (const Var* var = as<Var>(&node)) out.insert(var);
    });
  return out;
}

/// A copy of an axis under a name, data parallel.
inline Ref<IterVar> parallel_axis(const IterVar& like, std::string name) {
  return make<IterVar>(like.dom, make<Var>(std::move(name), like.var->dtype), IterType::DataPar);
}

}  // namespace metaschedule::detail
