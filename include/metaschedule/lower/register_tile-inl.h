// SPDX-License-Identifier: Apache-2.0
// register_tile: a perfect nest around `C[index] = f(C[index], ...)` is reordered and cut so that a
// tile of C stays in local accumulators while the reduction runs over it. Reduction loops keep
// their order, so that each element is accumulated in the order of the schedule; the loops over
// elements may change places, as elements do not depend on each other.
//
//   for k0: for i2: for k1: for i3: for j3 (vectorised):  C[...] += A[...] * B[...]
//   ->
//   for k0: for i2: for i3_o, j3_o:                       # what does not fit into registers
//     acc = C tile
//     for k1: for i3_i, j3_i (unrolled): for lanes (vectorised): acc[...] += A[...] * B[...]
//     C tile = acc
//
// Where the reduction inside is short and goes on further out, the loops between move out, so that
// the tile stays through all of it. When the nest has no vectorised loop, one along which
// everything is contiguous or constant takes its place. Conditions of `if_then_else` in the update
// (padding) are tested once for the whole tile; a tile that passes runs without them.
#pragma once

#include <algorithm>

#include "metaschedule/ir/renew.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/split_reduction.h"
#include "metaschedule/lower/tile_guard.h"
#include "metaschedule/lower/tile_plan.h"

namespace metaschedule::lower {
namespace detail {

/// Builds the loops of a plan.
class TileBuilder {
 public:
  TileBuilder(const ReductionNest& nest, const TilePlan& plan)
      : nest_(nest), plan_(plan), t_(nest.loops[0].loop->loop_var->dtype) {}

  /// Null when nothing would change.
  Stmt build() {
    std::vector<Stmt> pieces;
    for (const TilePlan::VectorCut& column : plan_.columns) {
      std::vector<Cut> rows;
      if (!row_pieces(0, rows, column, pieces)) return nullptr;
    }
    return flatten_seq(pieces);
  }

 private:
  /// All combinations of whole and left-over rows.
  bool row_pieces(size_t k, std::vector<Cut>& rows, const TilePlan::VectorCut& column,
                  std::vector<Stmt>& pieces) {
    if (k == plan_.rows.size()) {
      Stmt piece = Piece{*this, rows, column}.build();
      if (piece) pieces.push_back(piece);
      return piece != nullptr;
    }
    for (const Cut& cut : plan_.rows[k]) {
      rows.push_back(cut);
      if (!row_pieces(k + 1, rows, column, pieces)) return false;
      rows.pop_back();
    }
    return true;
  }

  struct Outer {
    size_t loop;
    int64_t extent;
    bool reduction;
    VarRef var;
  };

  /// The nest for one combination of cuts.
  struct Piece {
    const TileBuilder& owner;
    const std::vector<Cut>& rows;
    const TilePlan::VectorCut& column;
    std::vector<Outer> outer = {};
    size_t carry = 0;
    std::vector<VarRef> row_vars = {};
    VarRef vec = nullptr, lane = nullptr;
    VarMap map = {};

    Stmt build();
    void order_loops();
    void name_variables();
    Stmt over_tile(Stmt body, bool by_row) const;
    Stmt reduction(const Stmt& body, int64_t copies) const;
    Expr slot() const;
    int64_t accumulators() const;
  };

  Ref<Var> fresh(size_t loop) const {
    const VarRef& old = nest_.loops[loop].loop->loop_var;
    return make<Var>(old->name, old->dtype);
  }

  /// First of the trailing reduction loops: the tile stays in registers from there on.
  static size_t carry_from(const std::vector<Outer>& outer) {
    size_t at = outer.size();
    while (at > 0 && outer[at - 1].reduction) --at;
    return at;
  }

  static Stmt serial(const VarRef& var, int64_t extent, const Stmt& body, int64_t copies = 1);

  /// Steps of a reduction that make a load and a store of the tile cheap beside it.
  static constexpr int64_t kLongEnough = 16;
  /// Vector operations in the body of the innermost reduction loop.
  static constexpr int64_t kMostCopies = 48;

  const ReductionNest& nest_;
  const TilePlan& plan_;
  const DType t_;
};

/// Loops outside the tile, in order; what the tile leaves of a loop stays in its place, except that
/// the lanes move fastest and that a short reduction inside lets loops over elements move out.
METASCHEDULE_INLINE void TileBuilder::Piece::order_loops() {
  const ReductionNest& nest = owner.nest_;
  for (size_t i = 0; i < nest.loops.size(); ++i) {
    if (i == owner.plan_.vector) continue;
    int64_t extent = nest.loops[i].extent;
    for (const Cut& cut : rows)
      if (cut.loop == i) extent = cut.count;
    if (extent > 1 || nest.loops[i].reduction)
      outer.push_back({i, extent, nest.loops[i].reduction, owner.fresh(i)});
  }
  if (column.cut.count > 1) {
    const auto at = static_cast<std::ptrdiff_t>(carry_from(outer));
    outer.insert(outer.begin() + at,
                 {column.cut.loop, column.cut.count, false, owner.fresh(column.cut.loop)});
  }
  for (;;) {
    carry = carry_from(outer);
    int64_t steps = 1;
    for (size_t k = carry; k < outer.size(); ++k) steps *= outer[k].extent;
    size_t from = carry;  // the loops over elements in front, and the reduction before them
    while (from > 0 && !outer[from - 1].reduction) --from;
    if (steps >= kLongEnough || from == 0) return;
    size_t first = from;
    while (first > 0 && outer[first - 1].reduction) --first;
    auto at = [&](size_t k) { return outer.begin() + static_cast<std::ptrdiff_t>(k); };
    std::rotate(at(first), at(from), at(carry));
  }
}

METASCHEDULE_INLINE void TileBuilder::Piece::name_variables() {
  const ReductionNest& nest = owner.nest_;
  for (const Cut& cut : rows) row_vars.push_back(owner.fresh(cut.loop));
  vec = make<Var>("vec", owner.t_);
  lane = make<Var>("lane", owner.t_);
  for (size_t i = 0; i < nest.loops.size(); ++i) {
    const VarRef& old = nest.loops[i].loop->loop_var;
    const DType t = old->dtype;
    Expr value = make_zero(t);
    for (const Outer& o : outer)
      if (o.loop == i) value = o.var;
    for (size_t k = 0; k < rows.size(); ++k) {
      if (rows[k].loop == i)
        value = value * rows[k].inner + Expr(row_vars[k]) + int_imm(t, rows[k].start);
    }
    if (i == column.cut.loop) {
      value = value * column.cut.inner + int_imm(t, column.cut.start);
      if (column.vectors > 1) value = value + cast(t, vec) * column.lanes;
      if (column.lanes > 1) value = value + cast(t, lane);
    }
    map[old.get()] = value;
  }
}

METASCHEDULE_INLINE Expr TileBuilder::Piece::slot() const {
  Expr slot = make_zero(owner.t_);
  for (size_t k = 0; k < rows.size(); ++k)
    slot = slot * rows[k].inner + cast(owner.t_, row_vars[k]);
  slot = slot * column.vectors;
  if (column.vectors > 1) slot = slot + Expr(vec);
  slot = slot * column.lanes;
  return column.lanes > 1 ? slot + Expr(lane) : slot;
}
METASCHEDULE_INLINE int64_t TileBuilder::Piece::accumulators() const {
  int64_t n = column.vectors;
  for (const Cut& cut : rows) n *= cut.inner;
  return n;
}

/// The loops of the tile around `body`, with variables of their own. `by_row`: the rows one by one.
METASCHEDULE_INLINE Stmt TileBuilder::Piece::over_tile(Stmt body, bool by_row) const {
  const DType t = owner.t_;
  if (column.lanes > 1)
    body = make<For>(lane, make_zero(t), int_imm(t, column.lanes), ForKind::Vectorized, body);
  if (column.vectors > 1)
    body = make<For>(vec, make_zero(t), int_imm(t, column.vectors), ForKind::Unrolled, body);
  for (size_t k = rows.size(); k-- > 0;) {
    const DType rt = row_vars[k]->dtype;
    if (!by_row) {
      body = make<For>(row_vars[k], make_zero(rt), int_imm(rt, rows[k].inner), ForKind::Unrolled,
                       body);
      continue;
    }
    std::vector<Stmt> copies;
    for (int64_t r = 0; r < rows[k].inner; ++r)
      copies.push_back(substitute(body, VarMap{{row_vars[k].get(), int_imm(rt, r)}}));
    body = flatten_seq(copies);
  }
  return renewed(body);
}

METASCHEDULE_INLINE Stmt TileBuilder::Piece::reduction(const Stmt& inner, int64_t most) const {
  Stmt body = inner;
  for (size_t k = outer.size(); k-- > carry;) {
    int64_t copies = 1;
    for (int64_t c = std::min<int64_t>(4, most); k + 1 == outer.size() && copies == 1 && c > 1; --c)
      if (outer[k].extent % c == 0) copies = c;
    body = serial(outer[k].var, outer[k].extent, body, copies);
  }
  return body;
}

METASCHEDULE_INLINE Stmt TileBuilder::Piece::build() {
  order_loops();
  name_variables();
  if (accumulators() == 1 && column.lanes == 1 && carry == outer.size()) return nullptr;
  const BufferRef& c = owner.nest_.store->buffer;
  BufferRef acc =
      decl_buffer({i32(accumulators() * column.lanes)}, c->dtype, c->name + "_acc", "local");
  const Expr at = slot(), place = substitute(owner.nest_.store->indices[0], map);
  // The only loads of the buffer are of the accumulated element.
  Ref<Node> redirected =
      rewrite_post_order(*owner.nest_.store->value, [&](const Node& n) -> Ref<Node> {
        const BufferLoad* l = as<BufferLoad>(&n);
        return l && l->buffer == c ? Ref<Node>(load(acc, {at})) : nullptr;
      });
  Expr value = substitute(cast_to<ExprNode>(redirected), map);

  InsideRanges tile, steps;  // what the guard quantifies over
  for (size_t k = 0; k < rows.size(); ++k) tile[row_vars[k].get()] = rows[k].inner;
  tile[vec.get()] = column.vectors;
  tile[lane.get()] = column.lanes;
  for (size_t k = carry; k < outer.size(); ++k) steps[outer[k].var.get()] = outer[k].extent;

  auto update = [&](const Expr& v) { return make<BufferStore>(acc, v, Exprs{at}); };
  Stmt body;
  GuardedValue guarded = guard_value(value, tile, steps);
  if (guarded.guard) {
    Stmt fast = reduction(over_tile(update(guarded.fast), false), kMostCopies / accumulators());
    Stmt slow = over_tile(update(value), true);
    slow = reduction(drop_known_conditions(slow, steps), 1);
    body =
        is_one(guarded.guard) ? fast : Stmt(make<IfThenElse>(guarded.guard, fast, renewed(slow)));
  } else {
    body = reduction(over_tile(update(value), false), kMostCopies / accumulators());
  }
  body = flatten_seq({over_tile(update(load(c, {place})), false), body,
                      over_tile(make<BufferStore>(c, load(acc, {at}), Exprs{place}), false)});
  body = make<Allocate>(acc->data, acc->dtype, acc->shape, true_(), make<DeclBuffer>(acc, body));
  for (size_t k = carry; k-- > 0;) body = serial(outer[k].var, outer[k].extent, body);
  return body;
}

/// A loop whose body is copied `copies` times, which divide its extent.
METASCHEDULE_INLINE Stmt TileBuilder::serial(const VarRef& var, int64_t extent, const Stmt& body,
                                             int64_t copies) {
  const DType t = var->dtype;
  if (copies > 1) {
    VarRef inner = make<Var>(var->name + "_u", t);
    Expr at = extent == copies ? Expr(inner) : Expr(var) * copies + Expr(inner);
    Stmt unrolled = make<For>(inner, make_zero(t), int_imm(t, copies), ForKind::Unrolled,
                              substitute(body, VarMap{{var.get(), at}}));
    return extent == copies ? unrolled : serial(var, extent / copies, unrolled);
  }
  if (extent == 1) return substitute(body, VarMap{{var.get(), make_zero(t)}});
  return make<For>(var, make_zero(t), int_imm(t, extent), ForKind::Serial, body);
}

class RegisterTiler : public Rewriter {
 public:
  explicit RegisterTiler(const LowerOptions& options) : options_(options) {}
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    const For* loop = as<For>(&node);
    if (loop && loop->kind != ForKind::Parallel) {
      if (auto nest = reduction_nest(*loop)) return tiled(*nest);
    }
    return rewrite_children(node);
  }

 private:
  Stmt tiled(const ReductionNest& nest) {
    if (options_.reassociate_reductions) {
      if (Stmt out = split_reduction(nest, options_)) return out;
    }
    if (!options_.register_tiles) return nullptr;
    if (Stmt merged = merge_contiguous_loops(nest, native_lanes(*nest.store, options_))) {
      auto again = reduction_nest(cast_to<For>(*merged));
      METASCHEDULE_CHECK(again.has_value());
      Stmt out = tiled(*again);
      return out ? out : merged;
    }
    return TileBuilder(nest, plan_tile(nest, options_)).build();
  }

  const LowerOptions& options_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef register_tile(const PrimFuncRef& func,
                                              const LowerOptions& options) {
  return detail::with_body(func, detail::RegisterTiler(options)(func->body));
}

}  // namespace metaschedule::lower
