// SPDX-License-Identifier: Apache-2.0
// Matching blocks with descriptions of tensor intrinsics.
#pragma once

#include <algorithm>
#include <set>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis_tensorize.h"

namespace metaschedule {

namespace detail {

inline bool uses_loops(const Expr& expr, const std::vector<const For*>& loops) {
  return uses_var(*expr, [&](const Var* var) {
    return std::any_of(loops.begin(), loops.end(),
                       [&](const For* loop) { return loop->loop_var.get() == var; });
  });
}

/// The loops above a block up to the first that holds more than one statement.
inline std::vector<const For*> own_loops(const Path& block) {
  std::vector<const For*> loops;
  for (size_t i = block.size() - 1; i-- > 0;) {
    const For* loop = as<For>(block.nodes[i]);
    if (!loop || loop->body->kind == Kind::SeqStmt) break;
    loops.insert(loops.begin(), loop);
  }
  return loops;
}

/// Compares the bodies of two blocks, pairing buffers as they come.
class BodyMatcher {
 public:
  bool stmt(const StmtNode& a, const StmtNode& b) {
    const BufferStore *x = as<BufferStore>(&a), *y = as<BufferStore>(&b);
    return x && y && access(x->buffer, x->indices, y->buffer, y->indices) &&
           expr(*x->value, *y->value);
  }
  TensorizeCorrespondence out;

 private:
  bool expr(const ExprNode& a, const ExprNode& b) {
    if (a.kind != b.kind || a.dtype != b.dtype) return false;
    if (is_binary_kind(a.kind)) {
      const auto &x = static_cast<const BinaryExpr&>(a), &y = static_cast<const BinaryExpr&>(b);
      return expr(*x.a, *y.a) && expr(*x.b, *y.b);
    }
    switch (a.kind) {
      case Kind::IntImm:
        return static_cast<const IntImm&>(a).value == static_cast<const IntImm&>(b).value;
      case Kind::FloatImm:
        return static_cast<const FloatImm&>(a).value == static_cast<const FloatImm&>(b).value;
      case Kind::Cast:
        return expr(*static_cast<const Cast&>(a).value, *static_cast<const Cast&>(b).value);
      case Kind::Call: {
        const auto &x = static_cast<const Call&>(a), &y = static_cast<const Call&>(b);
        if (!x.op.same_as(y.op) || x.args.size() != y.args.size()) return false;
        for (size_t i = 0; i < x.args.size(); ++i)
          if (!expr(*x.args[i], *y.args[i])) return false;
        return true;
      }
      case Kind::BufferLoad: {
        const auto &x = static_cast<const BufferLoad&>(a), &y = static_cast<const BufferLoad&>(b);
        return access(x.buffer, x.indices, y.buffer, y.indices);
      }
      default:
        return false;
    }
  }

  bool access(const BufferRef& a, const Exprs& ai, const BufferRef& b, const Exprs& bi) {
    for (size_t i = 0; i < out.buffers.size(); ++i) {
      bool left = out.buffers[i].first == a, right = out.buffers[i].second == b;
      if (left != right) return false;
      if (left) return same(out.indices[i].first, ai) && same(out.indices[i].second, bi);
    }
    if (a->dtype != b->dtype) return false;
    bool scalar = bi.size() == 1 && is_zero(bi[0]);
    for (const Expr& index : bi)
      if (!scalar && !as<Var>(index)) return false;
    std::vector<Expr> simplified;
    for (const Expr& index : ai) {
      Expr e = analyzer_.simplify(index);
      simplified.push_back(as<IntImm>(e) ? index : e);
    }
    out.buffers.emplace_back(a, b);
    out.indices.emplace_back(Exprs(simplified), bi);
    return true;
  }

  bool same(const Exprs& a, const Exprs& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i)
      if (!analyzer_.can_prove_equal(a[i], b[i])) return false;
    return true;
  }

  arith::Analyzer analyzer_;
};

inline bool plain_iters(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(), [](const auto& iter) {
    return iter->iter_type == IterType::DataPar || iter->iter_type == IterType::CommReduce;
  });
}

/// The buffers (by position) that an axis indexes.
inline std::set<size_t> indexed_buffers(const IterVar& iter,
                                        const std::vector<std::pair<Exprs, Exprs>>& indices,
                                        bool left) {
  std::set<size_t> out;
  for (size_t i = 0; i < indices.size(); ++i)
    for (const Expr& index : left ? indices[i].first : indices[i].second)
      if (uses_var(*index, iter.var.get())) out.insert(i);
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE DescNest desc_nest(const PrimFunc& desc) {
  DescNest out;
  const StmtNode* stmt = block_of(*desc.body).body.get();
  while (const For* loop = as<For>(stmt)) {
    out.loops.push_back(loop);
    stmt = loop->body.get();
  }
  out.realize = as<BlockRealize>(stmt);
  return out;
}

METASCHEDULE_INLINE std::optional<TensorizeInfo> tensorize_loop_mapping(const Path& path,
                                                                        const PrimFunc& desc,
                                                                        bool allow_padding) {
  const auto& realize = cast_to<BlockRealize>(*path.back());
  const Block& block = *realize.block;
  std::vector<const For*> loops = detail::own_loops(path);
  DescNest nest = desc_nest(desc);
  if (!nest.realize) return std::nullopt;
  const Block& desc_block = *nest.realize->block;
  const size_t n = block.iter_vars.size(), m = desc_block.iter_vars.size();
  if (n < m || loops.size() != n || nest.loops.size() != m) return std::nullopt;
  arith::Analyzer analyzer;
  for (const For* loop : loops)
    if (!analyzer.can_prove_equal(loop->min, int_imm(loop->min->dtype, 0))) return std::nullopt;
  TensorizeInfo out;
  out.desc_loops = nest.loops;
  std::vector<int64_t> paddings(n, 1);
  bool padded = false;
  size_t left = n;  // axes of the block not consumed yet
  for (size_t i = m; i-- > 0;) {
    // The loop of the description behind this axis, and its type.
    const For* desc_loop = nullptr;
    IterType type = IterType::Opaque;
    for (size_t l = 0; l < m && !desc_loop; ++l) {
      Expr rest = analyzer.simplify(nest.realize->iter_values[i] - nest.loops[l]->loop_var);
      if (detail::uses_loops(rest, nest.loops)) continue;
      desc_loop = nest.loops[l];
      type = desc_block.iter_vars[l]->iter_type;
    }
    const IntImm* desc_extent = desc_loop ? as<IntImm>(desc_loop->extent) : nullptr;
    if (!desc_extent) return std::nullopt;
    while (left > 0 && block.iter_vars[left - 1]->iter_type != type) --left;
    if (left == 0) return std::nullopt;
    const size_t axis = --left;
    for (const For* loop : loops) {
      bool taken = std::any_of(out.loop_map.begin(), out.loop_map.end(),
                               [&](const auto& item) { return item.first == loop; });
      if (taken) continue;
      Expr rest = analyzer.simplify(realize.iter_values[axis] - loop->loop_var);
      if (detail::uses_loops(rest, loops)) continue;
      if (!is_zero(rest)) allow_padding = false;
      const IntImm* extent = as<IntImm>(loop->extent);
      if (!extent) return std::nullopt;
      if (extent->value % desc_extent->value != 0) {
        if (!allow_padding) return std::nullopt;
        paddings[axis] = desc_extent->value;
        padded = true;
      }
      out.loop_map.emplace_back(loop, desc_loop);
      break;
    }
  }
  if (padded) out.paddings = paddings;
  return out;
}

METASCHEDULE_INLINE std::optional<TensorizeCorrespondence> tensorize_correspondence(
    const Block& block, const PrimFunc& desc) {
  DescNest nest = desc_nest(desc);
  if (!nest.realize || !detail::plain_iters(block) || !detail::plain_iters(*nest.realize->block))
    return std::nullopt;
  detail::BodyMatcher matcher;
  if (!matcher.stmt(*block.body, *nest.realize->block->body)) return std::nullopt;
  matcher.out.block_iters = block.iter_vars.vec();
  matcher.out.desc_iters = nest.realize->block->iter_vars.vec();
  return std::move(matcher.out);
}

METASCHEDULE_INLINE std::optional<AutoTensorizeMapping> auto_tensorize_mapping(
    const Block& block, const PrimFunc& desc) {
  std::optional<TensorizeCorrespondence> found = tensorize_correspondence(block, desc);
  if (!found) return std::nullopt;
  AutoTensorizeMapping out{std::move(*found), nullptr};
  const size_t m = out.desc_iters.size();
  std::vector<std::set<size_t>> desc_sets;
  for (const auto& iter : out.desc_iters)
    desc_sets.push_back(detail::indexed_buffers(*iter, out.indices, false));
  std::vector<VarRef> inputs;
  std::vector<Expr> outputs, fused(m);
  for (const auto& iter : out.block_iters) {
    VarRef input = make<Var>(iter->var->name, iter->var->dtype);
    inputs.push_back(input);
    std::set<size_t> set = detail::indexed_buffers(*iter, out.indices, true);
    std::vector<size_t> candidates;
    for (size_t j = 0; j < m; ++j)
      if (desc_sets[j] == set && out.desc_iters[j]->iter_type == iter->iter_type)
        candidates.push_back(j);
    if (candidates.size() > 1) return std::nullopt;
    if (candidates.empty()) {
      outputs.push_back(input);
    } else {
      Expr& sum = fused[candidates[0]];
      sum = sum ? sum * iter->dom->extent + input : Expr(input);
    }
  }
  arith::Analyzer analyzer;
  for (const Expr& e : fused) {
    if (!e) return std::nullopt;
    outputs.push_back(analyzer.simplify(e));
  }
  out.mapping = make<IndexMap>(inputs, outputs);
  return out;
}

}  // namespace metaschedule
