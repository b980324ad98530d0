// SPDX-License-Identifier: Apache-2.0
// blockize.
#pragma once

#include <fmt/format.h>

#include <unordered_set>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/blockize.h"
#include "metaschedule/schedule/primitives/buffer_shapes.h"
#include "metaschedule/schedule/primitives/predicates.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

// Substitutes variables and simplifies what changed.
class SimplifyingSubstituter : public Rewriter {
 public:
  SimplifyingSubstituter(const VarMap& map, arith::Analyzer& analyzer)
      : map_(map), analyzer_(analyzer) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = map_.find(var);
      return it == map_.end() ? nullptr : Ref<Node>(it->second);
    }
    Ref<Node> out = rewrite_children(node);
    if (out && is_expr_kind(out->kind)) return analyzer_.simplify(cast_to<ExprNode>(out));
    return out;
  }

 private:
  const VarMap& map_;
  arith::Analyzer& analyzer_;
};

class Blockizer {
 public:
  // The block under the loop at the end of the path.
  Blockizer(const Path& path, bool preserve_unit_iters)
      : Blockizer(only_block(path), *path.back(), preserve_unit_iters) {}
  // The block at the end of the path, whose loops from `target` on are inner ones.
  Blockizer(const Path& block, const StmtNode& target, bool preserve_unit_iters)
      : target_(target),
        preserve_(preserve_unit_iters),
        realize_(&cast_to<BlockRealize>(*block.back())) {
    LoopStack all = block.loops_above();
    for (const StmtNode* above : block.nodes)
      if (const For* loop = as<For>(above)) outside_.insert(loop->loop_var.get());
    for (const For* loop : all) outside_.erase(loop->loop_var.get());
    for (const For* loop : all)
      (inner_.empty() && loop != &target_ ? outer_ : inner_).push_back(loop);
    divide(all);
    make_axes();
  }

  Stmt run(BlockId& outer_id) {
    Parts parts = run_inner(true);
    const Block& old = *realize_->block;
    BlockRef outer =
        make<Block>(List<IterVar>(outer_iters_), parts.reads, parts.writes, old.name_hint + "_o",
                    parts.nest, parts.init ? outer_init(parts.init, *parts.inner) : nullptr);
    outer_id = outer->id;
    return make<BlockRealize>(outer_values_, division_.outer_predicate, outer);
  }

  // The inner block with its loops, and its regions over these.
  struct Parts {
    Ref<BlockRealize> inner;
    Stmt nest, init;
    BufferRegions reads, writes;
  };
  Parts run_inner(bool take_init) {
    Parts parts;
    const Block& old = *realize_->block;
    SimplifyingSubstituter rewrite(map_, analyzer_);
    auto inner = mutate(cast_to<Block>(rewrite(substitute_shapes(Stmt(&old), map_))));
    inner->iter_vars = List<IterVar>(inner_iters_);
    if (take_init) {
      parts.init = inner->init;
      inner->init = nullptr;
    }
    parts.reads = relaxed(inner->reads);
    parts.writes = relaxed(inner->writes);
    if (parts.init && outer_reduces()) {
      std::vector<Ref<BufferRegion>> all = inner->writes.vec();
      all.insert(all.end(), inner->reads.begin(), inner->reads.end());
      inner->reads = all;
    }
    BlockRef inner_block = inner;
    parts.inner = make<BlockRealize>(inner_values_, division_.inner_predicate, inner_block);
    parts.nest = parts.inner;
    for (size_t i = inner_.size(); i-- > 0;) {
      auto loop = mutate(*inner_[i]);
      loop->body = std::move(parts.nest);
      parts.nest = loop;
    }
    return parts;
  }

  bool outer_reduces() const {
    return std::any_of(outer_iters_.begin(), outer_iters_.end(),
                       [](const auto& iter) { return iter->iter_type == IterType::CommReduce; });
  }
  const std::vector<Ref<IterVar>>& outer_iters() const { return outer_iters_; }
  const std::vector<Expr>& outer_values() const { return outer_values_; }
  const Expr& outer_predicate() const { return division_.outer_predicate; }
  const Block& block() const { return *realize_->block; }

 private:
  static Path only_block(const Path& path) {
    const StmtNode& target = *path.back();
    std::vector<const BlockRealize*> children = child_blocks(target);
    refuse_unless(children.size() == 1, "The loop {0} is required to have only one child block",
                  {&target});
    Path down = path.prefix(path.size() - 1);
    find_block_below(target, children[0]->block->id, down);
    return down;
  }

  // Conditions that no loop is a part of hold outside.
  void divide(const LoopStack& all) {
    Expr fixed = predicate_without(realize_->predicate, all), rest = true_();
    std::vector<Expr> terms;
    collect_conjuncts(realize_->predicate, terms);
    for (size_t i = terms.size(); i-- > 0;)
      if (is_one(predicate_without(terms[i], all)))
        rest = is_one(rest) ? terms[i] : logical_and(rest, terms[i]);
    divide(all, is_one(fixed) ? realize_->predicate : rest);
    check_starts(all);
    if (!is_one(fixed)) division_.outer_predicate = logical_and(fixed, division_.outer_predicate);
  }
  // A part of one step is taken for 0: refuses an axis that such a part does not start there. As in
  // the original, loops outside of the scope count as 0.
  void check_starts(const LoopStack& all) const {
    arith::Analyzer analyzer;
    for (const For* loop : all) analyzer.bind(loop->loop_var, make<Range>(loop->min, loop->extent));
    auto scope = analyzer.with_constraint(realize_->predicate);
    for (size_t i = 0; i < division_.bindings.size(); ++i) {
      const arith::DividedBinding& part = division_.bindings[i];
      const Expr& value = realize_->iter_values[i];
      bool inner_unit = is_one(part.inner_extent), outer_unit = is_one(part.outer_extent);
      if (!inner_unit && !outer_unit) continue;
      Expr kept = int_imm(value->dtype, 0);
      if (!outer_unit || (preserve_ && inner_unit)) kept = part.outer * part.inner_extent;
      if (!inner_unit) kept = kept + part.inner;
      const Expr start = analyzer.simplify(value - kept);
      const arith::ConstIntBound bound = analyzer.const_int_bound(start);
      bool is_zero = bound.min_value == 0 && bound.max_value == 0;
      bool may_be_zero = bound.min_value <= 0 && bound.max_value >= 0;
      bool in_scope = uses_var(*start, [&](const Var* var) { return !outside_.count(var); });
      refuse_unless(is_zero || (may_be_zero && !in_scope),
                    "An axis of block {0} does not start with 0 where it has one step",
                    {realize_->block.get()});
    }
  }
  static bool starts_elsewhere(const LoopStack& loops, const Var* var) {
    return std::any_of(loops.begin(), loops.end(), [&](const For* loop) {
      return loop->loop_var.get() == var && !is_zero(loop->min);
    });
  }
  void divide(const LoopStack& all, const Expr& predicate) {
    Vars inner_vars = [&] {
      std::vector<VarRef> vars;
      for (const For* loop : inner_) vars.push_back(loop->loop_var);
      return Vars(vars);
    }();
    if (auto found = arith::subspace_divide(realize_->iter_values.vec(), loop_ranges(all),
                                            inner_vars, predicate, arith::IterMapLevel::Surjective,
                                            analyzer_, !preserve_)) {
      division_ = std::move(*found);
      // A loop that starts elsewhere than 0 stands as i - start + start.
      for (arith::DividedBinding& part : division_.bindings)
        for (Expr* value : {&part.outer, &part.inner})
          if (uses_var(**value, [&](const Var* var) { return starts_elsewhere(all, var); }))
            *value = analyzer_.simplify(*value);
      return;
    }
    // Each axis wholly outside or wholly inside.
    auto fail_division = [&] {
      refuse(
          "The bindings of the inner block {0} can not be blockized by the loops starting at {1}.",
          {realize_->block.get(), &target_});
    };
    if (!is_one(predicate)) fail_division();
    auto uses = [](const Expr& value, const LoopStack& loops) {
      return uses_var(*value, [&](const Var* var) {
        return std::any_of(loops.begin(), loops.end(),
                           [&](const For* loop) { return loop->loop_var.get() == var; });
      });
    };
    for (size_t i = 0; i < realize_->iter_values.size(); ++i) {
      const Expr& value = realize_->iter_values[i];
      const Expr& extent = realize_->block->iter_vars[i]->dom->extent;
      Expr zero = int_imm(value->dtype, 0), one = int_imm(value->dtype, 1);
      bool outside = uses(value, outer_), inside = uses(value, inner_);
      if (outside && inside) fail_division();
      if (inside) {
        division_.bindings.push_back({zero, one, value, extent});
      } else if (outside) {
        division_.bindings.push_back({value, extent, zero, one});
      } else {
        division_.bindings.push_back({zero, one, zero, one});
      }
    }
    division_.outer_predicate = division_.inner_predicate = true_();
  }

  void make_axes() {
    for (size_t i = 0; i < division_.bindings.size(); ++i) {
      const IterVar& iter = *realize_->block->iter_vars[i];
      const arith::DividedBinding& part = division_.bindings[i];
      DType dtype = iter.var->dtype;
      auto axis = [&](const char* suffix, const Expr& extent) {
        return make<IterVar>(make<Range>(int_imm(dtype, 0), extent),
                             make<Var>(iter.var->name + suffix, dtype), iter.iter_type,
                             iter.thread_tag);
      };
      Ref<IterVar> outer = axis("_o", part.outer_extent);
      outer_iters_.push_back(outer);
      outer_values_.push_back(part.outer);
      Expr& value = map_[iter.var.get()];
      bool outer_unit = is_one(part.outer_extent);
      if (is_one(part.inner_extent)) {
        value = outer_unit && !preserve_ ? int_imm(dtype, 0) : Expr(outer->var);
        continue;
      }
      Ref<IterVar> inner = axis("_i", part.inner_extent);
      inner_iters_.push_back(inner);
      inner_values_.push_back(part.inner);
      analyzer_.bind(inner->var, inner->dom);
      inner_domain_[inner->var.get()] = arith::IntSet::from_range(*inner->dom);
      value = outer_unit ? Expr(inner->var) : outer->var * part.inner_extent + inner->var;
    }
  }

  BufferRegions relaxed(const BufferRegions& regions) {
    std::vector<Ref<BufferRegion>> out;
    for (const auto& region : regions) {
      std::vector<Ref<Range>> ranges;
      auto sets = arith::eval_set(region->region, inner_domain_, analyzer_);
      for (size_t d = 0; d < sets.size(); ++d) {
        const Expr& extent = region->buffer->shape[d];
        ranges.push_back(sets[d].cover_range(make<Range>(int_imm(extent->dtype, 0), extent)));
      }
      out.push_back(make<BufferRegion>(region->buffer, Ranges(ranges)));
    }
    return out;
  }

  // The conditions on loops that the init keeps; those on loops that it loses, over which a
  // reduction goes, do not concern it. A loop of one step is where it starts.
  Expr init_predicate(const Expr& predicate, const std::vector<Expr>& values) const {
    if (const And* both = as<And>(predicate))
      return logical_and(init_predicate(both->a, values), init_predicate(both->b, values));
    bool uses_kept = false, uses_dropped = false;
    VarMap starts;
    for (const For* loop : inner_) {
      const Var* var = loop->loop_var.get();
      if (!uses_var(*predicate, var)) continue;
      bool kept = std::any_of(values.begin(), values.end(),
                              [&](const Expr& value) { return uses_var(*value, var); });
      if (!kept && is_one(loop->extent)) {
        starts[var] = loop->min;
        continue;
      }
      (kept ? uses_kept : uses_dropped) = true;
    }
    refuse_unless(
        !uses_kept || !uses_dropped,
        "A condition of the predicate of block {0} is about loops that its init needs and "
        "about others",
        {realize_->block.get()});
    if (uses_dropped) return true_();
    return starts.empty() ? predicate : arith::Analyzer().simplify(substitute(predicate, starts));
  }

  // The init of the outer block: the old one over the data parallel inner axes that it uses.
  Stmt outer_init(const Stmt& init, const BlockRealize& inner) {
    VarMap renamed;
    std::vector<Ref<IterVar>> iters;
    std::vector<Expr> values;
    for (size_t i = 0; i < inner_iters_.size(); ++i) {
      const IterVar& iter = *inner_iters_[i];
      if (iter.iter_type != IterType::DataPar || !uses_var(*init, iter.var.get())) continue;
      VarRef var = make<Var>(iter.var->name + "_init", iter.var->dtype);
      renamed[iter.var.get()] = var;
      iters.push_back(make<IterVar>(iter.dom, var, iter.iter_type, iter.thread_tag));
      values.push_back(inner_values_[i]);
    }
    Stmt out =
        make<BlockRealize>(values, init_predicate(inner.predicate, values),
                           make<Block>(List<IterVar>(iters), BufferRegions{}, inner.block->writes,
                                       realize_->block->name_hint + "_init", init));
    for (size_t i = inner_.size(); i-- > 0;) {
      const For& loop = *inner_[i];
      bool used = std::any_of(values.begin(), values.end(), [&](const Expr& value) {
        return uses_var(*value, loop.loop_var.get());
      });
      if (!used) continue;
      VarRef var = make<Var>(loop.loop_var->name, loop.loop_var->dtype);
      renamed[loop.loop_var.get()] = var;
      auto copy = mutate(loop);
      copy->loop_var = var;
      // One loop, one thread variable: the other loop stays, too.
      if (const auto& thread = loop.thread_binding)
        copy->thread_binding =
            make<IterVar>(thread->dom, make<Var>(thread->var->name, thread->var->dtype),
                          thread->iter_type, thread->thread_tag);
      copy->body = std::move(out);
      out = copy;
    }
    return substitute(out, renamed);
  }

  const StmtNode& target_;
  bool preserve_;
  const BlockRealize* realize_ = nullptr;
  LoopStack outer_, inner_;
  std::unordered_set<const Var*> outside_;  // the loops outside of the scope
  arith::SubspaceDivision division_;
  arith::Analyzer analyzer_;
  VarMap map_;
  std::vector<Ref<IterVar>> outer_iters_, inner_iters_;
  std::vector<Expr> outer_values_, inner_values_;
  arith::DomMap inner_domain_;
};

// One block around neighbouring nests; see blockize_list-inl.h.
BlockId blockize_list(ScheduleState& state, std::vector<Path> blocks, bool preserve_unit_iters);

}  // namespace detail

METASCHEDULE_INLINE void Blockize::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  BlockId id = 0;
  if (const LoopRV* loop = std::get_if<LoopRV>(&target)) {
    Path path = state.path_of(*loop);
    Stmt outer = detail::Blockizer(path, preserve_unit_iters).run(id);
    state.replace(path, std::move(outer));
  } else {
    std::vector<Path> paths;
    for (const BlockRV& block : std::get<std::vector<BlockRV>>(target))
      paths.push_back(state.path_of(block));
    id = detail::blockize_list(state, std::move(paths), preserve_unit_iters);
  }
  outputs.push_back(TableEntry::block(id));
}

METASCHEDULE_INLINE BlockRV BlockizeMethods::blockize(std::vector<BlockRV> target,
                                                      bool preserve_unit_iters) {
  return static_cast<Schedule*>(this)->run(Blockize{std::move(target), preserve_unit_iters});
}
METASCHEDULE_INLINE BlockRV BlockizeMethods::blockize(LoopRV target, bool preserve_unit_iters) {
  return static_cast<Schedule*>(this)->run(Blockize{target, preserve_unit_iters});
}

}  // namespace metaschedule
