// SPDX-License-Identifier: Apache-2.0
// Views of buffers that move to other memory.
#pragma once

#include <string>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/path.h"

namespace metaschedule::detail {

/// Adds the views below `scope` of the buffers in `map`, as they are in the memory: a view lies
/// where its buffer lies.
inline void add_views(const StmtNode& scope, const std::string& memory, BufferMap& map) {
  for (const BlockRealize* realize : all_blocks(scope))
    for (const auto& match : realize->block->match_buffers)
      if (map.count(match->source->buffer.get()))
        map.emplace(match->buffer.get(), cache_buffer(*match->buffer, memory));
}

/// The statement with a copy of a buffer, which may be in other memory, in the buffer's place.
inline Stmt use_copy(const Stmt& stmt, const BufferRef& original, const BufferRef& copy) {
  BufferMap buffers{{original.get(), copy}};
  if (copy->scope() != original->scope()) add_views(*stmt, copy->scope(), buffers);
  return replace_buffers(stmt, buffers);
}

}  // namespace metaschedule::detail
