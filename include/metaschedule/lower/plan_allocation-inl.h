// SPDX-License-Identifier: Apache-2.0
// plan_buffer_allocation: every buffer that a block allocates moves to the lowest common ancestor
// of its accesses, where loops and blocks count as the nodes of the tree. A loop gets an opaque
// block around its body that owns the buffers. Buffers without an access disappear. Spatial axes
// are taken at their word: a buffer that carries values from one iteration to the next through
// them is moved into the loop all the same. Below an opaque axis, and for what a reduction writes,
// the site lies outside the loops of that axis; global buffers lie outside of blockIdx loops.
#pragma once

#include <algorithm>
#include <deque>

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

/// A loop or block on the path from the root.
struct Site {
  const Site* parent = nullptr;
  const Node* node = nullptr;  // For, Block, or null above all of them
  int depth = 0;
};

class AccessSites : public Walker {
 public:
  /// Buffers allocated by blocks with their sites, in order of their first access.
  struct Entry {
    BufferRef buffer;
    const Site* site = nullptr;
  };
  std::vector<Entry> order;

  AccessSites() { path_.push_back(&sites_.emplace_back()); }

  void visit(const Node& node) override {
    switch (node.kind) {
      case Kind::For: {
        const For& loop = static_cast<const For&>(node);
        visit(*loop.min);
        visit(*loop.extent);
        const bool outer_thread = loop.thread_binding &&
                                  loop.thread_binding->thread_tag.starts_with("blockIdx") &&
                                  !block_idx_parent_;
        if (outer_thread) block_idx_parent_ = path_.back();
        loops_[loop.loop_var.get()] = push(&node);
        visit(*loop.body);
        path_.pop_back();
        if (outer_thread) block_idx_parent_ = nullptr;
        return;
      }
      case Kind::BlockRealize:
        return realize(static_cast<const BlockRealize&>(node));
      case Kind::BufferLoad:
        touch(static_cast<const BufferLoad&>(node).buffer.get(), path_.back());
        break;
      case Kind::BufferStore:
        touch(static_cast<const BufferStore&>(node).buffer.get(), path_.back());
        break;
      case Kind::Var: {
        auto it = by_data_.find(static_cast<const Var*>(&node));
        if (it != by_data_.end()) touch(it->second, path_.back());
        break;
      }
      default:
        break;
    }
    walk_children(node);
  }

 private:
  const Site* push(const Node* node) {
    const Site* parent = path_.back();
    path_.push_back(&sites_.emplace_back(Site{parent, node, parent->depth + 1}));
    return path_.back();
  }

  void realize(const BlockRealize& realize) {
    const Block& block = *realize.block;
    for (const Expr& v : realize.iter_values) visit(*v);
    visit(*realize.predicate);
    for (const BufferRef& b : block.alloc_buffers) {
      managed_.emplace(b.get(), kNone);
      owner_depth_.emplace(b.get(), path_.back()->depth + 1);
      by_data_.emplace(b->data.get(), b.get());
    }
    const Site* reduction = above_loops_of(realize, true);
    const Site* opaque = above_loops_of(realize, false);
    const Site* outer_carrier = carrier_;
    if (opaque && (!carrier_ || opaque->depth < carrier_->depth)) carrier_ = opaque;
    push(&block);
    if (reduction) {
      for (const Ref<BufferRegion>& w : block.writes) touch(w->buffer.get(), reduction);
    }
    for (const Ref<MatchBufferRegion>& m : block.match_buffers) {
      touch(m->source->buffer.get(), path_.back());
      for (const Ref<Range>& r : m->source->region) visit(*r);
    }
    if (block.init) visit(*block.init);
    visit(*block.body);
    path_.pop_back();
    carrier_ = outer_carrier;
  }

  /// The site above all loops that the bindings of axes of a kind use; null without any.
  const Site* above_loops_of(const BlockRealize& realize, bool reduction) const {
    const Site* highest = nullptr;
    for (size_t i = 0; i < realize.block->iter_vars.size(); ++i) {
      const IterType type = realize.block->iter_vars[i]->iter_type;
      if (type == IterType::DataPar || (type == IterType::CommReduce) != reduction) continue;
      post_order(*realize.iter_values[i], [&](const Node& n) {
        auto it = loops_.find(as<Var>(&n));
        if (it == loops_.end() || !it->second) return;
        const Site* above = it->second->parent;
        if (!highest || above->depth < highest->depth) highest = above;
      });
    }
    return highest;
  }

  void touch(const Buffer* buffer, const Site* site) {
    auto it = managed_.find(buffer);
    if (it == managed_.end()) return;
    // What an opaque axis carries from step to step lives outside its loops.
    if (carrier_ && carrier_->depth < site->depth && owner_depth_.at(buffer) <= carrier_->depth)
      site = carrier_;
    if (block_idx_parent_ && block_idx_parent_->depth < site->depth) {
      const std::string scope = buffer->scope();
      if (scope.empty() || scope == "global") site = block_idx_parent_;
    }
    if (it->second == kNone) {
      it->second = order.size();
      order.push_back({BufferRef(buffer), site});
      return;
    }
    const Site*& common = order[it->second].site;
    while (common != site) {
      if (common->depth >= site->depth)
        common = common->parent;
      else
        site = site->parent;
    }
  }

  static constexpr size_t kNone = ~size_t{0};
  std::deque<Site> sites_;
  std::vector<const Site*> path_;
  std::unordered_map<const Var*, const Site*> loops_;
  std::unordered_map<const Buffer*, size_t> managed_;
  std::unordered_map<const Var*, const Buffer*> by_data_;
  std::unordered_map<const Buffer*, int> owner_depth_;  // of the block that allocates it
  const Site* block_idx_parent_ = nullptr;
  const Site* carrier_ = nullptr;  // above the loops of opaque axes around
};

class AllocationMover : public Rewriter {
 public:
  explicit AllocationMover(const AccessSites& sites) {
    for (const AccessSites::Entry& e : sites.order) at_[e.site->node].push_back(e.buffer);
  }

  Stmt function_body(const Stmt& body) {
    Stmt out = (*this)(body);
    return at_.count(nullptr) ? own(out, at_.at(nullptr)) : out;
  }

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    Ref<Node> out = rewrite_children(node);
    const Node& now = out ? *out : node;
    auto it = at_.find(&node);
    if (node.kind == Kind::Block) {
      const Block& block = static_cast<const Block&>(now);
      if (it == at_.end() && block.alloc_buffers.empty()) return out;
      auto made = mutate(block);
      made->alloc_buffers = it == at_.end() ? List<Buffer>() : List<Buffer>(it->second);
      if (it != at_.end()) {
        made->reads = without(made->reads, it->second);
        made->writes = without(made->writes, it->second);
      }
      return Ref<Node>(made);
    }
    if (node.kind == Kind::For && it != at_.end()) {
      auto made = mutate(static_cast<const For&>(now));
      made->body = own(made->body, it->second);
      return Ref<Node>(made);
    }
    return out;
  }

 private:
  static Stmt own(const Stmt& body, const std::vector<BufferRef>& buffers) {
    BlockRef block = make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, "", body,
                                 nullptr, List<Buffer>(buffers));
    return make<BlockRealize>(Exprs{}, true_(), block);
  }
  static BufferRegions without(const BufferRegions& regions, const std::vector<BufferRef>& gone) {
    std::vector<Ref<BufferRegion>> kept;
    for (const Ref<BufferRegion>& r : regions) {
      if (std::find(gone.begin(), gone.end(), r->buffer) == gone.end()) kept.push_back(r);
    }
    return kept;
  }

  std::unordered_map<const Node*, std::vector<BufferRef>> at_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef plan_buffer_allocation(const PrimFuncRef& func) {
  detail::AccessSites sites;
  sites.visit(*func->body);
  return detail::with_body(func, detail::AllocationMover(sites).function_body(func->body));
}

}  // namespace metaschedule::lower
