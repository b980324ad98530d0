// SPDX-License-Identifier: Apache-2.0
// Collecting the boxes of compact_buffer_allocation.
#pragma once

#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/lower/annotations.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/linear.h"

namespace metaschedule::lower::detail {

METASCHEDULE_INLINE void split_conjunction(const Expr& condition, std::vector<Expr>& out) {
  if (const And* a = as<And>(condition)) {
    split_conjunction(a->a, out);
    split_conjunction(a->b, out);
    return;
  }
  const Call* call = as<Call>(condition);
  if (call && is_call_to(call, Op::get("likely"))) return split_conjunction(call->args[0], out);
  if (!is_one(condition)) out.push_back(condition);
}

METASCHEDULE_INLINE RegionCollector::Guard::Guard(RegionCollector& owner, const Expr& condition)
    : owner_(owner), mark_(owner.conditions_.size()) {
  split_conjunction(condition, owner.conditions_);
}
METASCHEDULE_INLINE RegionCollector::Guard::~Guard() { owner_.conditions_.resize(mark_); }

METASCHEDULE_INLINE void RegionCollector::visit(const Node& node) {
  switch (node.kind) {
    case Kind::For:
      return loop(static_cast<const For&>(node));
    case Kind::BlockRealize:
      return realize(static_cast<const BlockRealize&>(node));
    case Kind::IfThenElse: {
      const IfThenElse& s = static_cast<const IfThenElse&>(node);
      visit(*s.condition);
      {
        Guard guard(*this, s.condition);
        visit(*s.then_case);
      }
      if (s.else_case) {
        Guard guard(*this, logical_not(s.condition));
        visit(*s.else_case);
      }
      return;
    }
    case Kind::Select: {
      const Select& s = static_cast<const Select&>(node);
      visit(*s.condition);
      {
        Guard guard(*this, s.condition);
        visit(*s.true_value);
      }
      Guard guard(*this, logical_not(s.condition));
      visit(*s.false_value);
      return;
    }
    case Kind::Call: {
      if (!is_call_to(&node, Op::get("if_then_else"))) break;
      const Exprs& args = static_cast<const Call&>(node).args;
      visit(*args[0]);
      {
        Guard guard(*this, args[0]);
        visit(*args[1]);
      }
      Guard guard(*this, logical_not(args[0]));
      visit(*args[2]);
      return;
    }
    case Kind::BufferLoad: {
      const BufferLoad& e = static_cast<const BufferLoad&>(node);
      if (open_.count(e.buffer.get()))
        access(e.buffer.get(), point_region(e.buffer, e.indices)->region);
      break;
    }
    case Kind::BufferStore: {
      const BufferStore& s = static_cast<const BufferStore&>(node);
      if (open_.count(s.buffer.get()))
        access(s.buffer.get(), point_region(s.buffer, s.indices)->region);
      break;
    }
    case Kind::Var:
      return opaque_access(static_cast<const Var*>(&node));
    default:
      break;
  }
  walk_children(node);
}

METASCHEDULE_INLINE void RegionCollector::loop(const For& loop) {
  visit(*loop.min);
  visit(*loop.extent);
  auto range = make<Range>(loop.min, loop.extent);
  analyzer_.bind(loop.loop_var, range, true);
  const bool thread = loop.kind == ForKind::ThreadBinding && loop.thread_binding;
  loops_.push_back({loop.loop_var.get(), arith::IntSet::from_range(*range), thread,
                    thread ? loop.thread_binding->thread_tag : std::string()});
  visit(*loop.body);
  loops_.pop_back();
}

METASCHEDULE_INLINE void RegionCollector::realize(const BlockRealize& realize) {
  const Block& block = *realize.block;
  visit(*realize.predicate);
  Guard guard(*this, realize.predicate);
  for (const BufferRef& b : block.alloc_buffers) {
    open_[b.get()] = {loops_.size(), {}, false};
    by_data_[b->data.get()] = b.get();
  }
  blocks_.push_back(&block);
  for (const StorageAlign& a : storage_aligns(block.annotations)) {
    if (a.buffer < 0 || a.buffer >= static_cast<int64_t>(block.writes.size())) continue;
    const Buffer* buffer = block.writes[a.buffer]->buffer.get();
    auto& rows = aligns[buffer];
    rows.resize(buffer->ndim());
    const int64_t axis = a.axis < 0 ? a.axis + static_cast<int64_t>(rows.size()) : a.axis;
    if (axis >= 0 && axis < static_cast<int64_t>(rows.size())) rows[axis] = {a.factor, a.offset};
  }
  for (const Ref<MatchBufferRegion>& m : block.match_buffers) {
    if (open_.count(m->source->buffer.get())) access(m->source->buffer.get(), m->source->region);
    for (const Ref<Range>& r : m->source->region) visit(*r);
  }
  if (block.init) visit(*block.init);
  visit(*block.body);
  blocks_.pop_back();
  for (const BufferRef& b : block.alloc_buffers) {
    boxes[b.get()] = box_of(*b, open_.at(b.get()));
    open_.erase(b.get());
    by_data_.erase(b->data.get());
  }
}

/// A use of the pointer itself counts as the region that the nearest block declares, all of the
/// buffer without one.
METASCHEDULE_INLINE void RegionCollector::opaque_access(const Var* data) {
  auto it = by_data_.find(data);
  if (it == by_data_.end()) return;
  const Buffer* buffer = it->second;
  for (size_t i = blocks_.size(); i-- > 0;) {
    bool found = false;
    for (const BufferRegions* list : {&blocks_[i]->reads, &blocks_[i]->writes}) {
      for (const Ref<BufferRegion>& r : *list) {
        if (r->buffer.get() != buffer) continue;
        access(buffer, r->region);
        found = true;
      }
    }
    if (found) return;
  }
  access(buffer, full_region(BufferRef(buffer))->region);
}

/// A thread loop outside of the allocation counts as run when the scope is shared by its threads.
METASCHEDULE_INLINE arith::DomMap RegionCollector::relaxed(size_t from,
                                                           const std::string& scope) const {
  arith::DomMap out;
  for (size_t i = 0; i < loops_.size(); ++i) {
    const Loop& l = loops_[i];
    bool relax = i >= from;
    if (!relax && l.thread) {
      const bool block = l.tag.starts_with("blockIdx");
      const bool global = scope.empty() || scope.starts_with("global");
      relax = global || (!block && scope.starts_with("shared")) ||
              (l.tag == "threadIdx.x" && scope.starts_with("warp"));
    }
    if (relax) out[l.var] = l.domain;
  }
  return out;
}

/// Narrows domains by the conditions in force that bound one of their variables by a constant. The
/// conjunction of those that bound several at once; null without any.
METASCHEDULE_INLINE Expr RegionCollector::tighten(arith::DomMap& domains) const {
  Expr rest;
  for (const Expr& condition : conditions_) {
    const std::vector<LinearBound> bounds = bounds_of_variable(condition);
    if (bounds.empty() && uses_var(*condition, [&](const Var* v) { return domains.count(v) > 0; }))
      rest = rest ? make<And>(rest, condition) : condition;
    for (const LinearBound& b : bounds) {
      auto it = domains.find(b.var);
      if (it == domains.end()) continue;
      arith::IntSet& set = it->second;
      auto lo = as_const_int(set.min()), hi = as_const_int(set.max());
      if (!lo || !hi) continue;
      const DType dtype = set.min()->dtype;
      const int64_t low = std::max(*lo, b.min), high = std::min(*hi, b.max);
      if (low > high) continue;  // dead code; what it would touch does not matter
      set = arith::IntSet::interval(int_imm(dtype, low), int_imm(dtype, high));
    }
  }
  return rest;
}

/// What is touched while the variables run over their domains and `condition`, if any, holds.
METASCHEDULE_INLINE std::vector<arith::IntSet> RegionCollector::touched(
    const Ranges& region, const arith::DomMap& domains, const Expr& condition) {
  if (condition) {
    arith::IterRanges iters;
    for (const Loop& l : loops_) {
      auto it = domains.find(l.var);
      if (it == domains.end()) continue;
      iters.emplace_back(VarRef(l.var),
                         make<Range>(it->second.min(),
                                     analyzer_.simplify(it->second.max() - it->second.min() + 1)));
    }
    return arith::estimate_region_upper_bound(region, iters, condition, analyzer_);
  }
  std::vector<arith::IntSet> sets;
  for (const Ref<Range>& r : region) sets.push_back(arith::eval_set(*r, domains, analyzer_));
  return sets;
}

METASCHEDULE_INLINE void RegionCollector::access(const Buffer* buffer, const Ranges& region) {
  Scope& scope = open_.at(buffer);
  arith::DomMap domains = relaxed(scope.loops, buffer->scope());
  const Expr condition = tighten(domains);
  std::vector<arith::IntSet> sets = touched(region, domains, condition);
  if (!scope.accessed) {
    scope.region = std::move(sets);
    scope.accessed = true;
    return;
  }
  for (size_t d = 0; d < sets.size(); ++d)
    scope.region[d] = arith::union_(scope.region[d], sets[d], analyzer_);
}

METASCHEDULE_INLINE Ranges RegionCollector::box_of(const Buffer& buffer, const Scope& scope) {
  std::vector<Ref<Range>> box;
  for (size_t d = 0; d < buffer.ndim(); ++d) {
    auto whole = make<Range>(make_zero(buffer.shape[d]->dtype), buffer.shape[d]);
    if (!scope.accessed) {
      box.push_back(whole);
      continue;
    }
    Ref<Range> r = scope.region[d].cover_range(whole);
    Expr min = analyzer_.simplify(metaschedule::max(make_zero(r->min->dtype), r->min));
    Expr extent =
        analyzer_.simplify(metaschedule::min(cast(r->extent->dtype, buffer.shape[d]), r->extent));
    const bool reads = any_node(
        *extent, [](const Node& n) { return n.kind == Kind::BufferLoad || n.kind == Kind::Call; });
    if (reads || any_node(*min, [](const Node& n) { return n.kind == Kind::BufferLoad; })) {
      box.push_back(whole);
      continue;
    }
    // Sizes may not depend on the loops outside: a constant bound, or the whole dimension.
    const bool varies = uses_var(*extent, [&](const Var* v) {
      for (const Loop& l : loops_)
        if (l.var == v) return true;
      return false;
    });
    if (varies) {
      const arith::ConstIntBound bound = analyzer_.const_int_bound(extent);
      if (bound.max_value >= (int64_t{1} << 31)) {
        box.push_back(whole);
        continue;
      }
      extent = int_imm(extent->dtype, bound.max_value);
    }
    box.push_back(make<Range>(min, extent));
  }
  return box;
}

}  // namespace metaschedule::lower::detail
