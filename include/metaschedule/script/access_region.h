// SPDX-License-Identifier: Apache-2.0
// The regions of buffers that a block reads and writes, found from its body.
#pragma once

#include <unordered_map>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// Buffers by their data pointers.
using BufferVarMap = std::unordered_map<const Var*, BufferRef>;

struct AccessRegions {
  BufferRegions reads, writes;
  /// Buffers whose data pointer is used, so that what is accessed is not known.
  BufferRegions opaques;
};

/// What a block accesses of the buffers in `outer`: those defined outside of it. One box covers all
/// accesses to a buffer; loops inside the block range over their extents, conditions on their
/// variables narrow that. A block with an `init` does not read what it writes.
AccessRegions block_access_region(const Block& block, const BufferVarMap& outer);

/// Fills the read regions (mask 1) and write regions (mask 2) of the blocks in `blocks`, innermost
/// first. `buffers` are those defined outside of `body`: parameters. Raises ValueError where a
/// block uses the data pointer of a buffer, so that its regions cannot be found.
Stmt infer_access_regions(const Stmt& body, const std::vector<BufferRef>& buffers,
                          const std::unordered_map<const Block*, uint8_t>& blocks);

/// What the parser does at the end of a function, for one that was built (ir/build.h): adds the
/// root block where there should be one, and fills the regions of the blocks that ask for it by the
/// annotation `build::kDetectAccess`. The root keeps the regions that it has. Raises ValueError as
/// above.
PrimFuncRef complete_blocks(const PrimFunc& func);

}  // namespace metaschedule
