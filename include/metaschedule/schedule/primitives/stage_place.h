// SPDX-License-Identifier: Apache-2.0
// Where blocks that copy a buffer go, and putting them there.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/path.h"

namespace metaschedule::detail {

// Where a copying block goes: into the statement `node` (a loop, or the realize of the scope),
// before member `position` of its body.
struct StagePlace {
  const StmtNode* node = nullptr;
  int position = -1;
};

// Finds the lowest statement with a block and one of the blocks related to it, and the member that
// holds the first of these.
class StagePlaceFinder {
 public:
  StagePlaceFinder(const StmtNode& scope, BlockId block, std::vector<BlockId> related)
      : scope_(scope), block_(block), related_(std::move(related)) {}

  StagePlace find() {
    if (related_.empty()) {
      const SeqStmt* seq = as<SeqStmt>(block_of(scope_).body);
      return {&scope_, seq ? static_cast<int>(seq->seq.size()) : 1};
    }
    visit(*block_of(scope_).body);
    if (!place_.node) {
      place_.node = &scope_;
      if (!saw_block_ || place_.position < 0) place_.position = saw_block_ ? 1 : 0;
    }
    return place_;
  }

 private:
  void visit(const StmtNode& stmt) {
    if (stmt.kind == Kind::BlockRealize) {
      BlockId id = block_of(stmt).id;
      if (id == block_) {
        saw_block_ = true;
      } else if (std::find(related_.begin(), related_.end(), id) != related_.end()) {
        saw_related_ = true;
      }
    } else if (const SeqStmt* seq = as<SeqStmt>(&stmt)) {
      visit_seq(*seq);
    } else {
      for_each_substmt(stmt, [&](const StmtNode& below) { visit(below); });
      if (stmt.kind == Kind::For && saw_block_ && saw_related_ && !place_.node &&
          place_.position >= 0)
        place_.node = &stmt;
    }
  }
  void visit_seq(const SeqStmt& seq) {
    bool block_before = saw_block_, related_before = saw_related_;
    saw_block_ = saw_related_ = false;
    int position = -1;
    for (size_t i = 0; i < seq.seq.size() && place_.position < 0; ++i) {
      visit(*seq.seq[i]);
      if (saw_block_ && saw_related_ && position < 0) {
        position = static_cast<int>(i);
      } else if (saw_related_) {
        break;
      }
    }
    saw_block_ = saw_block_ || block_before;
    saw_related_ = saw_related_ || related_before;
    if (saw_block_ && saw_related_ && place_.position < 0) place_.position = position;
  }

  const StmtNode& scope_;
  BlockId block_;
  std::vector<BlockId> related_;
  bool saw_block_ = false, saw_related_ = false;
  StagePlace place_;
};

inline Stmt insert_stage(const Stmt& body, int position, const Stmt& stage) {
  if (body->kind == Kind::AllocateConst || body->kind == Kind::DeclBuffer) {
    Stmt out;
    for_each_substmt(*body, [&](const StmtNode& below) {
      out = with_substmt(*body, &below, insert_stage(Stmt(&below), position, stage));
    });
    return out;
  }
  std::vector<Stmt> items;
  if (const SeqStmt* seq = as<SeqStmt>(body))
    items = seq->seq.vec();
  else
    items.push_back(body);
  METASCHEDULE_CHECK(position >= 0 && static_cast<size_t>(position) <= items.size());
  items.insert(items.begin() + position, stage);
  return flatten_seq(items);
}

/// The position of the statement on the way to the end of `path` among those of the block whose
/// realize is at `level`; as insert_stage counts them.
inline int member_position(const Path& path, size_t level) {
  size_t at = level + 1;
  while (path.nodes[at]->kind == Kind::AllocateConst || path.nodes[at]->kind == Kind::DeclBuffer)
    ++at;
  const SeqStmt* seq = as<SeqStmt>(path.nodes[at]);
  if (!seq) return 0;
  for (size_t i = 0; i < seq->seq.size(); ++i)
    if (seq->seq[i].get() == path.nodes[at + 1]) return static_cast<int>(i);
  METASCHEDULE_CHECK(false);
}

/// Puts stages before member `position` of the body of a block, and buffers among its own.
inline void add_to_block(ModuleRef& program, BlockId scope, int position,
                         const std::vector<Stmt>& stages, const std::vector<BufferRef>& buffers) {
  Path path = find_block(*program, scope);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  auto block = mutate(realize.block);
  for (size_t i = stages.size(); i-- > 0;)
    block->body = insert_stage(block->body, position, stages[i]);
  std::vector<BufferRef> all = block->alloc_buffers.vec();
  all.insert(all.end(), buffers.begin(), buffers.end());
  block->alloc_buffers = all;
  replace_stmt(program, path, with_block(realize, block));
}

/// Serial loops around a statement, outermost first.
inline Stmt loop_nest(const std::vector<VarRef>& vars, const std::vector<Ref<Range>>& ranges,
                      Stmt body) {
  for (size_t i = vars.size(); i-- > 0;)
    body = make<For>(vars[i], ranges[i]->min, ranges[i]->extent, ForKind::Serial, std::move(body));
  return body;
}

}  // namespace metaschedule::detail
