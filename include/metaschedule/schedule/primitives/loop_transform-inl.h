// SPDX-License-Identifier: Apache-2.0
// split, fuse and add_unit_loop.
#pragma once

#include <fmt/format.h>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/loop_checks.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

// The loops that contain the statement at `level`, up to the nearest block, outer first.
inline LoopStack loops_outside(const Path& path, size_t level) {
  LoopStack out;
  for (size_t i = static_cast<size_t>(path.enclosing_block(level) + 1); i < level; ++i)
    if (const For* loop = as<For>(path.nodes[i])) out.push_back(loop);
  return out;
}

struct SplitFactors {
  std::vector<Expr> extents;
  // Whether the product may exceed the extent of the loop.
  bool needs_predicate = true;
};

// Evaluates factors, infers the one that is None and checks them against the extent of the loop.
inline SplitFactors resolve_factors(const ScheduleState& state, const For& loop,
                                    const std::vector<Factor>& factors) {
  const IntImm* constant = as<IntImm>(loop.extent);
  DType dtype = loop.extent->dtype;
  SplitFactors out;
  int inferred = -1;
  int64_t product = 1;
  bool all_constant = constant != nullptr;
  for (size_t i = 0; i < factors.size(); ++i) {
    Expr& extent = out.extents.emplace_back();
    if (factors[i].is_none()) {
      refuse_unless(inferred < 0, "Only one factor can be specified as -1 or none");
      inferred = static_cast<int>(i);
      continue;
    }
    if (auto value = factors[i].constant(state)) {
      if (*value <= 0)
        refuse(
            fmt::format("All the constant factors are required to be positive. However, the "
                        "factor at position {} is {}",
                        i, *value));
      extent = int_imm(dtype.bits > 32 ? dtype : kInt32, *value);
      all_constant = all_constant && !__builtin_mul_overflow(product, *value, &product);
    } else {
      extent = factors[i].evaluate(state);
      if (extent->dtype.bits > dtype.bits) extent = cast(dtype, extent);
      all_constant = false;
    }
  }
  if (all_constant) {
    int64_t size = constant->value;
    if (inferred >= 0) {
      int64_t rest = size <= 0 ? 0 : (size - 1) / product + 1;
      out.extents[static_cast<size_t>(inferred)] = int_imm(dtype, rest);
      all_constant = !__builtin_mul_overflow(product, rest, &product);
    }
    if (all_constant) {
      if (product < size)
        refuse(fmt::format("The product of factors is not larger than or equal to the extent of "
                           "loop {{0}}: it is {}, the extent {}",
                           product, size),
               {&loop});
      out.needs_predicate = product != size;
      return out;
    }
  }
  arith::Analyzer analyzer;
  Expr total = int_imm(dtype, 1);
  for (const Expr& extent : out.extents)
    if (extent) total = total * extent;
  if (inferred >= 0) {
    out.extents[static_cast<size_t>(inferred)] =
        analyzer.simplify(floordiv(loop.extent + total - int_imm(dtype, 1), total));
  } else {
    refuse_unless(
        analyzer.can_prove(ge(total, loop.extent)),
        "The product of factors is not larger than or equal to the extent of loop {0}, as "
        "far as is known: it is {1}, the extent {2}",
        {&loop, total.get(), loop.extent.get()});
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE void Split::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  Path path = state.path_of(loop);
  const For& old = static_cast<const For&>(*path.back());
  detail::SplitFactors resolved = detail::resolve_factors(state, old, factors);
  const std::vector<Expr>& extents = resolved.extents;
  detail::check_plain(old);
  detail::check_starts_at_zero(old);

  int bits = old.loop_var->dtype.bits;
  for (const Expr& extent : extents) bits = std::max<int>(bits, extent->dtype.bits);
  DType dtype = DType::int_(bits);
  std::vector<VarRef> vars;
  Expr value = int_imm(dtype, 0);
  for (size_t i = 0; i < extents.size(); ++i) {
    vars.push_back(make<Var>(fmt::format("{}_{}", old.loop_var->name, i), dtype));
    value = value * extents[i] + vars.back();
  }

  Expr predicate;
  if (!disable_predication && resolved.needs_predicate) {
    arith::Analyzer analyzer;
    for (size_t i = 0; i < extents.size(); ++i)
      analyzer.bind(vars[i], make<Range>(int_imm(dtype, 0), extents[i]));
    predicate = lt(value, old.extent);
    if (analyzer.can_prove(predicate, arith::ProofStrength::SymbolicBound)) predicate = nullptr;
  }
  VarMap map{{old.loop_var.get(), cast(old.loop_var->dtype, value)}};
  Stmt body = substitute_loops(old.body, map, predicate);
  for (size_t i = extents.size(); i-- > 0;)
    body = make<For>(vars[i], int_imm(dtype, 0), extents[i], ForKind::Serial, body);
  body =
      normalize_bindings(body, detail::loops_outside(path, path.size() - 1), !preserve_unit_iters);
  state.replace(path, std::move(body));
  for (VarRef& var : vars) outputs.push_back(TableEntry::loop(std::move(var)));
}

METASCHEDULE_INLINE void Fuse::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  check<ValueError>(!loops.empty(), "'fuse' requires at least 1 loop(s)");
  Path path = state.path_of(loops[0]);
  std::vector<const For*> chain;
  for (size_t i = 0; i < loops.size(); ++i) {
    const Path below = i == 0 ? path : state.path_of(loops[i]);
    const For& loop = static_cast<const For&>(*below.back());
    detail::check_plain(loop);
    if (!chain.empty()) {
      bool inner = false;
      for (size_t k = below.size() - 1; k-- > 0;) {
        Kind kind = below.nodes[k]->kind;
        if (kind != Kind::For && kind != Kind::BlockRealize) continue;
        inner = below.nodes[k] == chain.back();
        break;
      }
      refuse_unless(inner, "The loop {0} is required to be the parent of the loop {1}",
                    {chain.back(), &loop});
      refuse_unless(chain.back()->body.get() == &loop,
                    "The loop {1} is required to be the only child of the loop {0}",
                    {chain.back(), &loop});
    }
    detail::check_starts_at_zero(loop);
    for (const For* outer : chain)
      if (uses_var(*loop.extent, outer->loop_var.get()))
        refuse(fmt::format("The loop {{0}} depends on another loop {}, which cannot be fused",
                           outer->loop_var->name),
               {&loop});
    chain.push_back(&loop);
  }

  std::string name;
  int bits = 0;
  for (const For* loop : chain) {
    name += loop->loop_var->name + "_";
    bits = std::max<int>(bits, loop->loop_var->dtype.bits);
  }
  DType dtype = DType::int_(bits);
  VarRef fused = make<Var>(name + "fused", dtype);
  VarMap map;
  Expr lower = int_imm(dtype, 1);
  for (size_t i = chain.size(); i-- > 0;) {
    const For& loop = *chain[i];
    Expr value;
    if (is_one(loop.extent)) {
      value = int_imm(dtype, 0);
    } else if (i == 0) {
      value = floordiv(fused, lower);
    } else {
      value = floordiv(floormod(fused, lower * loop.extent), lower);
    }
    map[loop.loop_var.get()] = cast(loop.loop_var->dtype, value);
    lower = lower * loop.extent;
  }
  Expr extent = int_imm(dtype, 1);
  for (const For* loop : chain) extent = extent * loop->extent;
  if (!as<IntImm>(extent)) extent = arith::Analyzer().simplify(extent);
  Stmt body = substitute_loops(chain.back()->body, map);
  body = make<For>(fused, int_imm(dtype, 0), extent, ForKind::Serial, body);
  body =
      normalize_bindings(body, detail::loops_outside(path, path.size() - 1), !preserve_unit_iters);
  state.replace(path, std::move(body));
  outputs.push_back(TableEntry::loop(fused));
}

METASCHEDULE_INLINE void AddUnitLoop::apply(ScheduleState& state,
                                            std::vector<TableEntry>& outputs) {
  Path path = state.path_of(block_or_loop);
  check<ValueError>(path.size() > 1, "Cannot add loops on top of the root block");
  VarRef var = make<Var>("u", kInt32);
  state.replace(path, make<For>(var, i32(0), i32(1), ForKind::Serial, Stmt(path.back())));
  outputs.push_back(TableEntry::loop(var));
}

METASCHEDULE_INLINE std::vector<LoopRV> LoopTransformMethods::split(
    LoopRV loop, const std::vector<ExprRV>& factors, bool preserve_unit_iters,
    bool disable_predication) {
  return static_cast<Schedule*>(this)->run(
      Split{loop, {factors.begin(), factors.end()}, preserve_unit_iters, disable_predication});
}
METASCHEDULE_INLINE LoopRV LoopTransformMethods::fuse(std::vector<LoopRV> loops,
                                                      bool preserve_unit_iters) {
  return static_cast<Schedule*>(this)->run(Fuse{std::move(loops), preserve_unit_iters});
}
METASCHEDULE_INLINE void LoopTransformMethods::reorder(std::vector<LoopRV> ordered_loops) {
  static_cast<Schedule*>(this)->run(Reorder{std::move(ordered_loops)});
}
METASCHEDULE_INLINE LoopRV LoopTransformMethods::add_unit_loop(BlockOrLoopRV block_or_loop) {
  return static_cast<Schedule*>(this)->run(AddUnitLoop{block_or_loop});
}

}  // namespace metaschedule
