// SPDX-License-Identifier: Apache-2.0
// When a script's function has an implicit root block: the parser inserts it, the printer leaves it
// out.
#pragma once

#include "metaschedule/ir/walk.h"

namespace metaschedule::script::detail {

/// A function of plain loops and stores has none; a block without axes is the root itself.
inline bool needs_root(const Stmt& body, bool has_allocations) {
  if (has_allocations) return true;
  if (const BlockRealize* realize = as<BlockRealize>(body)) {
    return !realize->block->iter_vars.empty();
  }
  return any_node(*body, [](const Node& node) { return node.kind == Kind::BlockRealize; });
}

}  // namespace metaschedule::script::detail
