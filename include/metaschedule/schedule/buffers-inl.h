// SPDX-License-Identifier: Apache-2.0
// Regions and copies of buffers.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule {

METASCHEDULE_INLINE void check_storage_scope(std::string_view scope) {
  static constexpr std::string_view known[] = {
      "global",          "shared",           "warp",           "local",   "wmma.matrix_a",
      "wmma.matrix_b",   "wmma.accumulator", "texture",        "amx.tmm", "m16n8k8.matrixA",
      "m16n8k8.matrixB", "m16n8k8.matrixC",  "metal.simdgroup"};
  if (scope.empty()) return;
  for (std::string_view prefix : known)
    if (scope.starts_with(prefix)) return;
  refuse(fmt::format("The input storage scope \"{}\" is invalid. Expected one that starts with {}",
                     scope, fmt::join(known, ", ")));
}

METASCHEDULE_INLINE const BufferRegion& nth_region(const Block& block, int64_t index,
                                                   bool is_write) {
  const BufferRegions& regions = is_write ? block.writes : block.reads;
  if (index < 0 || static_cast<size_t>(index) >= regions.size())
    refuse(fmt::format("The block {{0}} has {} {} regions, so `buffer_index` is required to be in "
                       "[0, {}). However, the input `buffer_index` is {}, which is out of the "
                       "expected range.",
                       regions.size(), is_write ? "write" : "read", regions.size(), index),
           {&block});
  return *regions[static_cast<size_t>(index)];
}
METASCHEDULE_INLINE const BufferRegion* find_region(const BufferRegions& regions,
                                                    const Buffer* buffer) {
  for (const auto& region : regions)
    if (region->buffer.get() == buffer) return region.get();
  return nullptr;
}

METASCHEDULE_INLINE BufferRef cache_buffer(const Buffer& buffer, const std::string& scope) {
  auto renamed = mutate(buffer);
  renamed->name = buffer.name + "_" + scope;
  return with_scope(*renamed, scope);
}

METASCHEDULE_INLINE BufferRef reshaped_buffer(const Buffer& buffer, const std::string& suffix,
                                              Exprs shape) {
  auto data = mutate(buffer.data);
  data->name += suffix;
  auto copy = mutate(buffer);
  copy->name += suffix;
  copy->data = data;
  copy->shape = std::move(shape);
  copy->strides = {};
  return copy;
}

METASCHEDULE_INLINE Ranges relaxed_region(const Path& path, size_t level,
                                          const BufferRegion& region, bool by_predicate) {
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  VarMap bindings;
  for (size_t i = 0; i < realize.iter_values.size(); ++i)
    bindings[realize.block->iter_vars[i]->var.get()] = realize.iter_values[i];
  std::vector<Ref<Range>> bound;
  for (const auto& range : region.region) bound.push_back(substitute(range, bindings));
  arith::IterRanges loops;
  auto add = [&](const For& loop) {
    loops.emplace_back(loop.loop_var, make<Range>(loop.min, loop.extent));
  };
  size_t i = path.size() - 1;
  for (; i-- > level && path.nodes[i]->kind != Kind::BlockRealize;)
    if (const For* loop = as<For>(path.nodes[i])) add(*loop);
  std::string scope = region.buffer->scope();
  if (!scope.empty() && !scope.starts_with("global")) {
    for (size_t k = std::min(level, path.size() - 1); k-- > 0;) {
      const For* loop = as<For>(path.nodes[k]);
      if (loop && loop->kind == ForKind::ThreadBinding &&
          relaxes_thread_axis(scope, loop->thread_binding->thread_tag))
        add(*loop);
    }
  }
  arith::Analyzer analyzer;
  auto sets = arith::estimate_region_upper_bound(
      Ranges(bound), loops, by_predicate ? realize.predicate : true_(), analyzer);
  std::vector<Ref<Range>> out;
  for (size_t d = 0; d < sets.size(); ++d) {
    const Expr& extent = region.buffer->shape[d];
    out.push_back(sets[d].cover_range(make<Range>(int_imm(extent->dtype, 0), extent)));
  }
  return out;
}

METASCHEDULE_INLINE int allocating_block(const Path& path, const Buffer* buffer) {
  for (size_t i = path.size(); i-- > 0;) {
    if (path.nodes[i]->kind != Kind::BlockRealize) continue;
    for (const auto& allocated : block_of(*path.nodes[i]).alloc_buffers)
      if (allocated.get() == buffer) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace metaschedule
