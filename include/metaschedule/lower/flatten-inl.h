// SPDX-License-Identifier: Apache-2.0
// flatten_buffer: every buffer becomes one-dimensional, row-major unless it has strides. (Axis
// separators, which ask for memory of more dimensions, mean nothing to a CPU.) Buffers of
// parameters keep their declaration; the body uses flat aliases of them, declared around it.
//
//   C[i, j]  (4, 8)    ->    C[i * 8 + j]  (32,)
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class Flattener : public Rewriter {
 public:
  PrimFuncRef function(const PrimFuncRef& func) {
    Stmt body = (*this)(func->body);
    for (size_t i = func->params.size(); i-- > 0;) {
      BufferRef buffer = func->buffer_of(func->params[i]);
      if (!buffer) continue;
      auto it = flat_.find(buffer.get());
      if (it != flat_.end() && it->second != buffer) body = make<DeclBuffer>(it->second, body);
    }
    return with_body(func, body);
  }

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::For: {
        const For& loop = static_cast<const For&>(node);
        analyzer_.bind(loop.loop_var, make<Range>(loop.min, loop.extent), true);
        return rewrite_children(node);
      }
      case Kind::BufferLoad: {
        const BufferLoad& e = static_cast<const BufferLoad&>(node);
        Ref<Node> out = rewrite_children(node);
        const BufferLoad& now = out ? static_cast<const BufferLoad&>(*out) : e;
        BufferRef flat = flatten(e.buffer);
        if (flat == e.buffer) return out;
        return make<BufferLoad>(flat, offsets(*e.buffer, now.indices), now.predicate);
      }
      case Kind::BufferStore: {
        const BufferStore& s = static_cast<const BufferStore&>(node);
        Ref<Node> out = rewrite_children(node);
        const BufferStore& now = out ? static_cast<const BufferStore&>(*out) : s;
        BufferRef flat = flatten(s.buffer);
        if (flat == s.buffer) return out;
        return make<BufferStore>(flat, now.value, offsets(*s.buffer, now.indices), now.predicate);
      }
      case Kind::DeclBuffer: {
        const DeclBuffer& d = static_cast<const DeclBuffer&>(node);
        BufferRef flat = flatten(d.buffer);
        return make<DeclBuffer>(flat, (*this)(d.body));
      }
      case Kind::Allocate: {
        auto made = mutate(static_cast<const Allocate&>(node));
        made->body = (*this)(made->body);
        if (made->extents.size() != 1) {
          Expr size = i32(1);
          for (const Expr& e : made->extents) size = cast(e->dtype, size) * e;
          made->extents = Exprs{size};
        }
        return Ref<Node>(made);
      }
      default:
        return rewrite_children(node);
    }
  }

 private:
  BufferRef flatten(const BufferRef& buffer) {
    BufferRef& flat = flat_[buffer.get()];
    if (flat) return flat;
    const bool is_flat = buffer->ndim() == 1 && !buffer->has_strides() &&
                         (!buffer->elem_offset || is_zero(buffer->elem_offset));
    if (is_flat) return flat = buffer;
    auto made = mutate(buffer);
    Expr size;
    if (buffer->has_strides()) {
      size = buffer->shape[0] * buffer->strides[0];
      // An inner axis may reach further than the outermost one: transposed tensors.
      auto span = span_of(*buffer), outer = as_const_int(size);
      if (span && outer && *span > *outer) size = int_imm(size->dtype, *span);
    } else {
      for (const Expr& n : buffer->shape) size = size ? size * n : n;
    }
    if (!size) size = i32(1);
    if (buffer->elem_offset && !is_zero(buffer->elem_offset))
      size = size + cast(size->dtype, buffer->elem_offset);
    made->shape = Exprs{size};
    made->strides = {};
    made->elem_offset = int_imm(size->dtype, 0);
    made->axis_separators = {};
    return flat = made;
  }

  /// Elements from the first to the last of a buffer with strides, where they are constants.
  static std::optional<int64_t> span_of(const Buffer& buffer) {
    int64_t last = 0;
    for (size_t d = 0; d < buffer.ndim(); ++d) {
      auto n = as_const_int(buffer.shape[d]), stride = as_const_int(buffer.strides[d]);
      if (!n || !stride) return std::nullopt;
      last += (*n - 1) * *stride;
    }
    return last + 1;
  }

  Exprs offsets(const Buffer& buffer, const Exprs& indices) {
    // Beyond 2^31 elements the arithmetic is done in 64 bits.
    Expr total = int_imm(kInt64, 1);
    for (const Expr& s : buffer.shape) total = total * cast(kInt64, s);
    auto size = buffer.has_strides() ? span_of(buffer) : as_const_int(total);
    const bool wide = size && *size >= (int64_t{1} << 31);
    auto scalar = [&](const Expr& e) {
      return wide ? cast(kInt64.with_lanes(e->dtype.lanes), e) : e;
    };
    Expr offset;
    for (size_t d = 0; d < buffer.ndim(); ++d) {
      Expr index = scalar(indices[d]);
      if (buffer.has_strides()) {
        Expr term = index * cast(index->dtype.element(), buffer.strides[d]);
        offset = offset ? offset + term : term;
      } else {
        offset = offset ? offset * cast(offset->dtype.element(), buffer.shape[d]) + index : index;
      }
    }
    if (!offset) offset = i32(0);
    if (buffer.elem_offset && !is_zero(buffer.elem_offset))
      offset = offset + cast(offset->dtype.element(), buffer.elem_offset);
    return {offset->dtype.lanes == 1 ? analyzer_.simplify(offset) : offset};
  }

  arith::Analyzer analyzer_;
  std::unordered_map<const Buffer*, BufferRef> flat_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef flatten_buffer(const PrimFuncRef& func) {
  return detail::Flattener().function(func);
}

}  // namespace metaschedule::lower
