// SPDX-License-Identifier: Apache-2.0
// Planning of register tiles: m rows of n vectors with m * n + n + 1 registers or fewer, and
// m * n / (m + n) - arithmetic for each load - as large as the extents allow.
#pragma once

#include <algorithm>

#include "metaschedule/lower/tile_plan.h"

namespace metaschedule::lower::detail {

/// Independent sums that hide the latency of two units of four or five steps.
inline constexpr int64_t kBusy = 8;

class TilePlanner {
 public:
  TilePlanner(const ReductionNest& nest, const LowerOptions& options)
      : nest_(nest), registers_(options.vector_registers) {
    plan_.lanes = native_lanes(*nest.store, options);
  }

  TilePlan plan() {
    choose_vector_loop();
    const int64_t whole = plan_.vector == TilePlan::kNone
                              ? 1
                              : std::max<int64_t>(1, extent(plan_.vector) / plan_.lanes);
    double best = -1;
    int64_t vectors = 1;
    for (int64_t n = 1; n <= std::min<int64_t>(whole, registers_ / 3); ++n) {
      std::vector<std::vector<Cut>> rows = rows_for(n);
      const double m = static_cast<double>(product(rows)), v = static_cast<double>(n);
      double score = m * v / (m + v) + (m * v >= kBusy ? 1 : 0);
      if (whole % n != 0) score *= 0.8;  // a narrower tile for the rest
      if (score <= best) continue;
      best = score;
      vectors = n;
      plan_.rows = std::move(rows);
    }
    cut_columns(vectors);
    return plan_;
  }

 private:
  int64_t extent(size_t loop) const { return nest_.loops[loop].extent; }

  void choose_vector_loop() {
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      const ReductionNest::Loop& l = nest_.loops[i];
      if (l.loop->kind == ForKind::Vectorized && !l.reduction) plan_.vector = i;
    }
    if (plan_.vector != TilePlan::kNone || plan_.lanes < 2) return;
    int64_t best = 3;  // fewer lanes do not pay
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      const ReductionNest::Loop& l = nest_.loops[i];
      if (l.reduction || l.opaque || l.store_stride != 1 || l.extent <= best) continue;
      if (!contiguous(l.loop->loop_var.get())) continue;
      plan_.vector = i;
      best = l.extent;
    }
  }
  /// Everything read moves with the variable by one element or not at all.
  bool contiguous(const Var* var) const {
    bool good = true;
    post_order(*nest_.store->value, [&](const Node& n) {
      if (const BufferLoad* l = as<BufferLoad>(&n)) {
        auto stride = l->indices.size() == 1 ? stride_of(l->indices[0], var) : std::nullopt;
        good = good && stride && (*stride == 0 || *stride == 1);
      } else if (const Call* call = as<Call>(&n)) {
        const Op* op = as<Op>(call->op);
        good = good && op && is_lane_wise(*op);
      }
    });
    return good;
  }

  /// Loops over elements from the innermost out, as much of each as the registers hold. One of them
  /// may leave a rest; the others are cut at divisors.
  std::vector<std::vector<Cut>> rows_for(int64_t vectors) const {
    const int64_t most = std::max<int64_t>(1, (registers_ - 1 - vectors) / vectors);
    std::vector<std::vector<Cut>> rows;
    int64_t m = 1;
    bool ragged = false;
    for (size_t i = nest_.loops.size(); i-- > 0;) {
      const ReductionNest::Loop& l = nest_.loops[i];
      if (l.reduction || i == plan_.vector || l.extent == 1) continue;
      // What is far out stays out once the tile keeps the units busy and half of the registers.
      if (m * vectors >= std::max<int64_t>(kBusy, registers_ / 2) && i < last_reduction()) continue;
      const int64_t room = most / m;
      int64_t f = largest_divisor(l.extent, room);
      // Fewer, larger tiles save loads; the rest is a tile of its own.
      const int64_t pieces = (l.extent + room - 1) / room;
      if (!ragged && pieces < l.extent / f) {
        f = (l.extent + pieces - 1) / pieces;
        ragged = l.extent % f != 0;
      }
      if (f == 1) continue;
      std::vector<Cut> cuts = {{i, 0, l.extent / f, f}};
      if (l.extent % f) cuts.push_back({i, l.extent / f * f, 1, l.extent % f});
      rows.push_back(cuts);
      m *= f;
    }
    return rows;
  }
  static int64_t largest_divisor(int64_t n, int64_t limit) {
    for (int64_t d = std::min(n, limit); d > 1; --d)
      if (n % d == 0) return d;
    return 1;
  }
  static int64_t product(const std::vector<std::vector<Cut>>& rows) {
    int64_t p = 1;
    for (const std::vector<Cut>& cuts : rows) p *= cuts[0].inner;
    return p;
  }
  size_t last_reduction() const {
    size_t last = 0;
    for (size_t i = 0; i < nest_.loops.size(); ++i)
      if (nest_.loops[i].reduction) last = i;
    return last;
  }

  void cut_columns(int64_t vectors) {
    const size_t v = plan_.vector;
    if (v == TilePlan::kNone) {
      plan_.lanes = 1;
      plan_.columns = {{{v, 0, 1, 1}, 1, 1}};
      return;
    }
    const int64_t all = extent(v), lanes = plan_.lanes, tile = vectors * lanes;
    int64_t done = 0;
    if (all >= tile) {
      plan_.columns.push_back({{v, 0, all / tile, tile}, vectors, plan_.lanes});
      done = all / tile * tile;
    }
    if (int64_t rest = (all - done) / lanes) {
      plan_.columns.push_back({{v, done, 1, rest * lanes}, rest, plan_.lanes});
      done += rest * lanes;
    }
    if (int64_t rest = all - done)
      plan_.columns.push_back({{v, done, 1, rest}, 1, static_cast<int>(rest)});
  }

  const ReductionNest& nest_;
  const int registers_;
  TilePlan plan_;
};

METASCHEDULE_INLINE TilePlan plan_tile(const ReductionNest& nest, const LowerOptions& options) {
  return TilePlanner(nest, options).plan();
}

METASCHEDULE_INLINE Stmt merge_contiguous_loops(const ReductionNest& nest, int lanes) {
  // Strides of all accesses along each loop; a variable used elsewhere, or not by a factor, keeps
  // its loop.
  std::vector<const Expr*> accesses = {&nest.store->indices[0]};
  bool plain = true;
  pre_order(*nest.store->value, [&](const Node& n) {
    if (const BufferLoad* l = as<BufferLoad>(&n)) {
      plain = plain && l->indices.size() == 1 && !l->predicate;
      if (plain) accesses.push_back(&l->indices[0]);
      return false;
    }
    return true;
  });
  if (!plain) return nullptr;
  auto used_outside = [&](const Var* var) {
    bool used = false;
    pre_order(*nest.store->value, [&](const Node& n) {
      used = used || &n == var;
      return n.kind != Kind::BufferLoad;
    });
    return used;
  };
  auto strides = [&](size_t i) {
    std::vector<std::optional<int64_t>> out;
    for (const Expr* a : accesses) out.push_back(stride_of(*a, nest.loops[i].loop->loop_var.get()));
    return out;
  };
  auto candidate = [&](size_t i) {
    return !nest.loops[i].reduction && !used_outside(nest.loops[i].loop->loop_var.get());
  };
  for (size_t v = nest.loops.size(); v-- > 0;) {
    const ReductionNest::Loop& inner = nest.loops[v];
    if (!candidate(v) || inner.opaque || inner.store_stride != 1 || inner.extent >= lanes) continue;
    auto inner_strides = strides(v);
    for (size_t u = nest.loops.size(); u-- > 0;) {
      if (u == v || !candidate(u)) continue;
      auto outer_strides = strides(u);
      bool together = true;
      for (size_t k = 0; k < accesses.size(); ++k) {
        together = together && inner_strides[k] && outer_strides[k] &&
                   *outer_strides[k] == *inner_strides[k] * inner.extent;
      }
      if (!together) continue;
      // for u: for v  ->  for v over both extents, u = 0
      const DType t = inner.loop->loop_var->dtype;
      VarMap zero = {
          {nest.loops[u].loop->loop_var.get(), make_zero(nest.loops[u].loop->loop_var->dtype)}};
      Stmt body = substitute(Stmt(nest.store), zero);
      for (size_t k = nest.loops.size(); k-- > 0;) {
        if (k == u) continue;
        auto made = mutate(*nest.loops[k].loop);
        if (k == v) made->extent = int_imm(t, inner.extent * nest.loops[u].extent);
        if (k != v && inner.loop->kind == ForKind::Vectorized && made->kind == ForKind::Vectorized)
          made->kind = ForKind::Serial;
        made->body = body;
        body = made;
      }
      return body;
    }
  }
  return nullptr;
}

}  // namespace metaschedule::lower::detail
