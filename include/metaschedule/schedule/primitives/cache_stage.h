// SPDX-License-Identifier: Apache-2.0
// A block that copies between a buffer and its cache, and turning users of the one to the other.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/scope.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule::detail {

// One copy between a buffer and its cache, and who uses the cache.
struct CacheStage {
  BufferRef original, cache;
  bool is_read = true;  // the stage fills the cache, or empties it
  StagePlace place;
  Ranges region;       // of the original
  bool full = false;   // the cache has the shape of the original, not of the region
  Expr written_where;  // the predicate of the block that writes the original, if there is one
  Stmt stmt;
  BlockRef block;

  // Whether an index lies in [0, size) by the bounds of its variables, which is seen at once.
  static bool lies_inside(const Expr& at, const Expr& size, arith::Analyzer& analyzer) {
    const IntImm* end = as<IntImm>(size);
    if (!end) return false;
    const arith::ConstIntBound bound = analyzer.const_int_bound(at);
    return bound.min_value >= 0 && bound.max_value < end->value;
  }

  // The part of `bounds` that is not known. Where something is not, the condition under which the
  // buffer was written in this step of the loops outside is added, and may make it known.
  Expr inside(const std::vector<Expr>& bounds, const LoopStack& outer,
              arith::Analyzer& analyzer) const {
    auto known = [&](const Expr& bound) {
      return analyzer.can_prove(bound, arith::ProofStrength::SymbolicBound);
    };
    if (std::all_of(bounds.begin(), bounds.end(), known)) return true_();
    Expr out = outer_part(written_where, outer);
    auto scope = analyzer.with_constraint(out);
    Expr rest = true_();
    for (const Expr& bound : bounds)
      if (!known(bound)) rest = logical_and(rest, bound);
    return logical_and(out, analyzer.simplify(rest));
  }
  // The terms of a condition that use no other loops than these.
  static Expr outer_part(const Expr& condition, const LoopStack& outer) {
    if (!condition) return true_();
    if (const And* both = as<And>(condition))
      return logical_and(outer_part(both->a, outer), outer_part(both->b, outer));
    bool other = uses_var(*condition, [&](const Var* var) {
      return std::none_of(outer.begin(), outer.end(),
                          [&](const For* loop) { return loop->loop_var.get() == var; });
    });
    return other ? true_() : condition;
  }

  // `outer` are the loops around the stage in its scope, which is the body of `root`.
  void build(const LoopStack& outer, const Block& root) {
    arith::Analyzer analyzer;
    for (const auto& iter : root.iter_vars) analyzer.bind(iter->var, iter->dom);
    for (const For* loop : outer)
      analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    std::vector<Expr> bounds;
    std::vector<VarRef> loops;
    std::vector<Ref<IterVar>> iters;
    std::vector<Expr> values, original_at, cache_at;
    std::vector<Expr> shape;
    for (size_t i = 0; i < region.size(); ++i) {
      const Range& range = *region[i];
      DType dtype = range.extent->dtype;
      VarRef loop = make<Var>(fmt::format("ax{}", i), dtype),
             axis = make<Var>(fmt::format("v{}", i), dtype);
      loops.push_back(loop);
      Expr extent = full ? original->shape[i] : range.extent;
      iters.push_back(
          make<IterVar>(make<Range>(int_imm(dtype, 0), extent), axis, IterType::DataPar));
      values.push_back(full ? range.min + loop : Expr(loop));
      original_at.push_back(full ? Expr(axis) : range.min + axis);
      cache_at.push_back(axis);
      shape.push_back(extent);
      // An estimate of the region from above may reach beyond the buffer.
      analyzer.bind(loop, make<Range>(int_imm(dtype, 0), range.extent));
      Expr at = range.min + loop;
      if (lies_inside(at, original->shape[i], analyzer)) continue;
      bounds.push_back(ge(at, int_imm(dtype, 0)));
      bounds.push_back(lt(at, original->shape[i]));
    }
    if (!full) {
      auto sized = mutate(cache);
      sized->shape = shape;
      cache = sized;
    }
    const BufferRef &from = is_read ? original : cache, &to = is_read ? cache : original;
    const Exprs from_at(is_read ? original_at : cache_at), to_at(is_read ? cache_at : original_at);
    block = make<Block>(List<IterVar>(iters), BufferRegions{point_region(from, from_at)},
                        BufferRegions{point_region(to, to_at)}, cache->name,
                        make<BufferStore>(to, load(from, from_at), to_at));
    stmt = make<BlockRealize>(values, inside(bounds, outer, analyzer), block);
    for (size_t i = loops.size(); i-- > 0;)
      stmt = make<For>(loops[i], int_imm(loops[i]->dtype, 0), region[i]->extent, ForKind::Serial,
                       stmt);
  }
};

// Puts the stage into the scope and turns accesses of some blocks to the cache.
class CacheRewriter : public Rewriter {
 public:
  CacheRewriter(const StmtNode& scope, const CacheStage& stage, std::vector<BlockId> users)
      : scope_(scope), stage_(stage), users_(std::move(users)) {}

  Stmt run() {
    const auto& realize = static_cast<const BlockRealize&>(scope_);
    auto block = mutate(realize.block);
    block->body = (*this)(realize.block->body);
    if (stage_.place.node == &scope_)
      block->body = insert_stage(block->body, stage_.place.position, stage_.stmt);
    std::vector<BufferRef> buffers = block->alloc_buffers.vec();
    buffers.push_back(stage_.cache);
    block->alloc_buffers = buffers;
    return with_block(realize, block);
  }

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::For:
        return visit_loop(static_cast<const For&>(node));
      case Kind::Block:
        return visit_block(static_cast<const Block&>(node));
      case Kind::BufferLoad:
        return visit_access(static_cast<const BufferLoad&>(node), active_);
      case Kind::BufferStore:
        return visit_access(static_cast<const BufferStore&>(node), active_ && !stage_.is_read);
      case Kind::Var:
        return active_ && &node == stage_.original->data.get() ? stage_.cache->data : nullptr;
      case Kind::BufferRegion:
        return active_ ? redirect(static_cast<const BufferRegion&>(node)) : nullptr;
      default:
        return rewrite_children(node);
    }
  }

 private:
  Ref<Node> visit_loop(const For& loop) {
    Ref<Node> inner = rewrite_children(loop);
    if (stage_.place.node != &loop) return inner;
    auto copy = mutate(inner ? static_cast<const For&>(*inner) : loop);
    copy->body = insert_stage(copy->body, stage_.place.position, stage_.stmt);
    return Stmt(copy);
  }

  Ref<Node> visit_block(const Block& block) {
    // Who gives the buffer that is read goes on writing it.
    if (stage_.is_read && writes_buffer(block, stage_.original.get())) return nullptr;
    bool before = active_;
    bool named = std::find(users_.begin(), users_.end(), block.id) != users_.end();
    active_ = stage_.is_read ? users_.empty() || named : active_ || named;
    Ref<Node> out = rewrite_children(block);
    if (active_ && find_source(block.match_buffers) &&
        stage_.cache->scope() != stage_.original->scope())
      refuse(fmt::format("MatchBuffer scope mismatch: {} vs. {}, as block {{0}} matches a part of "
                         "the buffer {{1}}",
                         stage_.original->scope(), stage_.cache->scope()),
             {&block, stage_.original.get()});
    active_ = before;
    return out;
  }
  bool find_source(const List<MatchBufferRegion>& matches) const {
    return std::any_of(matches.begin(), matches.end(),
                       [&](const auto& match) { return match->source->buffer == stage_.original; });
  }

  template <class T>
  Ref<Node> visit_access(const T& access, bool redirected) {
    Ref<Node> inner = rewrite_children(access);
    if (!redirected || access.buffer != stage_.original) return inner;
    auto copy = mutate(inner ? static_cast<const T&>(*inner) : access);
    copy->buffer = stage_.cache;
    if (!stage_.full) {
      std::vector<Expr> indices;
      for (size_t i = 0; i < copy->indices.size(); ++i)
        indices.push_back(shift(copy->indices[i], i));
      copy->indices = indices;
    }
    return Ref<T>(copy);
  }

  Ref<Node> redirect(const BufferRegion& region) {
    if (region.buffer != stage_.original) return nullptr;
    // Only reads of blocks come here while reading, as their writers were left alone.
    std::vector<Ref<Range>> ranges = region.region.vec();
    if (!stage_.full)
      for (size_t i = 0; i < ranges.size(); ++i)
        ranges[i] = make<Range>(shift(ranges[i]->min, i), ranges[i]->extent);
    return make<BufferRegion>(stage_.cache, Ranges(ranges));
  }

  Expr shift(const Expr& index, size_t dim) {
    const Expr& min = stage_.region[dim]->min;
    return is_zero(min) ? index : analyzer_.simplify(index - min);
  }

  const StmtNode& scope_;
  const CacheStage& stage_;
  std::vector<BlockId> users_;
  bool active_ = false;
  arith::Analyzer analyzer_;
};

}  // namespace metaschedule::detail
