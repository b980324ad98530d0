// SPDX-License-Identifier: Apache-2.0
// What the blocks of one scope do to each other: the dependency graph of the child blocks of a
// block, and the properties of blocks that need nothing else. All are functions of the program.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metaschedule/schedule/path.h"

namespace metaschedule {

enum class DepKind : int32_t { RAW = 0, WAW = 1, WAR = 2, Opaque = 3 };

/// `dst` must come after `src`; both are positions among the child blocks of a scope.
struct Dependency {
  int src, dst;
  DepKind kind;
};

/// The child blocks of a block in program order and their dependencies. Holds pointers into the
/// program: use it before the next edit.
struct BlockScope {
  using Users = std::vector<std::pair<const Buffer*, std::vector<int>>>;

  std::vector<const BlockRealize*> children;
  std::vector<Dependency> dependencies;  // in the order in which they are found
  Users writers, readers;                // children by the buffers they write and read

  /// `scope` is a block or its realize.
  static BlockScope of(const StmtNode& scope);
  /// The same, remembered by this thread until it asks for another scope.
  static std::shared_ptr<const BlockScope> kept(const StmtNode& scope);

  const Block& block(int child) const { return *children[static_cast<size_t>(child)]->block; }
  /// Position of a block among the children; -1 when it is none of them.
  int find(BlockId id) const;
  /// Sources of RAW and WAW dependencies into a child, each once; destinations of those out of it.
  std::vector<int> producers(int child) const;
  std::vector<int> consumers(int child) const;
  /// Empty when no child writes (reads) the buffer.
  const std::vector<int>& writers_of(const Buffer* buffer) const { return users(writers, buffer); }
  const std::vector<int>& readers_of(const Buffer* buffer) const { return users(readers, buffer); }

 private:
  static const std::vector<int>& users(const Users& map, const Buffer* buffer);
};
/// A child block of a scope with the way to it: the loops between the scope and the block, outer
/// first.
struct ScopeChild {
  const BlockRealize* realize;
  std::vector<const For*> loops;
};

namespace detail {
inline std::vector<int>& users_slot(BlockScope::Users& map, const Buffer* buffer) {
  for (auto& [key, users] : map)
    if (key == buffer) return users;
  return map.emplace_back(buffer, std::vector<int>{}).second;
}
}  // namespace detail

bool reads_buffer(const Block& block, const Buffer* buffer);
bool writes_buffer(const Block& block, const Buffer* buffer);
/// True when the block writes a buffer that `scope` does not allocate.
bool is_output_block(const Block& block, const Block& scope);
/// True when each buffer that the block writes has no other writer in the scope.
bool is_dominant(const Block& block, const BlockScope& scope);
/// True when all axes are data parallel (or reductions, the second); false for none of the others.
bool has_only_spatial_iters(const Block& block);
bool has_only_spatial_or_reduce_iters(const Block& block);
/// True when an index of a store uses a reduction axis of the block.
bool reduction_indexes_output(const Block& block);

/// Number of the first violated condition of a complete block (all axes data parallel; dominant; no
/// buffer both read and written); 0 when it is one.
int complete_block_violation(const Block& block, const BlockScope& scope);
/// The same for a reduction block: has an init; affine bindings (given); only data parallel and
/// reduction axes; dominant; reduction axes do not index the output.
int reduction_block_violation(const Block& block, const BlockScope& scope, bool affine_binding);

/// The definitions that the two functions above number, for messages.
const char* complete_block_definition();
const char* reduction_block_definition();

}  // namespace metaschedule
