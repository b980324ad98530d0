// SPDX-License-Identifier: Apache-2.0
// Removal of blocks.
#pragma once

#include "metaschedule/schedule/leaf.h"

namespace metaschedule {

METASCHEDULE_INLINE LeafRemoval plan_leaf_removal(const Path& block) {
  size_t level = block.size() - 1;
  while (level > 0 && block.nodes[level - 1]->kind == Kind::For) --level;
  int scope = block.enclosing_block();
  if (level == 0 || block.nodes[level - 1]->kind != Kind::SeqStmt)
    refuse("Cannot remove the only leaf in the scope; block {0} in scope {1}",
           {&block_of(*block.back()), scope < 0
                                          ? static_cast<const Node*>(block.nodes[0])
                                          : &block_of(*block.nodes[static_cast<size_t>(scope)])});
  return {block, level};
}

METASCHEDULE_INLINE void LeafRemoval::apply(ModuleRef& program) const {
  const auto& seq = static_cast<const SeqStmt&>(*path.nodes[level - 1]).seq;
  std::vector<Stmt> rest;
  for (const Stmt& stmt : seq)
    if (stmt.get() != path.nodes[level]) rest.push_back(stmt);
  replace_stmt(program, path, level - 1, flatten_seq(rest));
}

}  // namespace metaschedule
