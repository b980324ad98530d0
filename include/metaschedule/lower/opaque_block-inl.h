// SPDX-License-Identifier: Apache-2.0
// convert_blocks_to_opaque: the axes of each block are replaced by their bindings in the body,
// the regions and the views of the block, then dropped. `init` must be gone.
//
//   vi = T.axis.spatial(n, i)
//   where(i < m): B[vi] = A[vi]    ->    where(i < m): B[i] = A[i]
#pragma once

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class OpaqueConverter : public Rewriter {
 public:
  explicit OpaqueConverter(bool keep_regions = true) : keep_regions_(keep_regions) {}

  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = bindings_.find(var);
      return it == bindings_.end() ? nullptr : it->second;
    }
    if (node.kind == Kind::BlockRealize) return realize(static_cast<const BlockRealize&>(node));
    return rewrite_children(node);
  }

 private:
  Ref<Node> realize(const BlockRealize& realize) {
    const Block& block = *realize.block;
    check<VerifyError>(!block.init, "lowering: the initial value of block {} is still there",
                       block.name_hint);
    // Bindings are in terms of what is around the block, so they are rewritten before the axes of
    // this block are known.
    Exprs values = (*this)(realize.iter_values);
    Expr predicate = (*this)(realize.predicate);
    for (size_t i = 0; i < block.iter_vars.size(); ++i) {
      const Var* axis = block.iter_vars[i]->var.get();
      check<VerifyError>(!uses_var(*predicate, axis),
                         "lowering: axis {} of block {} stands in the predicate of the block",
                         axis->name, block.name_hint);
      bindings_[axis] = values[i];
    }
    auto made = mutate(block);
    made->iter_vars = {};
    made->reads = keep_regions_ ? (*this)(block.reads) : BufferRegions();
    made->writes = keep_regions_ ? (*this)(block.writes) : BufferRegions();
    made->match_buffers = (*this)(block.match_buffers);
    made->body = (*this)(block.body);
    return make<BlockRealize>(Exprs{}, predicate, BlockRef(made));
  }

  bool keep_regions_;
  VarMap bindings_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef convert_blocks_to_opaque(const PrimFuncRef& func) {
  return detail::with_body(func, detail::OpaqueConverter()(func->body));
}

}  // namespace metaschedule::lower
