// SPDX-License-Identifier: Apache-2.0
// reverse_compute_inline: a consumer goes into its producer.
#pragma once

#include <cmath>

#include "metaschedule/arith/int_set.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/primitives/compute_inline-inl.h"

namespace metaschedule {

namespace detail {

/// The one buffer that a block reads among those written in its scope.
inline BufferRef single_input(const Block& block, const BlockScope& graph) {
  std::vector<const Buffer*> inputs;
  for (const auto& region : block.reads) {
    const Buffer* buffer = region->buffer.get();
    bool known = std::find(inputs.begin(), inputs.end(), buffer) != inputs.end();
    if (!known && !graph.writers_of(buffer).empty()) inputs.push_back(buffer);
  }
  if (inputs.size() != 1) {
    refuse(fmt::format("The block is only allowed to read a single buffer region that its scope "
                       "computes, but it reads {} region(s), of {} such buffers: {{0}}",
                       block.reads.size(), inputs.size()),
           {&block});
  }
  return BufferRef(inputs[0]);
}

/// The innermost blocks that write a buffer; those around them are not counted.
inline void collect_leaf_writers(const StmtNode& stmt, const Buffer* buffer,
                                 std::vector<const Block*>& out) {
  size_t before = out.size();
  for_each_substmt(stmt, [&](const StmtNode& s) { collect_leaf_writers(s, buffer, out); });
  if (stmt.kind == Kind::BlockRealize && out.size() == before &&
      writes_buffer(block_of(stmt), buffer))
    out.push_back(&block_of(stmt));
}

inline const Block& single_producer(const Block& consumer, const ScopeRoot& scope,
                                    const Buffer* buffer) {
  std::vector<const Block*> writers;
  for_each_substmt(*scope.path.back(),
                   [&](const StmtNode& s) { collect_leaf_writers(s, buffer, writers); });
  for (const Block* writer : writers) {
    refuse_unless(complete_block_violation(*writer, scope.graph()) == 0,
                  "The consumer block {1} to be inlined is required to have only a single producer "
                  "block, and the producer block should be a complete block who has only a single "
                  "consumer, which {0} is not",
                  {writer, &consumer});
  }
  if (writers.size() != 1)
    refuse(fmt::format("The consumer block {{0}} to be inlined is required to have only a single "
                       "producer block, but {} blocks write what it reads",
                       writers.size()),
           {&consumer});
  return *writers[0];
}

/// Replaces axes by their values and loads of one buffer by a value.
class AxisSubstituter : public Rewriter {
 public:
  AxisSubstituter(const VarMap& axes, const Buffer* buffer, Expr value)
      : axes_(axes), buffer_(buffer), value_(std::move(value)) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = axes_.find(var);
      return it == axes_.end() ? nullptr : Ref<Node>(it->second);
    }
    const BufferLoad* load = as<BufferLoad>(&node);
    return load && load->buffer.get() == buffer_ ? Ref<Node>(value_) : rewrite_children(node);
  }

 private:
  const VarMap& axes_;
  const Buffer* buffer_;
  Expr value_;
};

/// Puts the consumer's store where its producer stores.
class StoreReplacer : public BufferInliner {
 public:
  StoreReplacer(const PrimFunc& func, const Path& scope, BufferRef buffer,
                const BlockRealize& consumer, const Block& producer)
      : BufferInliner(func, scope, std::move(buffer)),
        consumer_(consumer.block),
        producer_(&producer),
        solved_(is_one(consumer.predicate) && solve()) {}

  /// Whether the consumer can be written in terms of the producer.
  bool solved() const { return solved_; }

 protected:
  Ref<Node> visit_other(const Node& node) override {
    Ref<Node> inside = rewrite_children(node);
    if (const BufferStore* store = as<BufferStore>(&node); store && store->buffer == buffer_) {
      const Expr& value = inside ? cast_to<BufferStore>(*inside).value : store->value;
      return AxisSubstituter(axes_, buffer_.get(), value)(Stmt(consumer_->body));
    }
    if (const BlockRealize* realize = as<BlockRealize>(&node);
        realize && realize->block->id == producer_->id)
      return guarded(inside ? cast_to<BlockRealize>(*inside) : *realize);
    return inside;
  }

  VarMap axes_;  // of the consumer, in terms of the producer's

 private:
  bool solve() {
    if (!as<BufferStore>(consumer_->body) || !consumer_->match_buffers.empty()) return false;
    const BufferLoad* load = the_load();
    const BufferStore* target = producer_store();
    if (!load || !target) return false;
    arith::IterRanges iters;
    for (const auto& iter : consumer_->iter_vars) {
      iters.emplace_back(iter->var, iter->dom);
      if (is_one(iter->dom->extent) && as<IntImm>(iter->dom->min))
        axes_[iter->var.get()] = iter->dom->min;
    }
    auto found = arith::detect_iter_map(load->indices.vec(), iters, true_(),
                                        arith::IterMapLevel::NoCheck, analyzer_, false);
    if (!found || found.indices.empty()) return false;
    try {
      for (auto& [var, value] :
           arith::inverse_affine_iter_map(found.indices, target->indices.vec(), analyzer_))
        axes_[var] = value;
      if (!reads_apart(found.indices, *load)) return false;
    } catch (const ValueError&) {
      return false;
    }
    return reaches_consumer() && reads_all(*load, *target);
  }

  /// False when two instances of the consumer may read one place: only one of them would be left.
  bool reads_apart(const std::vector<arith::IterSumExpr>& map, const BufferLoad& load) const {
    arith::Analyzer analyzer;
    for (const auto& iter : consumer_->iter_vars) analyzer.bind(iter->var, iter->dom);
    VarMap back = arith::inverse_affine_iter_map(map, load.indices.vec(), analyzer);
    return std::all_of(back.begin(), back.end(), [&](const auto& item) {
      return analyzer.can_prove_equal(item.second, Expr(item.first));
    });
  }

  /// False when the consumer reads at a fixed place where the producer may store at others.
  bool reads_all(const BufferLoad& load, const BufferStore& target) {
    arith::Analyzer analyzer;
    for (const auto& iter : producer_->iter_vars) analyzer.bind(iter->var, iter->dom);
    for (size_t i = 0; i < load.indices.size(); ++i)
      if (as<IntImm>(load.indices[i]) &&
          !analyzer.can_prove_equal(load.indices[i], target.indices[i]))
        return false;
    return true;
  }

  /// A load of the buffer in the consumer; null where there is none or there are different ones.
  const BufferLoad* the_load() const {
    const BufferLoad* first = nullptr;
    bool same = true;
    post_order(*consumer_->body, [&](const Node& node) {
      const BufferLoad* load = as<BufferLoad>(&node);
      if (!load || load->buffer != buffer_) return;
      if (!first) first = load;
      for (size_t i = 0; i < load->indices.size(); ++i)
        same = same && expr_equal(load->indices[i], first->indices[i]);
    });
    return same ? first : nullptr;
  }

  const BufferStore* producer_store() const {
    const Stmt& body = producer_->body;
    if (const IfThenElse* branch = as<IfThenElse>(body))
      return branch->else_case ? nullptr : as<BufferStore>(branch->then_case);
    if (!producer_->annotations.contains("auto_copy")) return as<BufferStore>(body);
    const For* loop = as<For>(body);
    while (loop && as<For>(loop->body)) loop = as<For>(loop->body);
    return loop ? as<BufferStore>(loop->body) : nullptr;
  }

  /// False when the producer provably leaves out an instance of the consumer.
  bool reaches_consumer() {
    arith::DomMap domains;
    double given = 1, wanted = 1;  // instances; infinite where an extent is not known
    auto count = [](double& product, const Expr& extent) {
      const IntImm* known = as<IntImm>(extent);
      product *= known ? static_cast<double>(known->value) : HUGE_VAL;
    };
    for (const auto& iter : producer_->iter_vars) {
      domains.emplace(iter->var.get(), arith::IntSet::from_range(*iter->dom));
      count(given, iter->dom->extent);
    }
    for (const For* loop = as<For>(producer_->body); loop; loop = as<For>(loop->body)) {
      domains.emplace(loop->loop_var.get(),
                      arith::IntSet::from_range(Range(loop->min, loop->extent)));
      count(given, loop->extent);
    }
    for (const auto& iter : consumer_->iter_vars) count(wanted, iter->dom->extent);
    if (wanted > given && wanted != HUGE_VAL) return false;
    for (const auto& iter : consumer_->iter_vars) {
      auto it = axes_.find(iter->var.get());
      if (it == axes_.end()) return false;
      arith::IntSet reached = arith::eval_set(it->second, domains, analyzer_);
      const Expr& first = iter->dom->min;
      Expr last = first + iter->dom->extent - 1;
      if (reached.has_lower_bound() && analyzer_.can_prove(gt(reached.min(), first))) return false;
      if (reached.has_upper_bound() && analyzer_.can_prove(lt(reached.max(), last))) return false;
    }
    return true;
  }

  /// The producer, run only where it gives an instance of the consumer.
  Ref<Node> guarded(const BlockRealize& realize) {
    for (const auto& iter : producer_->iter_vars) analyzer_.bind(iter->var, iter->dom, true);
    for (const For* loop = as<For>(producer_->body); loop; loop = as<For>(loop->body))
      analyzer_.bind(loop->loop_var, make<Range>(loop->min, loop->extent), true);
    Expr inside = true_();
    auto surely_inside = [&](const IterVar& iter) {
      const IntImm *min = as<IntImm>(iter.dom->min), *extent = as<IntImm>(iter.dom->extent);
      auto at = axes_.find(iter.var.get());
      if (!min || !extent || at == axes_.end()) return false;
      const arith::ConstIntBound bound = analyzer_.const_int_bound(at->second);
      return bound.min_value >= min->value && bound.max_value < min->value + extent->value;
    };
    for (const auto& iter : consumer_->iter_vars) {
      if (surely_inside(*iter)) continue;
      inside = logical_and(inside, ge(iter->var, iter->dom->min));
      inside = logical_and(inside, lt(iter->var, iter->dom->min + iter->dom->extent));
    }
    Expr guard = analyzer_.simplify(AxisSubstituter(axes_, nullptr, nullptr)(inside));
    if (is_one(guard)) return BlockRealizeRef(&realize);
    for (const For* loop = as<For>(producer_->body); loop; loop = as<For>(loop->body))
      refuse_unless(!uses_var(*guard, loop->loop_var.get()),
                    "The block {0} would be guarded by loops of its body", {producer_});
    auto out = mutate(realize);
    if (const IfThenElse* branch = as<IfThenElse>(realize.block->body);
        branch && !structural_equal(guard, analyzer_.simplify(branch->condition))) {
      guard = analyzer_.simplify(logical_and(guard, branch->condition));
      auto block = mutate(realize.block);
      block->body = branch->then_case;
      out->block = block;
    }
    out->predicate = analyzer_.simplify(substitute(guard, axis_values(realize)));
    return BlockRealizeRef(out);
  }

  using BlockRealizeRef = Ref<BlockRealize>;
  BlockRef consumer_;
  const Block* producer_;
  arith::Analyzer analyzer_;
  bool solved_;
};

}  // namespace detail

METASCHEDULE_INLINE void ReverseComputeInline::apply(ScheduleState& state,
                                                     std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Block& consumer = *realize.block;
  detail::check_no_init(consumer);
  ScopeRoot scope = scope_root(state, path, true);
  BufferRef buffer = detail::single_input(consumer, scope.graph());
  detail::check_complete(consumer, scope.graph());
  const Block& producer = detail::single_producer(consumer, scope, buffer.get());
  refuse_unless(!is_output_block(producer, scope.block()), "The block {0} is an output block",
                {&producer});
  // The original goes on, and leaves the other readers without their buffer.
  refuse_unless(scope.graph().readers_of(buffer.get()).size() == 1,
                "The block {0}, the producer of block {1}, has other consumers",
                {&producer, &consumer});
  detail::StoreReplacer inliner(state.function(path), scope.path, buffer, realize, producer);
  refuse_unless(
      inliner.solved(),
      "The body of the inlined block should be in form of `B[...] = g(i, j, k, ..., A[f(i, "
      "j, k, ...)] ...)`, where A is the only buffer the block consumes, whose indices are "
      "distinct atomic variables, and f is a bijective affine mapping, and there should "
      "be no predicate: {0}",
      {&consumer});
  BlockId scope_id = scope.block().id;
  ModuleRef program = state.program;
  plan_leaf_removal(path).apply(program);
  detail::rewrite_scope(program, scope_id, inliner);
  state.program = std::move(program);
}

}  // namespace metaschedule
