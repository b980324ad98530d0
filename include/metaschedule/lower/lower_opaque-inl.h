// SPDX-License-Identifier: Apache-2.0
// lower_opaque_block: blocks vanish. Their predicate becomes an `if`, their buffers Allocate and
// DeclBuffer with the first one outermost. Loops that run once, of any kind but threads and without
// annotations, are replaced by their body. Thread loops become `thread_extent` (`virtual_thread`)
// attributes; annotations named pragma_* become attributes around a loop (or a block's body), the
// smallest key outermost.
#pragma once

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class OpaqueBlockLowerer : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var: {
        auto it = unit_.find(static_cast<const Var*>(&node));
        return it == unit_.end() ? nullptr : it->second;
      }
      case Kind::For:
        return loop(static_cast<const For&>(node));
      case Kind::BlockRealize:
        return realize(static_cast<const BlockRealize&>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  Ref<Node> loop(const For& loop) {
    Expr min = (*this)(loop.min), extent = (*this)(loop.extent);
    const bool thread = loop.kind == ForKind::ThreadBinding;
    if (is_one(extent) && !thread && loop.annotations.empty()) {
      unit_[loop.loop_var.get()] = min;
      return (*this)(loop.body);
    }
    Stmt body = (*this)(loop.body);
    if (thread) {
      const std::string& tag = loop.thread_binding->thread_tag;
      const bool is_virtual =
          tag == "vthread" || tag == "vthread.x" || tag == "vthread.y" || tag == "vthread.z";
      auto axis =
          make<IterVar>(make<Range>(min, extent), loop.loop_var, IterType::ThreadIndex, tag);
      body = make<AttrStmt>(axis, is_virtual ? "virtual_thread" : "thread_extent", extent, body);
    } else {
      auto made = mutate(loop);
      made->min = min;
      made->extent = extent;
      made->body = body;
      made->annotations = without_pragmas(loop.annotations);
      body = made;
    }
    return with_pragmas(loop.annotations, loop.loop_var, body);
  }

  Ref<Node> realize(const BlockRealize& realize) {
    const Block& block = *realize.block;
    check<BuildError>(block.iter_vars.empty() && !block.init && block.match_buffers.empty(),
                      "lowering: block {} is not opaque", block.name_hint);
    Expr predicate = (*this)(realize.predicate);
    Stmt body = (*this)(block.body);
    if (!is_one(predicate)) body = make<IfThenElse>(predicate, body);
    for (size_t i = block.alloc_buffers.size(); i-- > 0;) {
      const BufferRef& b = block.alloc_buffers[i];
      body = make<Allocate>(b->data, b->dtype, allocated_shape(*b), true_(),
                            make<DeclBuffer>(b, body));
    }
    return with_pragmas(block.annotations, i32(0), body);
  }

  /// With strides, as much memory as they span.
  static Exprs allocated_shape(const Buffer& b) {
    return b.has_strides() ? Exprs{b.shape[0] * b.strides[0]} : b.shape;
  }

  static Dict without_pragmas(const Dict& annotations) {
    std::vector<Dict::Item> kept;
    for (const Dict::Item& item : annotations) {
      if (!item.first.starts_with("pragma_")) kept.push_back(item);
    }
    return Dict(kept);
  }
  static Stmt with_pragmas(const Dict& annotations, const Ref<Node>& node, Stmt body) {
    for (const Dict::Item* item = annotations.end(); item != annotations.begin();) {
      --item;
      if (!item->first.starts_with("pragma_")) continue;
      body = make<AttrStmt>(node, item->first, as_expr(item->second), body);
    }
    return body;
  }
  static Expr as_expr(const Ref<Node>& value) {
    if (Expr e = as_ref<ExprNode>(value)) return e;
    if (const BoxInt* n = as<BoxInt>(value)) return i32(n->value);
    if (const BoxBool* n = as<BoxBool>(value)) return n->value ? true_() : false_();
    if (const String* s = as<String>(value)) return make<StringImm>(s->value);
    fail<BuildError>("lowering: a pragma is to be a number or a string, found {}",
                     value ? kind_name(value->kind) : "nothing");
  }

  VarMap unit_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef lower_opaque_block(const PrimFuncRef& func) {
  return detail::with_body(func, detail::OpaqueBlockLowerer()(func->body));
}

}  // namespace metaschedule::lower
