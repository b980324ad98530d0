// SPDX-License-Identifier: Apache-2.0
// lower_match_buffer: an access of a view becomes an access of its source, trailing dimensions
// shifted by the corner of the region, leading ones at the corner. Symbols of the view (data,
// elem_offset, strides, shape) take the values of the source. The source starts at offset 0.
//
//   V = match_buffer(A[i*16 : i*16+16, j*16 : j*16+16])
//   V[a, b]    ->    A[i*16 + a, j*16 + b]
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class MatchBufferLowerer : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var: {
        auto it = vars_.find(static_cast<const Var*>(&node));
        return it == vars_.end() ? nullptr : it->second;
      }
      case Kind::For: {
        const For& loop = static_cast<const For&>(node);
        analyzer_.bind(loop.loop_var, make<Range>(loop.min, loop.extent), true);
        return rewrite_children(node);
      }
      case Kind::Block:
        return block(static_cast<const Block&>(node));
      case Kind::BufferLoad: {
        const BufferLoad& e = static_cast<const BufferLoad&>(node);
        Ref<Node> out = rewrite_children(node);
        auto it = views_.find(e.buffer.get());
        if (it == views_.end()) return out;
        check<BuildError>(!e.predicate, "lowering: predicated load of the view {}", e.buffer->name);
        const BufferLoad& now = out ? static_cast<const BufferLoad&>(*out) : e;
        return make<BufferLoad>(it->second->buffer, indices(*it->second, now.indices));
      }
      case Kind::BufferStore: {
        const BufferStore& s = static_cast<const BufferStore&>(node);
        Ref<Node> out = rewrite_children(node);
        auto it = views_.find(s.buffer.get());
        if (it == views_.end()) return out;
        check<BuildError>(!s.predicate, "lowering: predicated store to the view {}",
                          s.buffer->name);
        const BufferStore& now = out ? static_cast<const BufferStore&>(*out) : s;
        return make<BufferStore>(it->second->buffer, now.value, indices(*it->second, now.indices));
      }
      case Kind::BufferRegion: {
        Ref<Node> out = rewrite_children(node);
        const BufferRegion& r = static_cast<const BufferRegion&>(out ? *out : node);
        auto it = views_.find(r.buffer.get());
        return it == views_.end() ? out : Ref<Node>(in_source(*it->second, r.region));
      }
      default:
        return rewrite_children(node);
    }
  }

 private:
  Ref<Node> block(const Block& block) {
    for (const Ref<MatchBufferRegion>& m : block.match_buffers) add(*m);
    if (block.match_buffers.empty()) return rewrite_children(block);
    auto made = mutate(block);
    made->match_buffers = {};
    made->reads = (*this)(block.reads);
    made->writes = (*this)(block.writes);
    made->init = (*this)(block.init);
    made->body = (*this)(block.body);
    return Ref<Node>(made);
  }

  void add(const MatchBufferRegion& match) {
    Ref<BufferRegion> source = (*this)(match.source);
    const Buffer &view = *match.buffer, &from = *source->buffer;
    check<BuildError>(view.dtype == from.dtype, "lowering: {} is {}, its source {} is {}",
                      view.name, to_string(view.dtype), from.name, to_string(from.dtype));
    auto scope = [](const Buffer& b) {
      return b.scope().empty() ? std::string("global") : b.scope();
    };
    check<BuildError>(scope(view) == scope(from), "lowering: {} lies in {}, its source {} in {}",
                      view.name, scope(view), from.name, scope(from));
    check<BuildError>(is_zero(from.elem_offset), "lowering: {}, which {} views, has an offset",
                      from.name, view.name);
    views_[&view] = source;
    vars_[view.data.get()] = from.data;
    const size_t lead = from.ndim() - view.ndim();
    std::vector<Expr> strides = strides_of(from);
    Expr offset;
    for (size_t d = 0; d < from.ndim(); ++d) {
      Expr term = source->region[d]->min * cast(source->region[d]->min->dtype, strides[d]);
      offset = offset ? offset + term : term;
    }
    if (!offset) offset = i32(0);
    offset = analyzer_.simplify(offset);
    for (size_t d = 0; d < view.ndim(); ++d)
      bind(view, "extent", view.shape[d], source->region[lead + d]->extent);
    for (size_t d = 0; d < view.strides.size(); ++d)
      bind(view, "stride", view.strides[d], strides[lead + d]);
    if (!view.elem_offset || is_zero(view.elem_offset)) return;
    bind(view, "offset", view.elem_offset, offset);
    if (view.offset_factor > 1) {
      check<BuildError>(
          analyzer_.can_prove_equal(floormod(offset, int_imm(offset->dtype, view.offset_factor)),
                                    make_zero(offset->dtype)),
          "lowering: cannot prove that the offset of {} is a multiple of {}", view.name,
          view.offset_factor);
    }
  }

  void bind(const Buffer& view, const char* what, const Expr& symbol, const Expr& value) {
    const Var* var = as<Var>(symbol);
    if (var && !vars_.count(var)) {
      vars_[var] = cast(var->dtype, value);
      return;
    }
    Expr now = (*this)(symbol);
    check<BuildError>(analyzer_.can_prove_equal(now, cast(now->dtype, value)),
                      "lowering: cannot prove that an {} of the view {} is that of its source",
                      what, view.name);
  }

  static std::vector<Expr> strides_of(const Buffer& buffer) {
    if (buffer.has_strides()) return buffer.strides.vec();
    std::vector<Expr> out(buffer.ndim());
    Expr stride = i32(1);
    for (size_t d = buffer.ndim(); d-- > 0;) {
      stride = cast(buffer.shape[d]->dtype, stride);
      out[d] = stride;
      stride = stride * buffer.shape[d];
    }
    return out;
  }
  static Exprs indices(const BufferRegion& source, const Exprs& in_view) {
    std::vector<Expr> out;
    const size_t lead = source.region.size() - in_view.size();
    for (size_t d = 0; d < source.region.size(); ++d) {
      const Expr& corner = source.region[d]->min;
      out.push_back(d < lead ? corner : corner + in_view[d - lead]);
    }
    return out;
  }
  static Ref<BufferRegion> in_source(const BufferRegion& source, const Ranges& region) {
    std::vector<Ref<Range>> out;
    const size_t lead = source.region.size() - region.size();
    for (size_t d = 0; d < source.region.size(); ++d) {
      const Expr& corner = source.region[d]->min;
      out.push_back(d < lead
                        ? make<Range>(corner, int_imm(corner->dtype, 1))
                        : make<Range>(corner + region[d - lead]->min, region[d - lead]->extent));
    }
    return make<BufferRegion>(source.buffer, Ranges(out));
  }

  arith::Analyzer analyzer_;
  VarMap vars_;
  std::unordered_map<const Buffer*, Ref<BufferRegion>> views_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef lower_match_buffer(const PrimFuncRef& func) {
  return detail::with_body(func, detail::MatchBufferLowerer()(func->body));
}

}  // namespace metaschedule::lower
