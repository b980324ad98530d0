// SPDX-License-Identifier: Apache-2.0
// Where the copying block of cache_read and cache_write goes.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

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

}  // namespace metaschedule::detail
