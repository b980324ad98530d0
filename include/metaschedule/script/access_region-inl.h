// SPDX-License-Identifier: Apache-2.0
// Finding the regions that blocks access.
#pragma once

#include <unordered_map>
#include <vector>

#include "metaschedule/ir/build.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/script/access_region.h"
#include "metaschedule/script/detail/access_finder.h"
#include "metaschedule/script/detail/root_block.h"

namespace metaschedule {

namespace detail {

/// Fills in the blocks of a program from the inside out.
class RegionFiller : public Rewriter {
 public:
  RegionFiller(const std::vector<BufferRef>& buffers,
               const std::unordered_map<const Block*, uint8_t>& blocks)
      : blocks_(blocks) {
    for (const BufferRef& buffer : buffers) outer_.emplace(buffer->data.get(), buffer);
  }

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    const Block* block = as<Block>(&node);
    if (!block) return rewrite_children(node);
    std::vector<const Var*> added;
    auto define = [&](const BufferRef& buffer) {
      if (outer_.emplace(buffer->data.get(), buffer).second) added.push_back(buffer->data.get());
    };
    for (const BufferRef& buffer : block->alloc_buffers) define(buffer);
    for (const auto& match : block->match_buffers) define(match->buffer);
    Ref<Node> changed = rewrite_children(node);
    for (const Var* data : added) outer_.erase(data);
    auto it = blocks_.find(block);
    if (it == blocks_.end()) return changed;
    auto out = mutate(changed ? *as<Block>(changed) : *block);
    AccessRegions found = block_access_region(*out, outer_);
    check<ValueError>(found.opaques.empty(),
                      "Can not auto detect buffer access region of block {}: it uses the data "
                      "pointer of {}. Please annotate the access region manually",
                      block->name_hint,
                      found.opaques.empty() ? "" : found.opaques[0]->buffer->name);
    if (it->second & 1) out->reads = found.reads;
    if (it->second & 2) out->writes = found.writes;
    return BlockRef(out);
  }

 private:
  const std::unordered_map<const Block*, uint8_t>& blocks_;
  BufferVarMap outer_;
};

}  // namespace detail

METASCHEDULE_INLINE AccessRegions block_access_region(const Block& block,
                                                      const BufferVarMap& outer) {
  return detail::AccessFinder(outer).run(block);
}

METASCHEDULE_INLINE Stmt
infer_access_regions(const Stmt& body, const std::vector<BufferRef>& buffers,
                     const std::unordered_map<const Block*, uint8_t>& blocks) {
  return detail::RegionFiller(buffers, blocks)(body);
}

METASCHEDULE_INLINE PrimFuncRef complete_blocks(const PrimFunc& func) {
  std::unordered_map<const Block*, uint8_t> asking;
  Ref<Node> plain = rewrite_post_order(*func.body, [&](const Node& node) -> Ref<Node> {
    const Block* block = as<Block>(&node);
    const Ref<Node> mask = block ? block->annotations.get(build::kDetectAccess) : nullptr;
    if (!mask) return nullptr;
    auto copy = mutate(*block);
    copy->annotations = block->annotations.without(build::kDetectAccess);
    const auto bits = as_const_int(mask.get()).value_or(3);
    asking[&*copy] = static_cast<uint8_t>(bits);
    return BlockRef(copy);
  });
  auto out = mutate(func);
  if (plain) out->body = cast_to<StmtNode>(plain);
  if (script::detail::needs_root(out->body, false)) {
    BlockRef root =
        make<Block>(List<IterVar>(), BufferRegions(), BufferRegions(), "root", out->body);
    out->body = make<BlockRealize>(Exprs(), true_(), root);
  }
  if (const BlockRealize* root = as<BlockRealize>(out->body)) asking.erase(root->block.get());
  std::vector<BufferRef> buffers;
  for (const auto& [param, buffer] : func.buffer_map) buffers.push_back(cast_to<Buffer>(buffer));
  out->body = infer_access_regions(out->body, buffers, asking);
  return out;
}

}  // namespace metaschedule
