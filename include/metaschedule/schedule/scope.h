// SPDX-License-Identifier: Apache-2.0
// What the blocks of one scope do to each other: the dependency graph of the child blocks of a
// block, and the properties of blocks that need nothing else. All are functions of the program.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metaschedule/schedule/path.h"

namespace metaschedule {

enum class DepKind : int32_t { RAW = 0, WAW = 1, WAR = 2, Opaque = 3 };

/// `dst` must come after `src`; both are positions among the child blocks of a scope.
struct Dependency {
  int src, dst;
  DepKind kind;
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

/// Children of a scope by buffer, in the order in which the buffers are first seen.
class BufferUsers {
 public:
  std::vector<int>& operator[](const Buffer* buffer);
  /// Empty when there are none.
  const std::vector<int>& of(const Buffer* buffer) const;
  void reserve(size_t count) { items_.reserve(count); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  size_t find(const Buffer* buffer) const;

  std::vector<std::pair<const Buffer*, std::vector<int>>> items_;
  std::unordered_map<const Buffer*, size_t> index_;  // where there are many
};

/// A child block of a scope with the way to it: the loops between the scope and the block, outer
/// first.
struct ScopeChild {
  const BlockRealize* realize;
  std::vector<const For*> loops;
};

/// The child blocks of a block in program order and their dependencies. Holds pointers into the
/// program: use it before the next edit.
struct BlockScope {
  std::vector<const BlockRealize*> children;
  std::vector<BlockId> ids;                    // of the children
  std::vector<std::vector<const For*>> loops;  // around each child in the scope, outermost first
  std::vector<Dependency> dependencies;        // in the order in which they are found: by `dst`
  BufferUsers writers, readers;                // children by the buffers they write and read
  /// The children in member `m` of the body are those from `member_begin[m]` to
  /// `member_begin[m + 1]`.
  std::vector<int> member_begin;
  /// True when no dependency is WAR or opaque.
  bool flows_forward = true;
  /// Which children of a root scope are covered by their producers, as far as is_stage_pipeline
  /// has looked; empty at first.
  enum class Cover : uint8_t { Unknown, Yes, No };
  mutable std::vector<Cover> covered;

  /// `scope` is a block or its realize.
  static BlockScope of(const StmtNode& scope);
  /// The same, remembered by this thread until it asks for another scope. What the last one and
  /// this have in common is not worked out again.
  static std::shared_ptr<const BlockScope> kept(const StmtNode& scope);
  /// The statements that the body of the scope is a sequence of: one, itself, where it is none.
  static std::span<const Stmt> members(const StmtNode& scope);

  const Block& block(int child) const { return *children[static_cast<size_t>(child)]->block; }
  /// Position of a block among the children; -1 when it is none of them.
  int find(BlockId id) const;
  /// Position of the member that a child is in.
  size_t member_of(int child) const;
  /// The dependencies into a child.
  std::span<const Dependency> into(int child) const;
  /// Sources of RAW and WAW dependencies into a child, each once; destinations of those out of it.
  std::vector<int> producers(int child) const;
  std::vector<int> consumers(int child) const;
  /// Empty when no child writes (reads) the buffer.
  const std::vector<int>& writers_of(const Buffer* buffer) const { return writers.of(buffer); }
  const std::vector<int>& readers_of(const Buffer* buffer) const { return readers.of(buffer); }
};
namespace detail {
inline void collect_children(const StmtNode& stmt, std::vector<const For*>& loops,
                             std::vector<ScopeChild>& out) {
  if (stmt.kind == Kind::BlockRealize) {
    out.push_back({static_cast<const BlockRealize*>(&stmt), loops});
    return;
  }
  const For* loop = as<For>(&stmt);
  if (loop) loops.push_back(loop);
  for_each_substmt(stmt, [&](const StmtNode& below) { collect_children(below, loops, out); });
  if (loop) loops.pop_back();
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
