// SPDX-License-Identifier: Apache-2.0
// Substituting loops and normalising the values of block axes.
#pragma once

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/linear_binding-inl.h"

namespace metaschedule {

namespace detail {

class LoopSubstituter : public Rewriter {
 public:
  LoopSubstituter(const VarMap& map, const Expr& predicate) : map_(map), predicate_(predicate) {}

  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = map_.find(var);
      return it == map_.end() ? nullptr : Ref<Node>(it->second);
    }
    if (node.kind == Kind::BlockRealize) return realize(static_cast<const BlockRealize&>(node));
    return rewrite_children(node);
  }

 private:
  Ref<Node> realize(const BlockRealize& node) {
    Exprs values = (*this)(node.iter_values);
    Expr condition = (*this)(node.predicate);
    if (predicate_ && depth_ == 0) condition = logical_and(condition, predicate_);
    BlockRef block = node.block;
    if (block->iter_vars.empty()) {
      ++depth_;
      if (Ref<Node> inside = rewrite_children(*block)) block = cast_to<Block>(inside);
      --depth_;
    }
    if (values.shares(node.iter_values) && condition == node.predicate && block == node.block)
      return nullptr;
    return make<BlockRealize>(std::move(values), std::move(condition), std::move(block));
  }

  const VarMap& map_;
  const Expr& predicate_;
  int depth_ = 0;
};

// Null: nothing to change.
inline Exprs normalized_values(const BlockRealize& realize, const LoopStack& loops,
                               bool simplify_trivial) {
  LinearBindings linear;
  if (is_one(realize.predicate) && linear.set_loops(loops, simplify_trivial)) {
    bool affine;
    if (auto values = linear.simplify(realize.iter_values, true, &affine)) return *values;
  }
  arith::Analyzer analyzer;
  auto ranges = loop_ranges(loops);
  return arith::iter_map_simplify(realize.iter_values.vec(), ranges, realize.predicate,
                                  arith::IterMapLevel::Surjective, analyzer, simplify_trivial);
}

inline Stmt normalize_below(const StmtNode& stmt, LoopStack& loops, bool simplify_trivial) {
  if (stmt.kind == Kind::BlockRealize) {
    const auto& realize = static_cast<const BlockRealize&>(stmt);
    if (!realize.iter_values.empty()) {
      auto copy = mutate(realize);
      copy->iter_values = normalized_values(realize, loops, simplify_trivial);
      return copy;
    }
  }
  const For* loop = as<For>(&stmt);
  if (loop) loops.push_back(loop);
  Stmt out;
  for_each_substmt(stmt, [&](const StmtNode& below) {
    Stmt changed = normalize_below(below, loops, simplify_trivial);
    if (changed) out = with_substmt(out ? *out : stmt, &below, changed);
  });
  if (loop) loops.pop_back();
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE Stmt substitute_loops(const Stmt& stmt, const VarMap& map,
                                          const Expr& predicate) {
  return detail::LoopSubstituter(map, predicate)(stmt);
}

METASCHEDULE_INLINE Stmt normalize_bindings(const Stmt& stmt, LoopStack outer,
                                            bool simplify_trivial) {
  Stmt out = detail::normalize_below(*stmt, outer, simplify_trivial);
  return out ? out : stmt;
}

METASCHEDULE_INLINE std::vector<std::pair<VarRef, Ref<Range>>> loop_ranges(const LoopStack& loops) {
  std::vector<std::pair<VarRef, Ref<Range>>> out;
  out.reserve(loops.size());
  for (const For* loop : loops)
    out.emplace_back(loop->loop_var, make<Range>(loop->min, loop->extent));
  return out;
}

METASCHEDULE_INLINE bool is_affine_binding(const BlockRealize& realize, const LoopStack& loops) {
  if (loops.empty()) return true;
  detail::LinearBindings linear;
  bool affine;
  if (is_one(realize.predicate) && linear.set_loops(loops, false) &&
      linear.simplify(realize.iter_values, false, &affine))
    return affine;
  arith::Analyzer analyzer;
  auto result =
      arith::detect_iter_map(realize.iter_values.vec(), loop_ranges(loops), realize.predicate,
                             arith::IterMapLevel::Surjective, analyzer, false);
  if (!result) return false;
  for (const auto& sum : result.indices)
    if (!sum.args.empty() && !is_one(sum.args[0].scale)) return false;
  return true;
}
METASCHEDULE_INLINE bool is_affine_binding(const Path& path) {
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  if (path.enclosing_block() < 0) return realize.block->iter_vars.empty();
  return is_affine_binding(realize, path.loops_above());
}

}  // namespace metaschedule
