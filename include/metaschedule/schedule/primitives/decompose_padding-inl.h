// SPDX-License-Identifier: Apache-2.0
// decompose_padding.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/renew.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/padding.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

/// Replaces variables, with indices and regions simplified where that changes them.
class IndexShifter : public Rewriter {
 public:
  explicit IndexShifter(const VarMap& map) : map_(map) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = map_.find(var);
      return it == map_.end() ? nullptr : Ref<Node>(it->second);
    }
    Ref<Node> out = rewrite_children(node);
    if (!out) return nullptr;
    switch (node.kind) {
      case Kind::BufferLoad:
        return with_simple_indices(cast_to<BufferLoad>(*out));
      case Kind::BufferStore:
        return with_simple_indices(cast_to<BufferStore>(*out));
      case Kind::Range: {
        const auto& range = cast_to<Range>(*out);
        return make<Range>(analyzer_.simplify(range.min), analyzer_.simplify(range.extent));
      }
      default:
        return out;
    }
  }

 private:
  template <class T>
  Ref<Node> with_simple_indices(const T& access) {
    auto copy = mutate(access);
    std::vector<Expr> indices;
    for (const Expr& index : access.indices) indices.push_back(analyzer_.simplify(index));
    copy->indices = indices;
    return Ref<T>(copy);
  }
  const VarMap& map_;
  arith::Analyzer analyzer_;
};

class PaddingDecomposer {
 public:
  PaddingDecomposer(const ScheduleState& state, BlockRV block, LoopRV loop)
      : path_(state.path_of(block)) {
    ScopeRoot scope = scope_root(state, path_, false);
    int violated = complete_block_violation(self(), scope.graph());
    if (violated != 0)
      refuse(fmt::format("The block {{0}} is not a complete block - it violates condition #{}.\n{}",
                         violated, complete_block_definition()),
             {&self()});
    const auto* target = static_cast<const For*>(state.path_of(loop).back());
    loops_ = path_.loops_above();
    auto at = std::find(loops_.begin(), loops_.end(), target);
    refuse_unless(at != loops_.end(),
                  "ScheduleError: The input loop {0} of decompose_padding is required to be an "
                  "ancestor of block {1}",
                  {target, &self()});
    from_ = static_cast<size_t>(at - loops_.begin());
    match_pattern();
    find_inside();
  }

  void run(ScheduleState& state, std::vector<TableEntry>& outputs) {
    size_t level = 0;
    while (path_.nodes[level] != loops_[from_]) ++level;
    BlockId id = 0;
    Stmt filling = const_nest(id);
    Stmt trimmed = trimmed_nest(level);
    state.replace(path_, level, flatten_seq({filling, trimmed}));
    outputs.push_back(TableEntry::block(id));
  }

 private:
  const BlockRealize& realize() const { return static_cast<const BlockRealize&>(*path_.back()); }
  const Block& self() const { return *realize().block; }

  void expect(bool ok, const char* reason) const {
    if (!ok)
      refuse(fmt::format("ScheduleError: decompose_padding expect the block {{0}} to match padding "
                         "pattern\n  {}",
                         reason),
             {&self()});
  }

  void match_pattern() {
    store_ = as<BufferStore>(self().body);
    expect(store_ != nullptr, "Block body expect a BufferStore to the write buffer");
    const Call* choice = as<Call>(store_->value);
    bool matches = choice && is_call_to(choice, Op::get("if_then_else"));
    expect(matches, "Value of BufferStore expect to be constrained by a padding predicate");
    condition_ = choice->args[0];
    value_ = choice->args[1];
    padding_ = choice->args[2];
    expect(is_const_number(padding_), "Pad value should be a constant");
    bool pure = !any_node(*value_, [](const Node& node) {
      const Call* call = as<Call>(&node);
      const Op* op = call ? as<Op>(call->op) : nullptr;
      return call && !(op && op->effect <= CallEffect::ReadState);
    });
    expect(pure, "Inbound value expects to have no side effects");
  }
  /// The box of axis values where the condition holds.
  void find_inside() {
    for (const For* loop : loops_)
      analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    Expr bound = substitute(condition_, axis_values(realize()));
    inside_ = analyzer_.simplify(without_likely(logical_and(bound, realize().predicate)));
    expect(!is_one(inside_), "The padding condition always holds");
    auto map = arith::detect_iter_map(realize().iter_values.vec(), loop_ranges(loops_), inside_,
                                      arith::IterMapLevel::Surjective, analyzer_);
    expect(static_cast<bool>(map), "Block iters are not independent wrt padding condition");
    for (const arith::IterSumExpr& sum : map.indices) {
      if (sum.args.empty()) {
        box_.push_back(make<Range>(sum.base, int_imm(sum.base->dtype, 1)));
        continue;
      }
      expect(sum.args.size() == 1 && is_one(sum.args[0].scale),
             "Strided iteration is not supported");
      box_.push_back(make<Range>(sum.base, sum.args[0].extent));
    }
    check_exact();
  }
  /// The condition must hold on all of the box: what is not known is refused.
  void check_exact() {
    arith::Analyzer analyzer;
    for (size_t i = 0; i < box_.size(); ++i) analyzer.bind(self().iter_vars[i]->var, box_[i], true);
    expect(analyzer.can_prove(condition_), "The padding condition does not hold on a box");
  }
  static Expr without_likely(const Expr& condition) {
    auto strip = [](const Node& node) -> Ref<Node> {
      if (!is_call_to(&node, Op::get("likely"))) return nullptr;
      return static_cast<const Call&>(node).args[0];
    };
    return cast_to<ExprNode>(rewrite_post_order(*condition, strip));
  }

  /// The whole domain filled with the constant, under loops of its own.
  Stmt const_nest(BlockId& id) {
    auto block = mutate(self());
    block->reads = {};
    block->name_hint += "_pad_const";
    auto store = mutate(*store_);
    store->value = padding_;
    block->body = Ref<BufferStore>(store);
    arith::Analyzer outside;
    for (size_t i = 0; i < from_; ++i)
      outside.bind(loops_[i]->loop_var, make<Range>(loops_[i]->min, loops_[i]->extent));
    std::vector<Expr> values;
    for (const Expr& value : realize().iter_values) values.push_back(outside.simplify(value));
    Stmt nest = make<BlockRealize>(values, realize().predicate, BlockRef(block));
    for (size_t i = loops_.size(); i-- > from_;)
      nest =
          make<For>(loops_[i]->loop_var, loops_[i]->min, loops_[i]->extent, ForKind::Serial, nest);
    nest = renewed(nest);
    id = top_blocks(*nest)[0]->block->id;
    return nest;
  }

  /// The nest at `level` with the block over the box only.
  Stmt trimmed_nest(size_t level) {
    // Loops that hold nothing but the block, from the inside, and are an axis of it.
    size_t chain = path_.size() - 1;
    while (chain > level && is_only_child(chain)) --chain;
    VarMap loop_map, axis_map;
    std::unordered_map<const For*, Expr> extents;
    std::vector<Expr> values;
    std::vector<Ref<IterVar>> axes;
    for (size_t i = 0; i < box_.size(); ++i) {
      const IterVar& iter = *self().iter_vars[i];
      const Expr &base = box_[i]->min, &value = realize().iter_values[i];
      auto axis = mutate(iter);
      axis->dom = make<Range>(int_imm(iter.var->dtype, 0), box_[i]->extent);
      axes.push_back(axis);
      axis_map.emplace(iter.var.get(), iter.var + base);
      const For* loop = nullptr;
      for (size_t k = chain; k + 1 < path_.size(); ++k) {
        const For* candidate = as<For>(path_.nodes[k]);
        if (candidate && candidate->loop_var.get() == value.get()) loop = candidate;
      }
      if (loop) {
        extents.emplace(loop, box_[i]->extent);
        loop_map.emplace(loop->loop_var.get(), loop->loop_var + base);
      }
      values.push_back(loop ? value : analyzer_.simplify(value - base));
    }
    arith::Analyzer analyzer;
    for (const For* loop : loops_) {
      auto it = extents.find(loop);
      Ref<Range> range = it == extents.end()
                             ? make<Range>(loop->min, loop->extent)
                             : make<Range>(int_imm(loop->loop_var->dtype, 0), it->second);
      analyzer.bind(loop->loop_var, range);
    }
    Expr predicate = analyzer.simplify(substitute(inside_, loop_map));
    auto store = mutate(*store_);
    store->value = value_;
    auto plain = mutate(self());
    plain->body = Ref<BufferStore>(store);
    auto block = mutate(IndexShifter(axis_map)(BlockRef(plain)));
    block->iter_vars = axes;
    Stmt out = make<BlockRealize>(values, predicate, BlockRef(block));
    for (size_t i = path_.size() - 1; i-- > level;) {
      const For* loop = as<For>(path_.nodes[i]);
      auto it = loop ? extents.find(loop) : extents.end();
      if (it == extents.end()) {
        out = with_substmt(*path_.nodes[i], path_.nodes[i + 1], out);
        continue;
      }
      out = make<For>(loop->loop_var, int_imm(loop->loop_var->dtype, 0), it->second, loop->kind,
                      out, loop->thread_binding, loop->annotations);
    }
    return out;
  }
  /// Whether the statement at `level` is all that the loop above it holds.
  bool is_only_child(size_t level) const {
    const For* above = as<For>(path_.nodes[level - 1]);
    return above && above->body.get() == path_.nodes[level];
  }

  Path path_;
  LoopStack loops_;
  size_t from_ = 0;  // the position of the given loop
  const BufferStore* store_ = nullptr;
  Expr condition_, value_, padding_;
  Expr inside_;  // the condition over loops
  std::vector<Ref<Range>> box_;
  arith::Analyzer analyzer_;
};

}  // namespace detail

METASCHEDULE_INLINE void DecomposePadding::apply(ScheduleState& state,
                                                 std::vector<TableEntry>& outputs) {
  detail::PaddingDecomposer(state, block, loop).run(state, outputs);
}

METASCHEDULE_INLINE BlockRV PaddingMethods::decompose_padding(BlockRV block, LoopRV loop) {
  return static_cast<Schedule*>(this)->run(DecomposePadding{block, loop});
}
METASCHEDULE_INLINE bool PaddingMethods::can_decompose_padding(BlockRV block, LoopRV loop) const {
  try {
    detail::PaddingDecomposer(static_cast<const Schedule&>(*this), block, loop);
  } catch (const ScheduleError&) {
    return false;
  }
  return true;
}

}  // namespace metaschedule
