// SPDX-License-Identifier: Apache-2.0
// fuse_reduction_epilogue: what is added to a sum becomes what the sum starts with.
#pragma once

#include "metaschedule/schedule/primitives/decompose_reduction-inl.h"
#include "metaschedule/schedule/primitives/reverse_compute_inline-inl.h"

namespace metaschedule {

namespace detail {

/// Lets a sum store where its epilogue does, and start with what that adds.
class EpilogueFuser : public StoreReplacer {
 public:
  EpilogueFuser(const PrimFunc& func, const Path& scope, const BufferRef& sum,
                const BlockRealize& epilogue, const Block& reduction)
      : StoreReplacer(func, scope, sum, epilogue, reduction),
        start_(as<BufferStore>(reduction.init)),
        update_(as<BufferStore>(reduction.body)),
        end_(as<BufferStore>(epilogue.block->body)) {
    keep_allocation_ = true;  // as in the original
  }

  /// Whether the reduction is `C[i] = c; C[i] = C[i] + e`, in any order.
  bool is_sum() const {
    return start_ && update_ && start_->buffer == buffer_ && !loads(*start_->value) &&
           same_indices(start_->indices) && added_to(*update_, update_->indices);
  }
  /// Whether the epilogue is `D[…] = C[…] + e`, in any order.
  bool adds() const {
    return end_ && end_->buffer->dtype == buffer_->dtype && added_to(*end_, std::nullopt);
  }

 protected:
  Ref<Node> visit_other(const Node& node) override {
    if (&node == update_) {
      const VarMap none;
      Expr load = make<BufferLoad>(end_->buffer, indices());
      return stored(AxisSubstituter(none, buffer_.get(), load)(update_->value));
    }
    if (&node == start_) {
      Expr e = AxisSubstituter(axes_, nullptr, nullptr)(added_to(*end_, std::nullopt));
      bool from_zero = is_zero(start_->value);
      if (const FloatImm* imm = as<FloatImm>(start_->value)) from_zero = imm->value == 0;
      return stored(from_zero ? e : start_->value + e);
    }
    return StoreReplacer::visit_other(node);
  }

 private:
  bool loads(const Node& value) const {
    bool found = false;
    post_order(value, [&](const Node& node) {
      const BufferLoad* load = as<BufferLoad>(&node);
      found = found || (load && load->buffer == buffer_);
    });
    return found;
  }
  bool same_indices(const Exprs& indices) const {
    for (size_t i = 0; i < indices.size(); ++i)
      if (!expr_equal(indices[i], update_->indices[i])) return false;
    return true;
  }
  /// What a store adds to its load of the sum, at given indices; null where it does something else.
  Expr added_to(const BufferStore& store, const std::optional<Exprs>& at) const {
    const Add* add = as<Add>(store.value);
    if (!add) return nullptr;
    for (const auto& [sum, rest] : {std::pair{add->a, add->b}, std::pair{add->b, add->a}}) {
      const BufferLoad* load = as<BufferLoad>(sum);
      if (load && load->buffer == buffer_ && !loads(*rest) && (!at || same_indices(load->indices)))
        return rest;
    }
    return nullptr;
  }
  /// Where the epilogue stores, in terms of the axes of the reduction.
  std::vector<Expr> indices() const {
    std::vector<Expr> out;
    for (const Expr& index : end_->indices)
      out.push_back(AxisSubstituter(axes_, nullptr, nullptr)(index));
    return out;
  }
  Stmt stored(const Expr& value) const { return make<BufferStore>(end_->buffer, value, indices()); }

  const BufferStore *start_, *update_, *end_;
};

}  // namespace detail

METASCHEDULE_INLINE void FuseReductionEpilogue::apply(ScheduleState& state,
                                                      std::vector<TableEntry>&) {
  Path sum_path = state.path_of(reduction_block);
  Path path = state.path_of(epilogue_block);
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  const Block& epilogue = *realize.block;
  const Block& reduction = block_of(*sum_path.back());
  ScopeRoot scope = scope_root(state, path, true);
  refuse_unless(scope.graph().find(reduction.id) >= 0,
                "The blocks {0} and {1} are required to be in the same scope",
                {&reduction, &epilogue});
  detail::check_reduction_block(sum_path, scope.graph());
  detail::check_no_init(epilogue);
  detail::check_complete(epilogue, scope.graph());
  BufferRef sum = detail::single_input(epilogue, scope.graph());
  refuse_unless(reduction.writes.size() == 1 && reduction.writes[0]->buffer == sum,
                "The block {1} is required to read what the block {0} writes, and block {0} to "
                "write nothing else",
                {&reduction, &epilogue});
  refuse_unless(!is_output_block(reduction, scope.block()), "The block {0} is an output block",
                {&reduction});
  for (int reader : scope.graph().readers_of(sum.get())) {
    const Block& block = scope.graph().block(reader);
    refuse_unless(block.id == epilogue.id || block.id == reduction.id,
                  "The block {0} is required to have no consumer but {1}", {&reduction, &epilogue});
  }
  detail::EpilogueFuser fuser(state.function(path), scope.path, sum, realize, reduction);
  refuse_unless(fuser.is_sum(),
                "The block {0} is required to be a sum, `C[i] = c` and then `C[i] = C[i] + e`",
                {&reduction});
  // The original goes on with maxima and the like, and applies them to each partial sum.
  refuse_unless(fuser.adds(),
                "The epilogue {0} is required to add something to the sum, `D[...] = C[...] + e`, "
                "of the same data type: what is not linear in the sum cannot go before it",
                {&epilogue});
  refuse_unless(fuser.solved(),
                "The epilogue {0} is required to have no predicate, and indices of `C` that are "
                "an affine map of its axes, onto all that {1} computes",
                {&epilogue, &reduction});
  BlockId scope_id = scope.block().id;
  ModuleRef program = state.program;
  plan_leaf_removal(path).apply(program);
  detail::rewrite_scope(program, scope_id, fuser);
  state.program = std::move(program);
}

}  // namespace metaschedule
