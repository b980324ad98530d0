// SPDX-License-Identifier: Apache-2.0
// Searches over statements, and edits that copy the path or change it in place.
#pragma once

#include <algorithm>

#include "metaschedule/schedule/path.h"

namespace metaschedule {

METASCHEDULE_INLINE int Path::enclosing_block(size_t level) const {
  for (size_t i = level; i-- > 0;)
    if (nodes[i]->kind == Kind::BlockRealize) return static_cast<int>(i);
  return -1;
}

METASCHEDULE_INLINE std::vector<const For*> Path::loops_above() const {
  std::vector<const For*> loops;
  for (size_t i = static_cast<size_t>(enclosing_block() + 1); i + 1 < nodes.size(); ++i)
    if (const For* loop = as<For>(nodes[i])) loops.push_back(loop);
  return loops;
}

namespace detail {

// Where in long sequences this thread found something lately: what is asked for next is often
// there too, or beside it. A guess only; what is not there is looked for everywhere.
class RecentMembers {
 public:
  static constexpr size_t kLong = 16;  // shorter sequences are searched at once
  static RecentMembers& of_thread() {
    thread_local RecentMembers recent;
    return recent;
  }
  // Whether `found(i)` holds for a member at or beside one of the positions, or any member.
  template <class F>
  bool search(size_t count, const F& found) {
    for (size_t k = 0; k < kKept; ++k) {
      const size_t guess = at_[k];
      for (size_t i : {guess, guess + 1, guess - 1})
        if (i < count && found(i)) return note(i, k);
    }
    for (size_t i = 0; i < count; ++i)
      if (found(i)) return note(i, kKept - 1);
    return false;
  }

 private:
  static constexpr size_t kKept = 3;
  // Moves a position to the front in place of the k-th.
  bool note(size_t position, size_t k) {
    for (; k > 0; --k) at_[k] = at_[k - 1];
    at_[0] = position;
    return true;
  }
  size_t at_[kKept] = {};
};

// Depth first with the path kept as it goes; `is_target` decides by kind first. What is looked for
// is in one place at most.
template <class Pred>
bool search_stmt(const StmtNode& root, const Pred& is_target, std::vector<const StmtNode*>& path) {
  const size_t length = path.size();
  const StmtNode* stmt = &root;
  while (true) {
    path.push_back(stmt);
    if (is_target(*stmt)) return true;
    if (stmt->kind == Kind::For) {
      stmt = static_cast<const For*>(stmt)->body.get();
    } else if (stmt->kind == Kind::BlockRealize) {
      stmt = block_of(*stmt).body.get();
    } else if (stmt->kind == Kind::BufferStore) {
      break;
    } else if (const SeqStmt* seq = as<SeqStmt>(stmt);
               seq && seq->seq.size() > RecentMembers::kLong) {
      auto below = [&](size_t i) { return search_stmt(*seq->seq[i], is_target, path); };
      if (RecentMembers::of_thread().search(seq->seq.size(), below)) return true;
      break;
    } else {
      bool found = false;
      for_each_substmt(*stmt, [&](const StmtNode& below) {
        if (!found) found = search_stmt(below, is_target, path);
      });
      if (found) return true;
      break;
    }
  }
  path.resize(length);
  return false;
}

template <class Pred>
Path search_module(const IRModule& module, const Pred& is_target) {
  Path path;
  path.nodes.reserve(32);
  for (size_t i = 0; i < module.functions.size(); ++i) {
    const PrimFunc* func = as<PrimFunc>(module.functions[i].second);
    path.function = i;
    if (func && search_stmt(*func->body, is_target, path.nodes)) return path;
  }
  return path;
}

inline auto is_loop_over(const Var* var) {
  return [var](const StmtNode& stmt) {
    return stmt.kind == Kind::For && static_cast<const For&>(stmt).loop_var.get() == var;
  };
}
inline auto is_realize_of(BlockId id) {
  return [id](const StmtNode& stmt) {
    return stmt.kind == Kind::BlockRealize && block_of(stmt).id == id;
  };
}

inline void collect_top_blocks(const StmtNode& root, std::vector<const BlockRealize*>& out) {
  const StmtNode* stmt = &root;
  while (stmt->kind == Kind::For) stmt = static_cast<const For*>(stmt)->body.get();
  if (stmt->kind == Kind::BlockRealize) {
    out.push_back(static_cast<const BlockRealize*>(stmt));
    return;
  }
  for_each_substmt(*stmt, [&](const StmtNode& below) { collect_top_blocks(below, out); });
}
inline void collect_all_blocks(const StmtNode& stmt, std::vector<const BlockRealize*>& out) {
  if (stmt.kind == Kind::BlockRealize) out.push_back(static_cast<const BlockRealize*>(&stmt));
  for_each_substmt(stmt, [&](const StmtNode& below) { collect_all_blocks(below, out); });
}

inline bool unique(const Node& node) { return node.refs.load(std::memory_order_acquire) == 1; }
// A block realize is ours to change only together with its block.
inline bool unique_stmt(const StmtNode& stmt) {
  return unique(stmt) && (stmt.kind != Kind::BlockRealize || unique(block_of(stmt)));
}

inline bool replace_in(Stmt& slot, const StmtNode* old, Stmt& replacement) {
  if (slot.get() != old) return false;
  slot = std::move(replacement);
  return true;
}

// What flatten_seq would leave as it is.
inline bool is_plain_member(const Stmt& stmt) {
  return stmt && stmt->kind != Kind::SeqStmt && stmt->kind != Kind::Evaluate;
}

// Puts a member where another is, in a sequence that only the caller holds, so that the others are
// not touched. False where the sequence must be made anew: members that are shared, or that
// flatten_seq has not seen.
inline bool set_member(SeqStmt& parent, const StmtNode* old, Stmt& replacement) {
  RefBase* items = parent.seq.own_flat_items();
  if (!items || !is_plain_member(replacement)) return false;
  RefBase* end = items + parent.seq.size();
  RefBase* at = std::find_if(items, end, [&](const RefBase& item) { return item.node() == old; });
  METASCHEDULE_CHECK(at != end);
  *at = std::move(replacement);
  return true;
}

// Replaces a direct sub-statement of a node that only the caller holds.
inline void set_substmt(StmtNode& parent, const StmtNode* old, Stmt replacement) {
  bool done = false;
  auto in = [&](Stmt& slot) { done = done || replace_in(slot, old, replacement); };
  switch (parent.kind) {
    case Kind::For:
      in(static_cast<For&>(parent).body);
      break;
    case Kind::IfThenElse:
      in(static_cast<IfThenElse&>(parent).then_case);
      in(static_cast<IfThenElse&>(parent).else_case);
      break;
    case Kind::LetStmt:
      in(static_cast<LetStmt&>(parent).body);
      break;
    case Kind::AttrStmt:
      in(static_cast<AttrStmt&>(parent).body);
      break;
    case Kind::AssertStmt:
      in(static_cast<AssertStmt&>(parent).body);
      break;
    case Kind::While:
      in(static_cast<While&>(parent).body);
      break;
    case Kind::Allocate:
      in(static_cast<Allocate&>(parent).body);
      break;
    case Kind::AllocateConst:
      in(static_cast<AllocateConst&>(parent).body);
      break;
    case Kind::DeclBuffer:
      in(static_cast<DeclBuffer&>(parent).body);
      break;
    case Kind::BufferRealize:
      in(static_cast<BufferRealize&>(parent).body);
      break;
    default:
      break;
  }
  METASCHEDULE_CHECK(done);
}

}  // namespace detail

METASCHEDULE_INLINE Path find_loop(const IRModule& module, const Var* loop_var) {
  return detail::search_module(module, detail::is_loop_over(loop_var));
}
METASCHEDULE_INLINE Path find_block(const IRModule& module, BlockId id) {
  return detail::search_module(module, detail::is_realize_of(id));
}
METASCHEDULE_INLINE Path find_stmt(const IRModule& module, const StmtNode* stmt) {
  return detail::search_module(module, [stmt](const StmtNode& s) { return &s == stmt; });
}
METASCHEDULE_INLINE bool find_loop_below(const StmtNode& root, const Var* loop_var, Path& path) {
  return detail::search_stmt(root, detail::is_loop_over(loop_var), path.nodes);
}
METASCHEDULE_INLINE bool find_block_below(const StmtNode& root, BlockId id, Path& path) {
  return detail::search_stmt(root, detail::is_realize_of(id), path.nodes);
}

METASCHEDULE_INLINE bool find_stmt_below(const StmtNode& root, const StmtNode* stmt, Path& path) {
  return detail::search_stmt(root, [stmt](const StmtNode& s) { return &s == stmt; }, path.nodes);
}

METASCHEDULE_INLINE std::vector<const BlockRealize*> child_blocks(const StmtNode& root) {
  std::vector<const BlockRealize*> out;
  for_each_substmt(root, [&](const StmtNode& s) { detail::collect_top_blocks(s, out); });
  return out;
}
METASCHEDULE_INLINE std::vector<const BlockRealize*> top_blocks(const StmtNode& stmt) {
  std::vector<const BlockRealize*> out;
  detail::collect_top_blocks(stmt, out);
  return out;
}
METASCHEDULE_INLINE std::vector<const BlockRealize*> all_blocks(const StmtNode& root) {
  std::vector<const BlockRealize*> out;
  detail::collect_all_blocks(root, out);
  return out;
}

METASCHEDULE_INLINE Stmt with_block(const BlockRealize& realize, BlockRef block) {
  auto copy = mutate(realize);
  copy->block = std::move(block);
  return copy;
}

METASCHEDULE_INLINE Stmt with_substmt(const StmtNode& parent, const StmtNode* old,
                                      Stmt replacement) {
  if (parent.kind == Kind::BlockRealize) {
    METASCHEDULE_CHECK(block_of(parent).body.get() == old);
    auto block = mutate(block_of(parent));
    block->body = std::move(replacement);
    return with_block(static_cast<const BlockRealize&>(parent), block);
  }
  if (parent.kind == Kind::SeqStmt) {
    const Stmts& seq = static_cast<const SeqStmt&>(parent).seq;
    bool done = false, plain = detail::is_plain_member(replacement);
    std::vector<RefBase> items;
    items.reserve(seq.size());
    for (const Stmt& item : seq) {
      const bool here = item.get() == old;
      done = done || here;
      plain = plain && detail::is_plain_member(item);
      items.push_back(here ? replacement : item);
    }
    METASCHEDULE_CHECK(done);
    Stmts list{ListBase(std::move(items), plain)};
    return plain ? Stmt(make<SeqStmt>(std::move(list))) : flatten_seq(list.vec());
  }
  Node* copy = kind_info(parent.kind).clone(parent);
  Stmt owner(static_cast<const StmtNode*>(copy));
  detail::set_substmt(static_cast<StmtNode&>(*copy), old, std::move(replacement));
  return owner;
}

METASCHEDULE_INLINE void replace_stmt(ModuleRef& module, const Path& path, size_t level,
                                      Stmt replacement) {
  // How much of the way down belongs to this module reference alone.
  const auto& functions = module->functions;
  const PrimFunc* func = as<PrimFunc>(functions[path.function].second);
  bool own_function = detail::unique(*module) && detail::unique(*func);
  size_t own = 0;
  if (own_function)
    while (own < level && detail::unique_stmt(*path.nodes[own])) ++own;

  // Copy what others hold, up to the first node that is ours; a sequence may vanish or be spliced
  // into one above it, so it is made anew unless it stays flat.
  size_t i = level;
  while (i > own || (i > 0 && path.nodes[i - 1]->kind == Kind::SeqStmt)) {
    --i;
    if (i < own && detail::set_member(const_cast<SeqStmt&>(cast_to<SeqStmt>(*path.nodes[i])),
                                      path.nodes[i + 1], replacement))
      return;
    replacement = with_substmt(*path.nodes[i], path.nodes[i + 1], std::move(replacement));
  }
  if (i > 0) {
    StmtNode& parent = const_cast<StmtNode&>(*path.nodes[i - 1]);
    if (parent.kind == Kind::BlockRealize) {
      const_cast<Block&>(block_of(parent)).body = std::move(replacement);
    } else {
      detail::set_substmt(parent, path.nodes[i], std::move(replacement));
    }
    return;
  }
  if (own_function) {
    const_cast<PrimFunc*>(func)->body = std::move(replacement);
    return;
  }
  auto new_func = mutate(*func);
  new_func->body = std::move(replacement);
  auto new_module = mutate(module);
  new_module->functions[path.function].second = PrimFuncRef(new_func);
  module = new_module;
}

}  // namespace metaschedule
