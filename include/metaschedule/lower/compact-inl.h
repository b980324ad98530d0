// SPDX-License-Identifier: Apache-2.0
// compact_buffer_allocation: a buffer that a block allocates shrinks to the bounding box of what
// one life of it is accessed with, and all indices are shifted by the lower corner of the box.
// Tiles that are cut off by a predicate keep their full size. `storage_align` rows pad strides.
// What opaque calls touch is what the blocks around them declare: the declared regions must be
// true. Regions and sources of views are shifted along; offsets inside opaque calls are not.
//
//   C = alloc(128, 128)                       C = alloc(4, 8)
//   C[p // 16 * 4 + i, p % 16 * 8 + j]   ->   C[p // 16 * 4 + i - p // 16 * 4, ...]
#pragma once

#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class Compactor : public Rewriter {
 public:
  explicit Compactor(RegionCollector& regions) : regions_(regions) {}

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Block:
        return block(static_cast<const Block&>(node));
      case Kind::BufferLoad: {
        const BufferLoad& e = static_cast<const BufferLoad&>(node);
        Ref<Node> out = rewrite_children(node);
        auto it = made_.find(e.buffer.get());
        if (it == made_.end()) return out;
        auto made = mutate(out ? static_cast<const BufferLoad&>(*out) : e);
        shift(made->buffer, made->indices, *it->second.box, it->second.buffer);
        return Ref<Node>(made);
      }
      case Kind::BufferStore: {
        const BufferStore& s = static_cast<const BufferStore&>(node);
        Ref<Node> out = rewrite_children(node);
        auto it = made_.find(s.buffer.get());
        if (it == made_.end()) return out;
        auto made = mutate(out ? static_cast<const BufferStore&>(*out) : s);
        shift(made->buffer, made->indices, *it->second.box, it->second.buffer);
        return Ref<Node>(made);
      }
      case Kind::BufferRegion: {
        const BufferRegion& r = static_cast<const BufferRegion&>(node);
        auto it = made_.find(r.buffer.get());
        if (it == made_.end()) return nullptr;
        std::vector<Ref<Range>> region;
        for (size_t d = 0; d < r.region.size(); ++d)
          region.push_back(
              make<Range>(r.region[d]->min - (*it->second.box)[d]->min, r.region[d]->extent));
        return make<BufferRegion>(it->second.buffer, Ranges(region));
      }
      default:
        return rewrite_children(node);
    }
  }

 private:
  struct Made {
    BufferRef buffer;
    const Ranges* box;
  };

  Ref<Node> block(const Block& block) {
    std::vector<BufferRef> buffers;
    for (const BufferRef& b : block.alloc_buffers) {
      const Ranges& box = regions_.boxes.at(b.get());
      BufferRef made = compact(*b, box);
      if (made) made_[b.get()] = {made, &box};
      buffers.push_back(made ? made : b);
    }
    Ref<Node> out = rewrite_children(block);
    if (!out && block.alloc_buffers.empty()) return nullptr;
    auto made = mutate(out ? static_cast<const Block&>(*out) : block);
    made->alloc_buffers = buffers;
    return Ref<Node>(made);
  }

  /// The smaller buffer; null when it stays as it is.
  BufferRef compact(const Buffer& buffer, const Ranges& box) {
    std::vector<Expr> shape;
    bool same = true;
    for (size_t d = 0; d < box.size(); ++d) {
      shape.push_back(cast(buffer.shape[d]->dtype, box[d]->extent));
      auto was = as_const_int(buffer.shape[d]), now = as_const_int(shape[d]);
      same = same && is_zero(box[d]->min) && (shape[d] == buffer.shape[d] || (was && was == now));
    }
    auto align = regions_.aligns.find(&buffer);
    if (same && align == regions_.aligns.end()) return nullptr;
    auto made = mutate(buffer);
    made->shape = shape;
    if (align != regions_.aligns.end()) {
      std::vector<Expr> strides(shape.size());
      Expr stride = int_imm(shape.empty() ? kInt32 : shape[0]->dtype, 1);
      for (size_t d = shape.size(); d-- > 0;) {
        auto [factor, offset] = align->second[d];
        if (factor > 0) {
          const Expr f = int_imm(stride->dtype, factor);
          stride =
              stride + floormod(int_imm(stride->dtype, factor + offset) - floormod(stride, f), f);
        }
        strides[d] = stride;
        stride = stride * shape[d];
      }
      made->strides = strides;
    }
    return made;
  }

  static void shift(BufferRef& buffer, Exprs& indices, const Ranges& box, const BufferRef& to) {
    std::vector<Expr> out;
    for (size_t d = 0; d < indices.size(); ++d)
      out.push_back(is_zero(box[d]->min)
                        ? indices[d]
                        : indices[d] - cast(indices[d]->dtype.element(), box[d]->min));
    buffer = to;
    indices = out;
  }

  RegionCollector& regions_;
  std::unordered_map<const Buffer*, Made> made_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef compact_buffer_allocation(const PrimFuncRef& func) {
  detail::RegionCollector regions;
  regions.visit(*func->body);
  return detail::with_body(func, detail::Compactor(regions)(func->body));
}

}  // namespace metaschedule::lower
