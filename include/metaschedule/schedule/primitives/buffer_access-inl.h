// SPDX-License-Identifier: Apache-2.0
// unsafe_hide_buffer_access and annotate_buffer_access.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/buffer_access.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

METASCHEDULE_INLINE void UnsafeHideBufferAccess::apply(ScheduleState& state,
                                                       std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  if (buf_type != "read" && buf_type != "write") {
    refuse(
        fmt::format("The buffer type for hide_buffer_access schedule should be either 'read' or "
                    "'write', got {} instead.",
                    buf_type));
  }
  bool is_write = buf_type == "write";
  const BufferRegions& old = is_write ? realize.block->writes : realize.block->reads;
  auto n = static_cast<int64_t>(old.size());
  for (int64_t index : buf_index_array) {
    if (index < 0 || index >= n) {
      refuse(
          fmt::format("The buffer index array for hide_buffer_access schedule should be a list "
                      "of integers between 0 and {}, got {} instead.",
                      n - 1, index));
    }
  }
  std::vector<Ref<BufferRegion>> rest;
  for (int64_t i = 0; i < n; ++i) {
    bool hidden =
        std::find(buf_index_array.begin(), buf_index_array.end(), i) != buf_index_array.end();
    if (!hidden) rest.push_back(old[static_cast<size_t>(i)]);
  }
  auto copy = mutate(realize.block);
  (is_write ? copy->writes : copy->reads) = rest;
  state.replace(path, with_block(realize, copy));
}

METASCHEDULE_INLINE void AnnotateBufferAccess::apply(ScheduleState& state,
                                                     std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  bool is_write = buffer_index_type != 0;
  const BufferRegion& old = nth_region(*realize.block, buffer_index, is_write);
  std::vector<Expr> axes;
  for (const auto& iter : realize.block->iter_vars) axes.push_back(iter->var);
  arith::Analyzer analyzer;
  std::vector<Expr> ends = arith::map_indices(*state.evaluate(index_map), axes, analyzer);
  check<ValueError>(ends.size() == 2 * old.buffer->ndim(),
                    "annotate_buffer_access: expected a begin and an end for each of the {} "
                    "dimensions of {}, found {} values",
                    old.buffer->ndim(), old.buffer->name, ends.size());
  std::vector<Ref<Range>> ranges;
  for (size_t i = 0; i < ends.size(); i += 2)
    ranges.push_back(make<Range>(ends[i], analyzer.simplify(ends[i + 1] - ends[i])));
  auto copy = mutate(realize.block);
  auto& regions = is_write ? copy->writes : copy->reads;
  regions = regions.with(static_cast<size_t>(buffer_index), make<BufferRegion>(old.buffer, ranges));

  const char* key = is_write ? "explicit_write_region" : "explicit_read_region";
  std::vector<Ref<Node>> positions;
  if (const Array* list = as<Array>(copy->annotations.find(key))) positions = list->items.vec();
  bool known = std::any_of(positions.begin(), positions.end(), [&](const Ref<Node>& item) {
    return as_const_int(item.get()) == buffer_index;
  });
  if (!known) positions.push_back(i32(buffer_index));
  copy->annotations = copy->annotations.with(key, make<Array>(List<Node>(positions)));
  state.replace(path, with_block(realize, copy));
}

METASCHEDULE_INLINE void BufferAccessMethods::unsafe_hide_buffer_access(
    BlockRV block, std::string buf_type, std::vector<int64_t> buf_index_array) {
  static_cast<Schedule*>(this)->run(
      UnsafeHideBufferAccess{block, std::move(buf_type), std::move(buf_index_array)});
}
METASCHEDULE_INLINE void BufferAccessMethods::annotate_buffer_access(BlockRV block,
                                                                     int64_t buffer_index,
                                                                     bool is_write,
                                                                     Ref<IndexMap> index_map) {
  static_cast<Schedule*>(this)->run(
      AnnotateBufferAccess{block, buffer_index, is_write ? 1 : 0, std::move(index_map)});
}

}  // namespace metaschedule
