// SPDX-License-Identifier: Apache-2.0
// pad_einsum.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/primitives/padding.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

class EinsumPadder {
 public:
  EinsumPadder(ScheduleState& state, BlockRV block, const std::vector<int64_t>& padding)
      : state_(state), path_(state.path_of(block)), scope_(scope_root(state, path_, true)) {
    const auto& realize = static_cast<const BlockRealize&>(*path_.back());
    bool valid = padding.size() == self().iter_vars.size() &&
                 std::all_of(padding.begin(), padding.end(), [](int64_t p) { return p > 0; });
    if (!valid) {
      refuse(fmt::format("The padding for the block {{0}} is invalid. It should be a list of {} "
                         "positive integers. Got [{}]",
                         self().iter_vars.size(), fmt::join(padding, ", ")),
             {&self()});
    }
    check_einsum();
    for (size_t i = 0; i < padding.size(); ++i) {
      const IterVar& iter = *self().iter_vars[i];
      const Expr& extent = iter.dom->extent;
      Expr multiple = int_imm(extent->dtype, padding[i]);
      Expr padded = analyzer_.simplify(ceildiv(extent, multiple) * multiple);
      bool same = analyzer_.can_prove_equal(padded, extent);
      extents_.emplace(iter.var.get(), same ? extent : padded);
      if (same) continue;
      // Each of its instances would store at one place, the last ones what is filled in.
      refuse_unless(
          iter.iter_type != IterType::DataPar || is_written_at(*iter.var),
          "The block {0} not a computation of Einsum pattern: what it writes does not use "
          "the data parallel axis {1}, which is to be padded",
          {&self(), iter.var.get()});
      padded_.emplace(iter.var.get(), padded);
      if (const Var* loop_var = as<Var>(realize.iter_values[i])) padded_.emplace(loop_var, padded);
    }
  }

  void run() {
    if (padded_.empty()) return;
    std::vector<Stmt> before, after;
    std::vector<BufferRef> buffers;
    pad_buffers(self().reads, true, before, buffers);
    pad_buffers(self().writes, false, after, buffers);
    size_t level = scope_.path.size() - 1;
    int position = member_position(path_, level);
    BlockId scope_id = scope_.block().id;
    const SeqStmt* seq = as<SeqStmt>(path_.nodes[member_level(level)]);
    size_t top = member_level(level) + (seq ? 1 : 0);
    ModuleRef program = state_.program;
    // All blocks of the nest use the padded buffers, as in the original.
    Stmt padded = Extender(*this)(replace_buffers(Stmt(path_.nodes[top]), map_));
    replace_stmt(program, path_.prefix(top + 1), padded);
    add_to_block(program, scope_id, position + 1, after, {});
    add_to_block(program, scope_id, position, before, buffers);
    state_.program = std::move(program);
  }

 private:
  const Block& self() const { return block_of(*path_.back()); }
  size_t member_level(size_t scope_level) const {
    size_t at = scope_level + 1;
    while (path_.nodes[at]->kind == Kind::AllocateConst ||
           path_.nodes[at]->kind == Kind::DeclBuffer)
      ++at;
    return at;
  }

  void check_einsum() const {
    std::vector<const Buffer*> seen;
    bool ok = self().alloc_buffers.empty() && self().match_buffers.empty();
    for (const BufferRegions* regions : {&self().reads, &self().writes}) {
      for (const auto& region : *regions) {
        ok = ok && std::find(seen.begin(), seen.end(), region->buffer.get()) == seen.end();
        seen.push_back(region->buffer.get());
        for (const auto& range : region->region)
          ok = ok && is_one(range->extent) && (as<IntImm>(range->min) || is_axis(*range->min));
      }
    }
    refuse_unless(ok, "The block {0} not a computation of Einsum pattern.", {&self()});
  }

  bool is_axis(const ExprNode& index) const {
    return std::any_of(self().iter_vars.begin(), self().iter_vars.end(),
                       [&](const auto& iter) { return iter->var.get() == &index; });
  }
  bool is_written_at(const Var& axis) const {
    return std::all_of(self().writes.begin(), self().writes.end(), [&](const auto& region) {
      return std::any_of(region->region.begin(), region->region.end(),
                         [&](const auto& range) { return range->min.get() == &axis; });
    });
  }
  bool needs_padding(const BufferRegion& region) const {
    return std::any_of(region.region.begin(), region.region.end(), [&](const auto& range) {
      const Var* var = as<Var>(range->min);
      return var && padded_.count(var);
    });
  }

  void pad_buffers(const BufferRegions& regions, bool is_read, std::vector<Stmt>& stages,
                   std::vector<BufferRef>& buffers) {
    for (const auto& region : regions) {
      if (!needs_padding(*region)) continue;
      std::vector<Expr> shape, used;
      for (const auto& range : region->region) {
        // A dimension that no axis goes through is one element long.
        const IntImm* fixed = as<IntImm>(range->min);
        refuse_unless(!fixed || fixed->value == 0,
                      "The block {0} not a computation of Einsum pattern: an index is a constant "
                      "other than 0",
                      {&self()});
        auto it = extents_.find(as<Var>(range->min));
        shape.push_back(it == extents_.end() ? int_imm(range->min->dtype, 1) : it->second);
        if (fixed) {
          used.push_back(shape.back());
          continue;
        }
        const Expr& whole = region->buffer->shape[used.size()];
        // What a reduction does not reach of a buffer is padding, too, and so is what is larger
        // than all that is padded.
        bool part = it != extents_.end() &&
                    (is_read ? reduces(*range->min) &&
                                   analyzer_.can_prove(lt(old_extent(*range->min), whole))
                             : analyzer_.can_prove(lt(it->second, whole)));
        used.push_back(part ? old_extent(*range->min) : whole);
      }
      const BufferRef& buffer = region->buffer;
      BufferRef padded = decl_buffer(shape, buffer->dtype, buffer->name + "_pad", buffer->scope());
      buffers.push_back(padded);
      map_.emplace(buffer.get(), padded);
      stages.push_back(is_read ? fill(buffer, padded, used) : copy_back(buffer, padded, used));
    }
  }

  bool reduces(const ExprNode& axis) const {
    return std::any_of(self().iter_vars.begin(), self().iter_vars.end(), [&](const auto& iter) {
      return iter->var.get() == &axis && iter->iter_type == IterType::CommReduce;
    });
  }
  Expr old_extent(const ExprNode& axis) const {
    for (const auto& iter : self().iter_vars)
      if (iter->var.get() == &axis) return iter->dom->extent;
    METASCHEDULE_CHECK(false);
  }
  Stmt fill(const BufferRef& buffer, const BufferRef& padded, const std::vector<Expr>& used) {
    return stage(padded->shape, padded->name, buffer, padded, [&](const Exprs& at) {
      Expr inside = true_();
      for (size_t i = 0; i < at.size(); ++i)
        if (!analyzer_.can_prove_equal(used[i], padded->shape[i]))
          inside = logical_and(inside, lt(at[i], used[i]));
      Expr value = load(buffer, at);
      return if_then_else(inside, value, make_zero(value->dtype));
    });
  }
  static Stmt copy_back(const BufferRef& buffer, const BufferRef& padded,
                        const std::vector<Expr>& used) {
    return stage(Exprs(used), padded->name, padded, buffer,
                 [&](const Exprs& at) { return load(padded, at); });
  }

  template <class F>
  static Stmt stage(const Exprs& shape, const std::string& name, const BufferRef& from,
                    const BufferRef& to, const F& value) {
    std::vector<VarRef> loops;
    std::vector<Ref<Range>> ranges;
    std::vector<Ref<IterVar>> axes;
    std::vector<Expr> at, values;
    for (const Expr& extent : shape) {
      DType dtype = extent->dtype;
      ranges.push_back(make<Range>(int_imm(dtype, 0), extent));
      loops.push_back(make<Var>(fmt::format("i{}", loops.size()), dtype));
      values.push_back(loops.back());
      VarRef axis = make<Var>(fmt::format("v{}", axes.size()), dtype);
      axes.push_back(make<IterVar>(ranges.back(), axis, IterType::DataPar));
      at.push_back(axis);
    }
    BlockRef block = make<Block>(axes, BufferRegions{point_region(from, at)},
                                 BufferRegions{point_region(to, at)}, name,
                                 make<BufferStore>(to, value(at), at));
    return loop_nest(loops, ranges, make<BlockRealize>(values, true_(), block));
  }

  /// Extends loops and axes.
  class Extender : public Rewriter {
   public:
    explicit Extender(const EinsumPadder& padder) : padder_(padder) {}
    Ref<Node> visit(const Node& node) override {
      if (node.kind == Kind::For) {
        const auto& loop = static_cast<const For&>(node);
        auto it = padder_.padded_.find(loop.loop_var.get());
        Ref<Node> inner = rewrite_children(node);
        if (it == padder_.padded_.end()) return inner;
        auto out = mutate(inner ? cast_to<For>(*inner) : loop);
        out->extent = it->second;
        return Ref<For>(out);
      }
      if (node.kind == Kind::Block) {
        const auto& block = static_cast<const Block&>(node);
        if (block.id != padder_.self().id) return rewrite_children(node);
        auto out = mutate(block);
        std::vector<Ref<IterVar>> axes;
        for (const auto& iter : block.iter_vars) {
          const Expr& extent = padder_.extents_.at(iter->var.get());
          auto axis = mutate(iter);
          axis->dom = make<Range>(iter->dom->min, extent);
          axes.push_back(axis);
        }
        out->iter_vars = axes;
        return BlockRef(out);
      }
      return rewrite_children(node);
    }

   private:
    const EinsumPadder& padder_;
  };

  ScheduleState& state_;
  Path path_;
  ScopeRoot scope_;
  std::unordered_map<const Var*, Expr> extents_;  // of all axes
  std::unordered_map<const Var*, Expr> padded_;   // of axes and loops that grow
  BufferMap map_;
  arith::Analyzer analyzer_;
};

}  // namespace detail

METASCHEDULE_INLINE void PadEinsum::apply(ScheduleState& state, std::vector<TableEntry>&) {
  detail::EinsumPadder(state, block, padding).run();
}

METASCHEDULE_INLINE void PaddingMethods::pad_einsum(BlockRV block, std::vector<int64_t> padding) {
  static_cast<Schedule*>(this)->run(PadEinsum{block, std::move(padding)});
}

}  // namespace metaschedule
