// SPDX-License-Identifier: Apache-2.0
// What primitives ask of buffers: storage scopes, regions by index, regions over loops, copies.
#pragma once

#include <string>
#include <string_view>

#include "metaschedule/schedule/path.h"

namespace metaschedule {

/// Refuses unless the text starts with the name of a kind of memory ("" is global).
void check_storage_scope(std::string_view scope);
/// The `index`-th region that a block reads or writes. Refuses when there is none.
const BufferRegion& nth_region(const Block& block, int64_t index, bool is_write);
/// The region of the buffer among some; null when there is none.
const BufferRegion* find_region(const BufferRegions& regions, const Buffer* buffer);
/// The buffer as `<name>_<scope>` in another storage scope, with a data pointer of that name.
BufferRef cache_buffer(const Buffer& buffer, const std::string& scope);
/// The buffer with other dimensions and no strides, its name and that of its data pointer followed
/// by `suffix`.
BufferRef reshaped_buffer(const Buffer& buffer, const std::string& suffix, Exprs shape);
/// The region with the axes of its block bound and the loops of `path` from `level` down to the
/// block run through: an upper bound. Dimensions that have none are the whole of the buffer. The
/// predicate of the block makes it smaller, unless that is to be left aside.
Ranges relaxed_region(const Path& path, size_t level, const BufferRegion& region,
                      bool by_predicate = true);
/// The position in `path` of the block that allocates the buffer; -1 when none does.
int allocating_block(const Path& path, const Buffer* buffer);

}  // namespace metaschedule
