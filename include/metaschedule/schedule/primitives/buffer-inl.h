// SPDX-License-Identifier: Apache-2.0
// set_scope and storage_align.
#pragma once

#include <fmt/format.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/buffer.h"
#include "metaschedule/schedule/primitives/views.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

inline size_t check_allocated(const Path& path, const Buffer& buffer) {
  int level = allocating_block(path, &buffer);
  if (level < 0)
    refuse(
        fmt::format("The input buffer {} is not allocated by a block. This means the buffer is "
                    "either a function parameter or defined in `match_buffer` of a block.",
                    buffer.name));
  return static_cast<size_t>(level);
}

}  // namespace detail

METASCHEDULE_INLINE void SetScope::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const Buffer& buffer = *nth_region(block_of(*path.back()), buffer_index, true).buffer;
  if (buffer.scope() == storage_scope) return;
  check_storage_scope(storage_scope);
  size_t level = detail::check_allocated(path, buffer);
  Stmt scope(path.nodes[level]);
  BufferMap map{{&buffer, cache_buffer(buffer, storage_scope)}};
  detail::add_views(*scope, storage_scope, map);
  state.replace(path, level, replace_buffers(scope, map));
}

METASCHEDULE_INLINE void StorageAlign::apply(ScheduleState& state, std::vector<TableEntry>&) {
  static constexpr const char* kKey = "buffer_dim_align";
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Buffer& buffer = *nth_region(*realize.block, buffer_index, true).buffer;
  if (factor <= 0)
    refuse(
        fmt::format("The input `factor` of storage_align is expected to be a positive number. "
                    "However, the input `factor` is {}, which is out of the expected range.",
                    factor));
  int64_t ndim = static_cast<int64_t>(buffer.ndim());
  if (axis < -ndim || axis >= ndim)
    refuse(
        fmt::format("The buffer to set storage alignment {}, has {} dimension(s), so `axis` is "
                    "required to be in [{}, {}) for storage_align. However, the input `axis` is "
                    "{}, which is out of the expected range.",
                    buffer.name, ndim, -ndim, ndim, axis));
  detail::check_allocated(path, buffer);
  int64_t dim = axis < 0 ? axis + ndim : axis;

  std::vector<Ref<Node>> entries;
  auto entry = [&] {
    return make<Array>(
        List<Node>(std::vector<Ref<Node>>{i32(buffer_index), i32(dim), i32(factor), i32(offset)}));
  };
  bool replaced = false;
  if (const Node* old = realize.block->annotations.find(kKey)) {
    const Array* list = as<Array>(old);
    for (size_t i = 0; list && i < list->items.size(); ++i) {
      const Array* item = as<Array>(list->items[i]);
      bool valid = item && item->items.size() == 4;
      for (size_t k = 0; valid && k < 4; ++k) valid = as<IntImm>(item->items[k]) != nullptr;
      if (!valid) list = nullptr;
      if (!list) break;
      bool same = as<IntImm>(item->items[0])->value == buffer_index &&
                  as<IntImm>(item->items[1])->value == dim;
      entries.push_back(same ? Ref<Node>(entry()) : list->items[i]);
      replaced = replaced || same;
    }
    refuse_unless(list != nullptr,
                  "The block annotation for storage align is expected to be an array of 4-integer "
                  "tuples: block {0}",
                  {realize.block.get()});
  }
  if (!replaced) entries.push_back(entry());
  auto copy = mutate(realize.block);
  copy->annotations = copy->annotations.with(kKey, make<Array>(List<Node>(entries)));
  state.replace(path, with_block(realize, copy));
}

METASCHEDULE_INLINE void BufferMethods::set_scope(BlockRV block, int64_t buffer_index,
                                                  std::string storage_scope) {
  static_cast<Schedule*>(this)->run(SetScope{block, buffer_index, std::move(storage_scope)});
}
METASCHEDULE_INLINE void BufferMethods::storage_align(BlockRV block, int64_t buffer_index,
                                                      int64_t axis, int64_t factor,
                                                      int64_t offset) {
  static_cast<Schedule*>(this)->run(StorageAlign{block, buffer_index, axis, factor, offset});
}

}  // namespace metaschedule
