// SPDX-License-Identifier: Apache-2.0
// Region cover and stage pipelines.
#pragma once

#include <algorithm>
#include <optional>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/digit_vars.h"
#include "metaschedule/schedule/linear_cover.h"

namespace metaschedule {

METASCHEDULE_INLINE bool relaxes_thread_axis(std::string_view storage_scope,
                                             std::string_view thread_tag) {
  bool is_thread_index = thread_tag.starts_with("threadIdx");
  bool per_thread = is_thread_index || thread_tag.starts_with("vthread") || thread_tag == "cthread";
  check<ValueError>(per_thread || thread_tag.starts_with("blockIdx"), "Unknown threadscope {}",
                    thread_tag);
  if (storage_scope.starts_with("warp")) return thread_tag == "threadIdx.x";
  if (storage_scope.starts_with("shared")) return per_thread;
  return false;
}

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

class RegionCover {
 public:
  RegionCover(const Path& scope, const BlockScope& graph)
      : graph_(graph), children_(children_with_loops(*scope.back())) {
    for (const StmtNode* above : scope.nodes)
      if (const For* loop = as<For>(above)) outer_.push_back(loop);
  }

  bool covered(int consumer) {
    // Producers by the number of loops they share with the consumer: one number is one statement.
    std::vector<std::pair<size_t, int>> producers;
    for (const Dependency& d : graph_.dependencies) {
      if (d.dst != consumer || d.kind != DepKind::RAW) continue;
      std::pair<size_t, int> entry{shared_loops(d.src, consumer), d.src};
      if (std::find(producers.begin(), producers.end(), entry) == producers.end())
        producers.push_back(entry);
    }
    while (!producers.empty()) {
      size_t depth = producers.front().first;
      std::vector<int> here;
      std::erase_if(producers, [&](const auto& entry) {
        if (entry.first != depth) return false;
        here.push_back(entry.second);
        return true;
      });
      if (!covered_under(depth, here, consumer)) return false;
    }
    return true;
  }

 private:
  size_t shared_loops(int a, int b) const {
    const auto &x = child(a).loops, &y = child(b).loops;
    size_t n = 0;
    while (n < x.size() && n < y.size() && x[n] == y[n]) ++n;
    return n;
  }
  const ScopeChild& child(int index) const { return children_[static_cast<size_t>(index)]; }

  bool covered_under(size_t depth, const std::vector<int>& producers, int consumer) {
    if (covered_as_is(depth, producers, consumer)) return true;
    // Once more with the digits of the loops around both as variables of their own.
    const auto& loops = child(consumer).loops;
    DigitVars digits(analyzer(), [&](const Var* var) {
      auto is_it = [&](const For* loop) {
        return loop->loop_var.get() == var && loop->kind != ForKind::ThreadBinding;
      };
      return std::any_of(loops.begin(), loops.begin() + static_cast<ptrdiff_t>(depth), is_it) ||
             std::any_of(outer_.begin(), outer_.end(), is_it);
    });
    digits_ = &digits;
    bool covered = covered_as_is(depth, producers, consumer);
    digits_ = nullptr;
    return covered;
  }

  bool covered_as_is(size_t depth, const std::vector<int>& producers, int consumer) {
    const Block& reader = *child(consumer).realize->block;
    for (const Ref<BufferRegion>& read : reader.reads) {
      const Buffer* buffer = read->buffer.get();
      if (covered_linearly(depth, producers, consumer, *read)) continue;
      std::vector<std::vector<arith::IntSet>> produced;
      for (int p : producers) {
        for (const Ref<BufferRegion>& write : child(p).realize->block->writes) {
          if (write->buffer.get() == buffer) produced.push_back(lower_bound(p, *write, depth));
        }
      }
      if (produced.empty()) continue;
      auto consumed = arith::estimate_region_upper_bound(
          bound_region(consumer, *read), domain(consumer, depth, *buffer),
          with_digits(child(consumer).realize->predicate), analyzer());
      if (!covers(*buffer, arith::union_region_lower_bound(produced), consumed)) return false;
    }
    return true;
  }

  /// True when it is easy to see that the one producer of a region covers it.
  bool covered_linearly(size_t depth, const std::vector<int>& producers, int consumer,
                        const BufferRegion& read) {
    const BufferRegion* written = nullptr;
    int writer = -1;
    for (int p : producers) {
      for (const Ref<BufferRegion>& write : child(p).realize->block->writes) {
        if (write->buffer != read.buffer) continue;
        if (written) return false;
        written = write.get();
        writer = p;
      }
    }
    if (!written) return true;
    return linear_covers(linear(writer), *written, linear(consumer), read, depth);
  }
  const LinearChild& linear(int index) {
    if (linear_.empty()) linear_.resize(children_.size());
    auto& slot = linear_[static_cast<size_t>(index)];
    if (!slot) slot.emplace(child(index));
    return *slot;
  }

  std::vector<arith::IntSet> lower_bound(int producer, const BufferRegion& write, size_t depth) {
    auto bound = arith::estimate_region_lower_bound(
        bound_region(producer, write), domain(producer, depth, *write.buffer),
        with_digits(child(producer).realize->predicate), analyzer());
    if (bound) return std::move(*bound);
    return std::vector<arith::IntSet>(write.region.size(), arith::IntSet::nothing());
  }

  /// A region of the block in terms of loops.
  Ranges bound_region(int index, const BufferRegion& region) const {
    const BlockRealize& realize = *child(index).realize;
    VarMap values;
    for (size_t i = 0; i < realize.iter_values.size(); ++i) {
      values.emplace(realize.block->iter_vars[i]->var.get(), with_digits(realize.iter_values[i]));
    }
    std::vector<Ref<Range>> out;
    out.reserve(region.region.size());
    for (const Ref<Range>& range : region.region) out.push_back(substitute(range, values));
    return out;
  }

  /// The loops of a child below the first `depth` ones, and the thread loops above that share the
  /// buffer.
  arith::IterRanges domain(int index, size_t depth, const Buffer& buffer) const {
    arith::IterRanges out;
    auto add = [&](const For* loop) {
      out.emplace_back(loop->loop_var,
                       make<Range>(with_digits(loop->min), with_digits(loop->extent)));
    };
    const auto& loops = child(index).loops;
    for (size_t i = loops.size(); i-- > depth;) add(loops[i]);
    std::string scope = buffer.scope();
    if (scope.empty() || scope.starts_with("global")) return out;
    auto add_thread = [&](const For* loop) {
      if (loop->kind == ForKind::ThreadBinding &&
          relaxes_thread_axis(scope, loop->thread_binding->thread_tag))
        add(loop);
    };
    for (size_t i = depth; i-- > 0;) add_thread(loops[i]);
    for (size_t i = outer_.size(); i-- > 0;) add_thread(outer_[i]);
    return out;
  }

  bool covers(const Buffer& buffer, const std::vector<arith::IntSet>& produced,
              const std::vector<arith::IntSet>& consumed) {
    for (size_t i = 0; i < produced.size(); ++i) {
      if (produced[i].is_nothing()) return false;
      if (!consumed[i].has_lower_bound() || !consumed[i].has_upper_bound()) continue;
      if (!produced[i].has_lower_bound() || !produced[i].has_upper_bound()) continue;
      // Only what lies inside the buffer counts.
      auto clip = [&](const arith::IntSet& set) {
        arith::IntSet all =
            arith::IntSet::from_min_extent(int_imm(buffer.shape[i]->dtype, 0), buffer.shape[i]);
        arith::IntSet inside = arith::intersect(set, all, analyzer());
        if (inside.is_nothing()) return inside;
        return arith::IntSet::interval(analyzer().simplify(inside.min()),
                                       analyzer().simplify(inside.max()));
      };
      arith::IntSet p = clip(produced[i]), c = clip(consumed[i]);
      if (c.is_nothing()) continue;
      if (p.is_nothing() || !not_above(p.min(), c.min()) || !not_above(c.max(), p.max()))
        return false;
    }
    return true;
  }
  bool not_above(const Expr& a, const Expr& b) {
    Expr difference = analyzer().canonical_simplify(a - b);
    return analyzer().can_prove(le(difference, int_imm(difference->dtype, 0)));
  }

  /// Knows the ranges of all loops that may occur.
  arith::Analyzer& analyzer() {
    if (analyzer_ready_) return analyzer_;
    analyzer_ready_ = true;
    auto bind = [&](const For* loop) {
      analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent), true);
    };
    for (const For* loop : outer_) bind(loop);
    for (const ScopeChild& child : children_)
      for (const For* loop : child.loops) bind(loop);
    return analyzer_;
  }

  Expr with_digits(const Expr& e) const { return digits_ ? (*digits_)(e) : e; }

  const BlockScope& graph_;
  DigitVars* digits_ = nullptr;
  std::vector<ScopeChild> children_;
  std::vector<const For*> outer_;
  std::vector<std::optional<LinearChild>> linear_;
  arith::Analyzer analyzer_;
  bool analyzer_ready_ = false;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<ScopeChild> children_with_loops(const StmtNode& scope) {
  std::vector<ScopeChild> out;
  std::vector<const For*> loops;
  for_each_substmt(scope,
                   [&](const StmtNode& below) { detail::collect_children(below, loops, out); });
  return out;
}

METASCHEDULE_INLINE std::vector<bool> region_cover(const Path& scope, const BlockScope& graph) {
  detail::RegionCover cover(scope, graph);
  std::vector<bool> out(graph.children.size());
  for (size_t i = 0; i < out.size(); ++i) out[i] = cover.covered(static_cast<int>(i));
  return out;
}
METASCHEDULE_INLINE bool is_region_covered(const Path& scope, const BlockScope& graph, int child) {
  return detail::RegionCover(scope, graph).covered(child);
}

namespace detail {
inline bool find_stage_pipeline(const Path& scope, const BlockScope& graph) {
  for (const Dependency& d : graph.dependencies)
    if (d.kind == DepKind::WAR || d.kind == DepKind::Opaque) return false;
  RegionCover cover(scope, graph);
  for (size_t i = 0; i < graph.children.size(); ++i)
    if (!cover.covered(static_cast<int>(i))) return false;
  return true;
}
}  // namespace detail

METASCHEDULE_INLINE bool is_stage_pipeline(const Path& scope, const BlockScope& graph) {
  // Primitives ask this of one program again and again. Below a root there is nothing else that it
  // depends on, and what the memo holds on to is not changed in place.
  struct Memo {
    Stmt scope;
    bool answer;
  };
  thread_local Memo memo{};
  if (scope.size() != 1) return detail::find_stage_pipeline(scope, graph);
  if (memo.scope.get() != scope.back()) {
    bool answer = detail::find_stage_pipeline(scope, graph);
    memo = {Stmt(scope.back()), answer};
  }
  return memo.answer;
}

}  // namespace metaschedule
