// SPDX-License-Identifier: Apache-2.0
// Finding loops and blocks in a program and replacing them. There is no table of parents: a search
// goes over statements only, which takes well under a microsecond, and an edit copies the path to
// what it replaces, or changes it in place where nobody else holds it.
#pragma once

#include <string_view>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The way from the body of a function down to a statement. A block is its BlockRealize; what is
/// inside a block's init is not found.
struct Path {
  size_t function = 0;                 // position among the functions of the module
  std::vector<const StmtNode*> nodes;  // the body of the function first, the statement itself last

  bool empty() const { return nodes.empty(); }
  size_t size() const { return nodes.size(); }
  const StmtNode* back() const { return nodes.back(); }
  /// The path to the `length`-th statement of this one.
  Path prefix(size_t length) const { return {function, {nodes.begin(), nodes.begin() + length}}; }
  /// Position of the nearest block above the statement at `level`; -1 when there is none.
  int enclosing_block(size_t level) const;
  int enclosing_block() const { return enclosing_block(nodes.size() - 1); }
  /// The loops between the nearest block above the statement and the statement, outer first.
  std::vector<const For*> loops_above() const;
};

/// Empty when there is none.
Path find_loop(const IRModule& module, const Var* loop_var);
Path find_block(const IRModule& module, BlockId id);
/// The path to a loop or block realize given as a node of the program.
Path find_stmt(const IRModule& module, const StmtNode* stmt);
/// The same below one statement, appended to `path`; false when there is none.
bool find_loop_below(const StmtNode& root, const Var* loop_var, Path& path);
bool find_block_below(const StmtNode& root, BlockId id, Path& path);
bool find_stmt_below(const StmtNode& root, const StmtNode* stmt, Path& path);

/// The block of a BlockRealize.
inline const Block& block_of(const StmtNode& realize) {
  return *static_cast<const BlockRealize&>(realize).block;
}

/// Calls `f(const StmtNode&)` on each statement directly below one: bodies, branches, members of a
/// sequence, the body (not the init) of a block.
template <class F>
void for_each_substmt(const StmtNode& stmt, F&& f) {
  switch (stmt.kind) {
    case Kind::For:
      return f(*static_cast<const For&>(stmt).body);
    case Kind::BlockRealize:
      return f(*static_cast<const BlockRealize&>(stmt).block->body);
    case Kind::Block:
      return f(*static_cast<const Block&>(stmt).body);
    case Kind::SeqStmt:
      for (const Stmt& s : static_cast<const SeqStmt&>(stmt).seq) f(*s);
      return;
    case Kind::IfThenElse: {
      const auto& branch = static_cast<const IfThenElse&>(stmt);
      f(*branch.then_case);
      if (branch.else_case) f(*branch.else_case);
      return;
    }
    case Kind::LetStmt:
      return f(*static_cast<const LetStmt&>(stmt).body);
    case Kind::AttrStmt:
      return f(*static_cast<const AttrStmt&>(stmt).body);
    case Kind::AssertStmt:
      return f(*static_cast<const AssertStmt&>(stmt).body);
    case Kind::While:
      return f(*static_cast<const While&>(stmt).body);
    case Kind::Allocate:
      return f(*static_cast<const Allocate&>(stmt).body);
    case Kind::AllocateConst:
      return f(*static_cast<const AllocateConst&>(stmt).body);
    case Kind::DeclBuffer:
      return f(*static_cast<const DeclBuffer&>(stmt).body);
    case Kind::BufferRealize:
      return f(*static_cast<const BufferRealize&>(stmt).body);
    default:
      return;
  }
}

/// Blocks below a statement that are not inside other such blocks, in program order. When `root` is
/// a block (or its realize) these are its child blocks.
std::vector<const BlockRealize*> child_blocks(const StmtNode& root);
/// The same for the statement itself: a BlockRealize gives itself.
std::vector<const BlockRealize*> top_blocks(const StmtNode& stmt);
/// All block realizes below a statement or equal to it, nested ones too, parents first.
std::vector<const BlockRealize*> all_blocks(const StmtNode& root);

/// A copy of `parent` with its direct sub-statement `old` replaced.
Stmt with_substmt(const StmtNode& parent, const StmtNode* old, Stmt replacement);

/// Puts `replacement` where `path.nodes[level]` is. Afterwards `path` names nodes of the new
/// program no longer. Sequences stay flat.
void replace_stmt(ModuleRef& module, const Path& path, size_t level, Stmt replacement);
inline void replace_stmt(ModuleRef& module, const Path& path, Stmt replacement) {
  replace_stmt(module, path, path.size() - 1, std::move(replacement));
}
/// A copy of the block realize with another block.
Stmt with_block(const BlockRealize& realize, BlockRef block);

}  // namespace metaschedule
