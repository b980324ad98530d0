// SPDX-License-Identifier: Apache-2.0
// remove_weight_layout_rewrite_block: a block annotated `meta_schedule.layout_rewrite_preproc`
// copies a parameter into a layout of its own. It goes, and the parameter is of that layout from
// then on: whoever calls lays the weights out once, ahead. A block stays where that would not be
// true: what it copies is no parameter, or is read elsewhere as well.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

inline constexpr const char* kLayoutBlock = "meta_schedule.layout_rewrite_preproc";

inline bool lays_out_weights(const Block& block) {
  return block.annotations.contains(kLayoutBlock) && block.reads.size() == 1 &&
         block.writes.size() == 1;
}

/// The blocks of a body that lay out weights, and the buffers that others read and write.
struct LayoutBlocks {
  explicit LayoutBlocks(const StmtNode& body) {
    bool any = false;
    pre_order(body, [&](const Node& node) {
      const Block* block = as<Block>(&node);
      any = any || (block && lays_out_weights(*block));
      return !any && !is_expr_kind(node.kind);
    });
    if (any) collect(body);
  }

  void collect(const Node& node) {
    const Block* block = as<Block>(&node);
    if (block && lays_out_weights(*block)) {
      found.push_back(block);
      return;
    }
    if (const auto* load = as<BufferLoad>(&node)) accessed.insert(load->buffer.get());
    if (const auto* store = as<BufferStore>(&node)) accessed.insert(store->buffer.get());
    for_each_child(node, [&](const Node& child) { collect(child); });
  }

  std::vector<const Block*> found;
  std::set<const Buffer*> accessed;
};

/// Takes the blocks out, with the allocations of what they write and the loops around nothing.
class LayoutBlockRemover : public Rewriter {
 public:
  std::set<const Block*> gone;
  std::map<const Buffer*, BufferRef> laid_out;  // by the buffer of the parameter

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    if (const BlockRealize* r = as<BlockRealize>(&node)) {
      if (gone.count(r->block.get()) != 0) return make<Evaluate>(i32(0));
    }
    Ref<Node> out = rewrite_children(node);
    const Node& now = out ? *out : node;
    if (const Block* block = as<Block>(&now)) {
      Ref<Node> changed = without_copies(*block);
      return changed ? changed : out;
    }
    const For* loop = as<For>(&now);
    const Evaluate* body = loop ? as<Evaluate>(loop->body) : nullptr;
    if (out && body && body->value->kind == Kind::IntImm) return make<Evaluate>(i32(0));
    return out;
  }

 private:
  Ref<Node> without_copies(const Block& block) {
    std::vector<BufferRef> allocated;
    for (const BufferRef& buffer : block.alloc_buffers) {
      if (!is_laid_out(buffer.get())) allocated.push_back(buffer);
    }
    std::vector<Ref<BufferRegion>> reads;
    bool moved = false;
    for (const Ref<BufferRegion>& region : block.reads) {
      auto it = laid_out.find(region->buffer.get());
      moved = moved || it != laid_out.end();
      reads.push_back(it == laid_out.end() ? region : full_region(it->second));
    }
    if (!moved && allocated.size() == block.alloc_buffers.size()) return nullptr;
    auto copy = mutate(block);
    copy->alloc_buffers = List<Buffer>(std::move(allocated));
    copy->reads = BufferRegions(std::move(reads));
    return copy;
  }

  bool is_laid_out(const Buffer* buffer) const {
    for (const auto& [param, target] : laid_out) {
      if (target.get() == buffer) return true;
    }
    return false;
  }
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef remove_weight_layout_rewrite_block(const PrimFuncRef& func) {
  const detail::LayoutBlocks blocks(*func->body);
  detail::LayoutBlockRemover remover;
  std::map<const Buffer*, int> copies;
  for (const Block* block : blocks.found) ++copies[block->reads[0]->buffer.get()];
  NodePairs params;
  for (const auto& [param, buffer] : func->buffer_map) {
    const Buffer* of_param = &cast_to<Buffer>(*buffer);
    auto copied = copies.find(of_param);
    const bool laid_out =
        copied != copies.end() && copied->second == 1 && blocks.accessed.count(of_param) == 0;
    BufferRef now = as_ref<Buffer>(buffer);
    for (const Block* block : blocks.found) {
      if (!laid_out || block->reads[0]->buffer.get() != of_param) continue;
      now = block->writes[0]->buffer;
      remover.gone.insert(block);
      remover.laid_out[of_param] = now;
    }
    params.emplace_back(param, now);
  }
  if (remover.gone.empty()) return func;
  auto copy = mutate(func);
  copy->body = remover(func->body);
  copy->buffer_map = std::move(params);
  return copy;
}

}  // namespace metaschedule::lower
