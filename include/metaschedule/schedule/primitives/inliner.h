// SPDX-License-Identifier: Apache-2.0
// What both directions of inlining share: a scope is rewritten so that one buffer disappears from
// it.
#pragma once

#include <algorithm>
#include <optional>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/scope_root.h"
#include "metaschedule/script/access_region.h"

namespace metaschedule::detail {

/// Rewrites the scope below a path, visiting statements from the outside in. A block that mentions
/// the buffer gets regions found from its new body.
class BufferInliner : public Rewriter {
 public:
  BufferInliner(const PrimFunc& func, const Path& scope, BufferRef buffer)
      : buffer_(std::move(buffer)), scope_id_(block_of(*scope.back()).id) {
    for (const auto& [param, bound] : func.buffer_map) define(cast_to<Buffer>(bound));
    for (size_t i = 0; i + 1 < scope.size(); ++i)
      if (scope.nodes[i]->kind == Kind::BlockRealize) define_in(block_of(*scope.nodes[i]));
  }

  /// The data pointer of the buffer is used, or a part of it has another name.
  bool has_opaque_access = false;

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::Var:
        if (&node == buffer_->data.get()) has_opaque_access = true;
        return nullptr;
      case Kind::Block:
        return visit_block(static_cast<const Block&>(node));
      case Kind::MatchBufferRegion:
        if (static_cast<const MatchBufferRegion&>(node).source->buffer == buffer_)
          has_opaque_access = true;
        return rewrite_children(node);
      default:
        return visit_other(node);
    }
  }

 protected:
  virtual Ref<Node> visit_other(const Node& node) { return rewrite_children(node); }

  BufferRef buffer_;
  bool keep_allocation_ = false;

 private:
  void define(const BufferRef& buffer) { visible_.emplace(buffer->data.get(), buffer); }
  void define_in(const Block& block) {
    for (const BufferRef& buffer : block.alloc_buffers) define(buffer);
    for (const auto& match : block.match_buffers) define(match->buffer);
  }

  Ref<Node> visit_block(const Block& block) {
    std::optional<BufferVarMap> outer;
    if (!block.alloc_buffers.empty() || !block.match_buffers.empty()) outer = visible_;
    define_in(block);
    Ref<Node> inside = rewrite_children(block);
    if (outer) visible_ = std::move(*outer);
    bool is_scope = block.id == scope_id_;
    auto names_buffer = [&](const BufferRegions& regions) {
      return std::any_of(regions.begin(), regions.end(),
                         [&](const auto& region) { return region->buffer == buffer_; });
    };
    if (!is_scope && !names_buffer(block.reads) && !names_buffer(block.writes)) return inside;
    auto out = mutate(inside ? cast_to<Block>(*inside) : block);
    if (is_scope) {
      std::vector<BufferRef> rest = block.alloc_buffers.vec();
      if (!keep_allocation_) std::erase(rest, buffer_);
      out->alloc_buffers = rest;
    } else {
      set_regions(*out, block_access_region(*out, visible_));
    }
    return BlockRef(out);
  }

  /// A buffer that is accessed in an unknown way counts as read and written, after the others.
  static void set_regions(Block& block, const AccessRegions& found) {
    auto with_opaque = [&](const BufferRegions& regions) {
      std::vector<Ref<BufferRegion>> out;
      for (const auto& region : regions) {
        bool opaque = std::any_of(found.opaques.begin(), found.opaques.end(),
                                  [&](const auto& o) { return o->buffer == region->buffer; });
        if (!opaque) out.push_back(region);
      }
      out.insert(out.end(), found.opaques.begin(), found.opaques.end());
      return out;
    };
    block.reads = with_opaque(found.reads);
    block.writes = with_opaque(found.writes);
  }

  BlockId scope_id_;
  BufferVarMap visible_;
};

inline void refuse_opaque_access(bool found, const Block& scope) {
  refuse_unless(!found,
                "The buffer to be inlined has opaque access (e.g. `B.data`), or its subregion is "
                "matched into other blocks: {0}",
                {&scope});
}

/// Applies an inliner to the scope of a program.
inline void rewrite_scope(ModuleRef& program, BlockId scope, BufferInliner& inliner) {
  Path path = find_block(*program, scope);
  Ref<Node> changed = inliner.visit(*path.back());
  refuse_opaque_access(inliner.has_opaque_access, block_of(*path.back()));
  if (changed) replace_stmt(program, path, cast_to<StmtNode>(changed));
}

}  // namespace metaschedule::detail
