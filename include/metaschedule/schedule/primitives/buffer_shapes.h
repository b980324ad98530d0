// SPDX-License-Identifier: Apache-2.0
// Buffers that a statement defines, whose shapes are in terms of variables that are replaced.
#pragma once

#include <vector>

#include "metaschedule/ir/walk.h"

namespace metaschedule::detail {

/// The statement with the variables replaced in the shapes, strides and offsets of the buffers that
/// its blocks define, and nowhere else.
inline Stmt substitute_shapes(const Stmt& stmt, const VarMap& vars) {
  BufferMap buffers;
  auto substituted = [&](const Exprs& exprs) {
    std::vector<Expr> out;
    for (const Expr& e : exprs) out.push_back(substitute(e, vars));
    return Exprs(out);
  };
  auto add = [&](const BufferRef& buffer) {
    auto uses = [&](const Expr& e) {
      return e && uses_var(*e, [&](const Var* var) { return vars.count(var) != 0; });
    };
    bool any = uses(buffer->elem_offset);
    for (const Exprs* list : {&buffer->shape, &buffer->strides})
      for (const Expr& e : *list) any = any || uses(e);
    if (!any) return;
    auto copy = mutate(buffer);
    copy->shape = substituted(buffer->shape);
    copy->strides = substituted(buffer->strides);
    if (copy->elem_offset) copy->elem_offset = substitute(copy->elem_offset, vars);
    buffers.emplace(buffer.get(), copy);
  };
  post_order(*stmt, [&](const Node& node) {
    const Block* block = as<Block>(&node);
    if (!block) return;
    for (const BufferRef& buffer : block->alloc_buffers) add(buffer);
    for (const auto& match : block->match_buffers) add(match->buffer);
  });
  return buffers.empty() ? stmt : replace_buffers(stmt, buffers);
}

}  // namespace metaschedule::detail
