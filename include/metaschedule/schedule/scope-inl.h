// SPDX-License-Identifier: Apache-2.0
// The dependency graph of a scope and the properties of blocks that rest on it.
#pragma once

#include <algorithm>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule {

namespace detail {

// The buffers of some regions, each once, in order.
inline void distinct_buffers(const BufferRegions& regions, std::vector<const Buffer*>& out) {
  out.clear();
  for (const auto& region : regions)
    if (std::find(out.begin(), out.end(), region->buffer.get()) == out.end())
      out.push_back(region->buffer.get());
}

inline void add_once(std::vector<int>& list, int item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace detail

METASCHEDULE_INLINE size_t BufferUsers::find(const Buffer* buffer) const {
  if (!index_.empty()) {
    auto found = index_.find(buffer);
    return found == index_.end() ? items_.size() : found->second;
  }
  size_t i = 0;
  while (i < items_.size() && items_[i].first != buffer) ++i;
  return i;
}
METASCHEDULE_INLINE std::vector<int>& BufferUsers::operator[](const Buffer* buffer) {
  constexpr size_t kFew = 16;
  const size_t i = find(buffer);
  if (i < items_.size()) return items_[i].second;
  items_.emplace_back(buffer, std::vector<int>{});
  if (items_.size() > kFew) {
    if (index_.empty())
      for (size_t k = 0; k < i; ++k) index_.emplace(items_[k].first, k);
    index_.emplace(buffer, i);
  }
  return items_.back().second;
}
METASCHEDULE_INLINE const std::vector<int>& BufferUsers::of(const Buffer* buffer) const {
  static const std::vector<int> none;
  const size_t i = find(buffer);
  return i < items_.size() ? items_[i].second : none;
}

METASCHEDULE_INLINE std::span<const Stmt> BlockScope::members(const StmtNode& scope) {
  const Block& block =
      scope.kind == Kind::Block ? static_cast<const Block&>(scope) : block_of(scope);
  if (const SeqStmt* seq = as<SeqStmt>(block.body)) return {seq->seq.begin(), seq->seq.size()};
  return {&block.body, 1};
}

METASCHEDULE_INLINE BlockScope BlockScope::of(const StmtNode& scope) {
  BlockScope out;
  std::vector<const For*> above;
  std::vector<ScopeChild> found;
  for (const Stmt& member : members(scope)) {
    out.member_begin.push_back(static_cast<int>(found.size()));
    detail::collect_children(*member, above, found);
  }
  out.member_begin.push_back(static_cast<int>(found.size()));
  out.children.reserve(found.size());
  out.loops.reserve(found.size());
  for (ScopeChild& child : found) {
    out.children.push_back(child.realize);
    out.loops.push_back(std::move(child.loops));
  }
  if (out.children.empty()) return out;
  const size_t count = out.children.size();
  out.ids.reserve(count);
  out.dependencies.reserve(2 * count);
  out.writers.reserve(count + 2);
  out.readers.reserve(count + 6);
  std::vector<const Buffer*> reads, writes;
  reads.reserve(8);
  writes.reserve(2);
  for (size_t k = 0; k < count; ++k) {
    int c = static_cast<int>(k);
    const Block& block = *out.children[k]->block;
    out.ids.push_back(block.id);
    detail::distinct_buffers(block.reads, reads);
    detail::distinct_buffers(block.writes, writes);
    for (const Buffer* b : reads) out.readers[b].push_back(c);
    for (const Buffer* b : writes) out.writers[b].push_back(c);
    auto depend = [&](const std::vector<int>& sources, DepKind kind) {
      for (int s : sources)
        if (s != c) {
          out.dependencies.push_back({s, c, kind});
          out.flows_forward = out.flows_forward && kind <= DepKind::WAW;
        }
    };
    for (const Buffer* b : reads) depend(out.writers_of(b), DepKind::RAW);
    for (const Buffer* b : writes) depend(out.writers_of(b), DepKind::WAW);
    for (const Buffer* b : writes) depend(out.readers_of(b), DepKind::WAR);
  }
  return out;
}

namespace detail {

inline bool same_loop(const For* a, const For* b) {
  return a == b || (a->loop_var == b->loop_var && a->min == b->min && a->extent == b->extent &&
                    a->kind == b->kind && a->thread_binding == b->thread_binding);
}
// True when a block stands where it did: the same regions at the same values of the same loops.
inline bool same_place(const BlockRealize& a, const std::vector<const For*>& loops_a,
                       const BlockRealize& b, const std::vector<const For*>& loops_b) {
  const Block &x = *a.block, &y = *b.block;
  const bool same_uses = a.iter_values.shares(b.iter_values) && a.predicate == b.predicate &&
                         x.iter_vars.shares(y.iter_vars) && x.reads.shares(y.reads) &&
                         x.writes.shares(y.writes);
  return (&a == &b || same_uses) &&
         std::equal(loops_a.begin(), loops_a.end(), loops_b.begin(), loops_b.end(), same_loop);
}

inline bool same_buffers(const BufferRegions& a, const BufferRegions& b) {
  return a.shares(b) ||
         std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x->buffer == y->buffer; });
}

// What was found about cover, for the children that stand where they did and so do those that they
// read from.
inline void keep_cover(const BlockScope& before, BlockScope& now) {
  if (before.covered.empty()) return;
  const size_t count = now.children.size();
  now.covered.assign(count, BlockScope::Cover::Unknown);
  std::vector<int> was(count, -1);
  for (size_t c = 0, guess = 0; c < count; ++c, ++guess) {
    if (guess >= before.ids.size() || before.ids[guess] != now.ids[c]) {
      const int found = before.find(now.ids[c]);
      if (found < 0) continue;
      guess = static_cast<size_t>(found);
    }
    if (same_place(*now.children[c], now.loops[c], *before.children[guess], before.loops[guess]))
      was[c] = static_cast<int>(guess);
  }
  for (size_t c = 0; c < count; ++c) {
    if (was[c] < 0) continue;
    auto same_source = [&](const Dependency& a, const Dependency& b) {
      return was[static_cast<size_t>(a.src)] == b.src && a.kind == b.kind;
    };
    const auto to = now.into(static_cast<int>(c)), from = before.into(was[c]);
    if (std::equal(to.begin(), to.end(), from.begin(), from.end(), same_source))
      now.covered[c] = before.covered[static_cast<size_t>(was[c])];
  }
}

// The scope that a thread asked for last. It holds the members, so they are not changed in place;
// what is around them may be.
class KeptScope {
 public:
  std::shared_ptr<const BlockScope> look_up(const StmtNode& scope) {
    std::span<const Stmt> now = BlockScope::members(scope);
    if (!graph_ || now.size() != members_.size() || !update(now)) {
      auto graph = std::make_shared<BlockScope>(BlockScope::of(scope));
      if (graph_) keep_cover(*graph_, *graph);
      graph_ = std::move(graph);
      members_.assign(now.begin(), now.end());
    }
    return graph_;
  }

 private:
  // False when the graph is another one: a member has other blocks, or they use other buffers.
  bool update(std::span<const Stmt> now) {
    for (size_t m = 0; m < now.size(); ++m)
      if (now[m] != members_[m] && !replace(m, now[m])) return false;
    return true;
  }
  bool replace(size_t m, const Stmt& member) {
    const auto begin = static_cast<size_t>(graph_->member_begin[m]);
    const auto end = static_cast<size_t>(graph_->member_begin[m + 1]);
    above_.clear();
    found_.clear();
    collect_children(*member, above_, found_);
    if (found_.size() != end - begin) return false;
    for (size_t k = begin; k < end; ++k) {
      const Block &block = *found_[k - begin].realize->block, &before = *graph_->children[k]->block;
      if (block.id != before.id || !same_buffers(block.reads, before.reads) ||
          !same_buffers(block.writes, before.writes))
        return false;
    }
    // Who still holds the graph goes on with it as it was.
    if (graph_.use_count() != 1) graph_ = std::make_shared<BlockScope>(*graph_);
    for (size_t k = begin; k < end; ++k) {
      ScopeChild& child = found_[k - begin];
      std::swap(graph_->loops[k], child.loops);
      std::swap(graph_->children[k], child.realize);
      if (!graph_->covered.empty() &&
          !same_place(*graph_->children[k], graph_->loops[k], *child.realize, child.loops))
        forget_cover(static_cast<int>(k));
    }
    members_[m] = member;
    return true;
  }
  // Of a child and of those who read what it writes.
  void forget_cover(int child) {
    graph_->covered[static_cast<size_t>(child)] = BlockScope::Cover::Unknown;
    for (const auto& write : graph_->block(child).writes)
      for (int reader : graph_->readers_of(write->buffer.get()))
        graph_->covered[static_cast<size_t>(reader)] = BlockScope::Cover::Unknown;
  }

  std::vector<Stmt> members_;
  std::shared_ptr<BlockScope> graph_;
  std::vector<const For*> above_;
  std::vector<ScopeChild> found_;
};

}  // namespace detail

METASCHEDULE_INLINE std::shared_ptr<const BlockScope> BlockScope::kept(const StmtNode& scope) {
  thread_local detail::KeptScope last;
  return last.look_up(scope);
}

METASCHEDULE_INLINE int BlockScope::find(BlockId id) const {
  auto at = std::find(ids.begin(), ids.end(), id);
  return at == ids.end() ? -1 : static_cast<int>(at - ids.begin());
}
METASCHEDULE_INLINE size_t BlockScope::member_of(int child) const {
  auto after = std::upper_bound(member_begin.begin(), member_begin.end(), child);
  return static_cast<size_t>(after - member_begin.begin()) - 1;
}
METASCHEDULE_INLINE std::span<const Dependency> BlockScope::into(int child) const {
  auto before = [](const Dependency& d, int c) { return d.dst < c; };
  auto first = std::lower_bound(dependencies.begin(), dependencies.end(), child, before);
  auto last = std::lower_bound(first, dependencies.end(), child + 1, before);
  return {first, last};
}
METASCHEDULE_INLINE std::vector<int> BlockScope::producers(int child) const {
  std::vector<int> out;
  for (const Dependency& d : into(child))
    if (d.kind <= DepKind::WAW) detail::add_once(out, d.src);
  return out;
}
METASCHEDULE_INLINE std::vector<int> BlockScope::consumers(int child) const {
  // Those who read or write again, after the child, what it writes; in their order.
  std::vector<int> out;
  if (child < 0) return out;
  for (const auto& write : block(child).writes) {
    const Buffer* buffer = write->buffer.get();
    for (const auto* users : {&readers_of(buffer), &writers_of(buffer)})
      for (int user : *users)
        if (user > child) detail::add_once(out, user);
  }
  std::sort(out.begin(), out.end());
  return out;
}

METASCHEDULE_INLINE bool reads_buffer(const Block& block, const Buffer* buffer) {
  return std::any_of(block.reads.begin(), block.reads.end(),
                     [&](const auto& region) { return region->buffer.get() == buffer; });
}
METASCHEDULE_INLINE bool writes_buffer(const Block& block, const Buffer* buffer) {
  return std::any_of(block.writes.begin(), block.writes.end(),
                     [&](const auto& region) { return region->buffer.get() == buffer; });
}
METASCHEDULE_INLINE bool is_output_block(const Block& block, const Block& scope) {
  for (const auto& region : block.writes) {
    const auto& alloc = scope.alloc_buffers;
    if (std::find(alloc.begin(), alloc.end(), region->buffer) == alloc.end()) return true;
  }
  return false;
}
METASCHEDULE_INLINE bool is_dominant(const Block& block, const BlockScope& scope) {
  for (const auto& region : block.writes)
    if (scope.writers_of(region->buffer.get()).size() > 1) return false;
  return true;
}
METASCHEDULE_INLINE bool has_only_spatial_iters(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(),
                     [](const auto& iter) { return iter->iter_type == IterType::DataPar; });
}
METASCHEDULE_INLINE bool has_only_spatial_or_reduce_iters(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(), [](const auto& iter) {
    return iter->iter_type == IterType::DataPar || iter->iter_type == IterType::CommReduce;
  });
}

METASCHEDULE_INLINE bool reduction_indexes_output(const Block& block) {
  std::vector<const Var*> reduce;
  for (const auto& iter : block.iter_vars)
    if (iter->iter_type == IterType::CommReduce) reduce.push_back(iter->var.get());
  if (reduce.empty()) return false;
  std::vector<const Buffer*> outputs;
  for (const auto& region : block.writes) outputs.push_back(region->buffer.get());
  bool affected = false;
  auto check_store = [&](const BufferStore& store) {
    for (const Expr& index : store.indices)
      affected = affected || any_node(*index, [&](const Node& n) {
                   return std::find(reduce.begin(), reduce.end(), &n) != reduce.end();
                 });
  };
  auto visit = [&](const auto& self, const StmtNode& stmt) -> void {
    if (affected) return;
    if (const BufferStore* store = as<BufferStore>(&stmt)) return check_store(*store);
    for_each_substmt(stmt, [&](const StmtNode& below) { self(self, below); });
  };
  visit(visit, *block.body);
  return affected;
}

METASCHEDULE_INLINE int complete_block_violation(const Block& block, const BlockScope& scope) {
  if (!has_only_spatial_iters(block)) return 1;
  if (!is_dominant(block, scope)) return 2;
  for (const auto& region : block.writes)
    if (reads_buffer(block, region->buffer.get())) return 3;
  return 0;
}
METASCHEDULE_INLINE int reduction_block_violation(const Block& block, const BlockScope& scope,
                                                  bool affine_binding) {
  if (!block.init) return 1;
  if (!affine_binding) return 2;
  if (!has_only_spatial_or_reduce_iters(block)) return 3;
  if (!is_dominant(block, scope)) return 4;
  return reduction_indexes_output(block) ? 5 : 0;
}

METASCHEDULE_INLINE const char* complete_block_definition() {
  return "Definition of a complete block: 1) all axes are data parallel; 2) dominant: it is the "
         "only writer of its outputs in the scope; 3) it does not read a buffer that it writes";
}
METASCHEDULE_INLINE const char* reduction_block_definition() {
  return "Definition of a reduction block: 1) it has an init statement; 2) all bindings are "
         "affine; "
         "3) all axes are data parallel or reductions; 4) dominant: it is the only writer of its "
         "outputs in the scope; 5) reduction axes do not index its outputs";
}

}  // namespace metaschedule
