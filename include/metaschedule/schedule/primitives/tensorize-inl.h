// SPDX-License-Identifier: Apache-2.0
// tensorize.
#pragma once

#include <fmt/format.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/primitives/blockize-inl.h"
#include "metaschedule/schedule/primitives/tensorize.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/schedule/tensorize_match.h"

namespace metaschedule {

namespace detail {

// The extents of each buffer's region as the root block of an implementation declares it.
inline Ranges declared_region(const Block& root, const BufferRef& buffer) {
  for (const BufferRegions* list : {&root.reads, &root.writes})
    for (const Ref<BufferRegion>& region : *list)
      if (region->buffer == buffer) return region->region;
  return full_region(buffer)->region;
}

// The block with the body of the implementation, its parameters bound to where the description
// found them.
inline BlockRef tensorized_block(const BlockRealize& realize, const PrimFunc& desc,
                                 const PrimFunc& impl, const TensorizeMatcher& matcher) {
  const Block& root = *cast_to<BlockRealize>(*impl.body).block;
  auto block = mutate(realize.block);
  std::vector<Ref<MatchBufferRegion>> matches;
  for (size_t i = 0; i < impl.params.size(); ++i) {
    BufferRef formal = impl.buffer_of(impl.params[i]);
    BufferRef actual = matcher.buffer_for(desc.buffer_of(desc.params[i]).get());
    check<ValueError>(static_cast<bool>(actual),
                      "tensorize: the description declares no region of its parameter {}",
                      desc.params[i]->name);
    const std::vector<Expr>& base = matcher.base(actual.get());
    Ranges extents = declared_region(root, formal);
    check<ValueError>(extents.size() <= base.size(),
                      "tensorize: parameter {} of the implementation has more dimensions than {}",
                      impl.params[i]->name, actual->name);
    size_t lead = base.size() - extents.size();
    std::vector<Ref<Range>> region;
    for (size_t d = 0; d < base.size(); ++d) {
      Expr extent =
          d < lead ? int_imm(base[d]->dtype, 1) : cast(base[d]->dtype, extents[d - lead]->extent);
      region.push_back(make<Range>(base[d], extent));
    }
    matches.push_back(make<MatchBufferRegion>(formal, make<BufferRegion>(actual, Ranges(region))));
  }
  for (const auto& match : root.match_buffers) matches.push_back(match);
  block->match_buffers = List<MatchBufferRegion>(matches);
  std::vector<BufferRef> allocs = block->alloc_buffers.vec();
  allocs.insert(allocs.end(), root.alloc_buffers.begin(), root.alloc_buffers.end());
  block->alloc_buffers = List<Buffer>(allocs);
  block->body = root.body;
  for (const auto& [key, value] : root.annotations)
    if (!block->annotations.contains(key)) block->annotations = block->annotations.with(key, value);
  return block;
}

}  // namespace detail

METASCHEDULE_INLINE void Tensorize::apply(ScheduleState& state, std::vector<TableEntry>&) {
  TensorIntrinRef intrin = get_tensor_intrin(tensor_intrin);
  Path path;
  Stmt target;
  if (const LoopRV* loop = std::get_if<LoopRV>(&block_or_loop)) {
    path = state.path_of(*loop);
    BlockId id = 0;
    target = detail::Blockizer(path, preserve_unit_iters).run(id);
  } else {
    path = state.path_of(block_or_loop);
    target = Stmt(path.back());
  }
  const auto& realize = cast_to<BlockRealize>(*target);
  PrimFuncRef desc = intrin->desc, impl = renew_definitions(*intrin->impl);
  TensorizeMatcher matcher;
  if (!matcher.match(realize, cast_to<BlockRealize>(*desc->body))) {
    std::string why;
    for (const std::string& problem : matcher.problems()) why += "\n  " + problem;
    refuse(fmt::format("The stmt {{0}} doesn't match the tensor intrin {}{}", tensor_intrin, why),
           {path.back()});
  }
  Stmt out = with_block(realize, detail::tensorized_block(realize, *desc, *impl, matcher));
  state.replace(path, std::move(out));
}

METASCHEDULE_INLINE void TensorizeMethods::tensorize(BlockOrLoopRV block_or_loop,
                                                     std::string tensor_intrin,
                                                     bool preserve_unit_iters) {
  static_cast<Schedule*>(this)->run(
      Tensorize{block_or_loop, std::move(tensor_intrin), preserve_unit_iters});
}

}  // namespace metaschedule
