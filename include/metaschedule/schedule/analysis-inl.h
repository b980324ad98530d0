// SPDX-License-Identifier: Apache-2.0
// Region cover and stage pipelines.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/bindings.h"
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

class RegionCover {
 public:
  RegionCover(const Path& scope, const BlockScope& graph) : graph_(graph) {
    for (const StmtNode* above : scope.nodes)
      if (const For* loop = as<For>(above)) outer_.push_back(loop);
  }

  bool covered(int consumer) {
    // Producers by the number of loops they share with the consumer: one number is one statement.
    std::vector<std::pair<size_t, int>> producers;
    looked_at_ = {consumer};
    analyzer_ready_ = false;
    for (const Dependency& d : graph_.into(consumer)) {
      if (d.kind != DepKind::RAW) continue;
      std::pair<size_t, int> entry{shared_loops(d.src, consumer), d.src};
      if (std::find(producers.begin(), producers.end(), entry) == producers.end())
        producers.push_back(entry);
      looked_at_.push_back(d.src);
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
  const std::vector<const For*>& loops_of(int child) const {
    return graph_.loops[static_cast<size_t>(child)];
  }
  const BlockRealize& realize(int child) const {
    return *graph_.children[static_cast<size_t>(child)];
  }
  size_t shared_loops(int a, int b) const {
    const auto &x = loops_of(a), &y = loops_of(b);
    size_t n = 0;
    while (n < x.size() && n < y.size() && x[n] == y[n]) ++n;
    return n;
  }

  bool covered_under(size_t depth, const std::vector<int>& producers, int consumer) {
    if (covered_as_is(depth, producers, consumer)) return true;
    // Once more with the digits of the loops around both as variables of their own.
    const auto& loops = loops_of(consumer);
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
    const Block& reader = *realize(consumer).block;
    for (const Ref<BufferRegion>& read : reader.reads) {
      const Buffer* buffer = read->buffer.get();
      if (covered_linearly(depth, producers, consumer, *read)) continue;
      std::vector<std::vector<arith::IntSet>> produced;
      for (int p : producers) {
        for (const Ref<BufferRegion>& write : realize(p).block->writes) {
          if (write->buffer.get() == buffer) produced.push_back(lower_bound(p, *write, depth));
        }
      }
      if (produced.empty()) continue;
      auto consumed = arith::estimate_region_upper_bound(
          bound_region(consumer, *read), domain(consumer, depth, *buffer),
          with_digits(realize(consumer).predicate), analyzer());
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
      for (const Ref<BufferRegion>& write : realize(p).block->writes) {
        if (write->buffer != read.buffer) continue;
        if (written) return false;
        written = write.get();
        writer = p;
      }
    }
    if (!written) return true;
    if (linear_covers(linear(writer), *written, linear(consumer), read, depth)) return true;
    // Once more at each step of the loops that decide how long others are.
    auto all_steps = deciding_steps(loops_of(writer), depth);
    if (all_steps.empty()) all_steps = deciding_steps(loops_of(consumer), depth);
    auto covers_at = [&](const LinearSteps& steps) {
      LinearChild from(realize(writer), loops_of(writer), false, steps);
      LinearChild to(realize(consumer), loops_of(consumer), false, steps);
      return linear_covers(from, *written, to, read, depth);
    };
    return !all_steps.empty() && std::all_of(all_steps.begin(), all_steps.end(), covers_at);
  }
  LinearChild& linear(int index) {
    for (const auto& [known, form] : linear_)
      if (known == index) return *form;
    linear_.emplace_back(index, std::make_unique<LinearChild>(realize(index), loops_of(index)));
    return *linear_.back().second;
  }

  std::vector<arith::IntSet> lower_bound(int producer, const BufferRegion& write, size_t depth) {
    auto bound = arith::estimate_region_lower_bound(
        bound_region(producer, write), domain(producer, depth, *write.buffer),
        with_digits(realize(producer).predicate), analyzer());
    if (bound) return std::move(*bound);
    return std::vector<arith::IntSet>(write.region.size(), arith::IntSet::nothing());
  }

  /// A region of the block in terms of loops.
  Ranges bound_region(int index, const BufferRegion& region) const {
    const BlockRealize& of = realize(index);
    VarMap values;
    for (size_t i = 0; i < of.iter_values.size(); ++i) {
      values.emplace(of.block->iter_vars[i]->var.get(), with_digits(of.iter_values[i]));
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
    const auto& loops = loops_of(index);
    for (size_t i = loops.size(); i-- > depth;) add(loops[i]);
    std::string scope = buffer.scope();
    auto add_thread = [&](const For* loop) {
      if (shares_buffer(*loop, scope)) add(loop);
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

  /// Knows the ranges of the loops outside and of those around the children looked at.
  arith::Analyzer& analyzer() {
    if (analyzer_ready_) return analyzer_;
    analyzer_ready_ = true;
    bind(outer_);
    for (int child : looked_at_) bind(loops_of(child));
    return analyzer_;
  }
  void bind(const std::vector<const For*>& loops) {
    for (const For* loop : loops)
      analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent), true);
  }

  Expr with_digits(const Expr& e) const { return digits_ ? (*digits_)(e) : e; }

  const BlockScope& graph_;
  DigitVars* digits_ = nullptr;
  std::vector<int> looked_at_;  // the consumer and its producers
  std::vector<const For*> outer_;
  std::vector<std::pair<int, std::unique_ptr<LinearChild>>> linear_;
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

METASCHEDULE_INLINE bool is_stage_pipeline(const Path& scope, const BlockScope& graph) {
  using Cover = BlockScope::Cover;
  if (!graph.flows_forward) return false;
  // Primitives ask this of one program again and again. Below a root there is nothing else that it
  // depends on, so that what was found is kept with the graph.
  std::vector<Cover> found;
  std::vector<Cover>& covered = scope.size() == 1 ? graph.covered : found;
  covered.resize(graph.children.size(), Cover::Unknown);
  std::optional<detail::RegionCover> cover;
  for (size_t i = 0; i < covered.size(); ++i) {
    if (covered[i] == Cover::Unknown) {
      if (!cover) cover.emplace(scope, graph);
      covered[i] = cover->covered(static_cast<int>(i)) ? Cover::Yes : Cover::No;
    }
    if (covered[i] == Cover::No) return false;
  }
  return true;
}
METASCHEDULE_INLINE bool kept_scopes_hold(const IRModule& module) {
  for (size_t f = 0; f < module.functions.size(); ++f) {
    const PrimFunc* func = as<PrimFunc>(module.functions[f].second);
    if (!func) continue;
    std::shared_ptr<const BlockScope> kept = BlockScope::kept(*func->body);
    BlockScope now = BlockScope::of(*func->body);
    if (kept->children != now.children || kept->dependencies != now.dependencies ||
        kept->loops != now.loops)
      return false;
    detail::RegionCover cover(Path{f, {func->body.get()}}, now);
    for (size_t i = 0; i < kept->covered.size(); ++i) {
      if (kept->covered[i] == BlockScope::Cover::Unknown) continue;
      if (cover.covered(static_cast<int>(i)) != (kept->covered[i] == BlockScope::Cover::Yes))
        return false;
    }
  }
  return true;
}

METASCHEDULE_INLINE BlockFlags block_flags(const Path& block) {
  BlockFlags flags;
  flags.stage_pipeline = is_stage_pipeline(block, BlockScope::of(*block.back()));
  int level = block.enclosing_block();
  if (level < 0) {
    flags.affine_binding = block_of(*block.back()).iter_vars.empty();
    return flags;
  }
  flags.affine_binding = is_affine_binding(block);
  BlockScope scope = BlockScope::of(*block.nodes[static_cast<size_t>(level)]);
  int child = scope.find(block_of(*block.back()).id);
  // A block inside the condition of another statement is a child all the same.
  METASCHEDULE_CHECK(child >= 0);
  flags.region_cover =
      is_region_covered(block.prefix(static_cast<size_t>(level) + 1), scope, child);
  return flags;
}

}  // namespace metaschedule
