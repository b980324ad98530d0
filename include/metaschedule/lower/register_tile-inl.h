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
// A tile is m rows of n vectors with m * n + n + 1 registers or fewer, and m * n / (m + n) as large
// as the divisors of the extents allow. Where the reduction inside is short and goes on further
// out, the loops between move out, so that the tile stays through all of it. When the nest has no
// vectorised loop, one along which everything is contiguous or constant takes its place.
#pragma once

#include <algorithm>

#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/lane_math.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/nest.h"
#include "metaschedule/lower/split_reduction.h"

namespace metaschedule::lower {
namespace detail {

/// Plans and builds the tiles of one nest.
class TileBuilder {
 public:
  TileBuilder(const ReductionNest& nest, const LowerOptions& options)
      : nest_(nest), options_(options) {}

  /// Null when the nest is better left as it is.
  Stmt build() {
    lanes_ = native_lanes(*nest_.store, options_);
    choose_vector_loop();
    plan_rows();
    return emit();
  }

 private:
  /// A loop of the tile: `inner` of its extent lies inside, the rest outside.
  struct Part {
    size_t loop;
    int64_t inner;
  };

  /// Index of the loop that lanes run along; kNone for scalar accumulators.
  void choose_vector_loop() {
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      if (nest_.loops[i].loop->kind == ForKind::Vectorized && !nest_.loops[i].reduction)
        vector_ = i;
    }
    if (vector_ != kNone || lanes_ < 2) return;
    int64_t best = 3;  // fewer lanes do not pay
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      const ReductionNest::Loop& l = nest_.loops[i];
      if (l.reduction || l.opaque || l.store_stride != 1 || l.extent <= best) continue;
      if (contiguous(l.loop->loop_var.get())) {
        vector_ = i;
        best = l.extent;
      }
    }
  }
  /// Everything read moves with the variable by one element or not at all, and at least one does.
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

  static int64_t largest_divisor(int64_t n, int64_t limit) {
    for (int64_t d = std::min(n, limit); d > 1; --d)
      if (n % d == 0) return d;
    return 1;
  }

  /// Rows: loops over elements from the innermost out, as much of each as the registers hold.
  std::vector<Part> rows_for(int64_t vectors) const {
    const int64_t most = std::max<int64_t>(1, (options_.vector_registers - 1 - vectors) / vectors);
    std::vector<Part> rows;
    int64_t m = 1;
    for (size_t i = nest_.loops.size(); i-- > 0;) {
      const ReductionNest::Loop& l = nest_.loops[i];
      if (l.reduction || i == vector_ || l.extent == 1) continue;
      const int64_t f = largest_divisor(l.extent, most / m);
      // What is far out stays out once the tile keeps the units busy.
      if (f == 1 || (m * vectors >= kBusy && i < last_reduction())) continue;
      rows.push_back({i, f});
      m *= f;
    }
    return rows;
  }
  static int64_t product(const std::vector<Part>& parts) {
    int64_t p = 1;
    for (const Part& part : parts) p *= part.inner;
    return p;
  }
  size_t last_reduction() const {
    for (size_t i = nest_.loops.size(); i-- > 0;)
      if (nest_.loops[i].reduction) return i;
    return 0;
  }

  void plan_rows() {
    const int64_t whole =
        vector_ == kNone ? 1 : std::max<int64_t>(1, nest_.loops[vector_].extent / lanes_);
    double best = -1;
    for (int64_t n = 1; n <= std::min<int64_t>(whole, options_.vector_registers / 3); ++n) {
      if (whole % n != 0) continue;
      std::vector<Part> rows = rows_for(n);
      const double m = static_cast<double>(product(rows)), v = static_cast<double>(n);
      const double score = m * v / (m + v) + (m * v >= kBusy ? 1 : 0);
      if (score <= best) continue;
      best = score;
      vectors_ = n;
      rows_ = rows;
    }
  }

  Stmt emit() {
    // Loops outside the tile, in order; what the tile leaves of a loop stays in its place.
    std::vector<Outer> outer;
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      const ReductionNest::Loop& l = nest_.loops[i];
      int64_t inner = 1;
      for (const Part& part : rows_)
        if (part.loop == i) inner = part.inner;
      if (i == vector_) continue;
      if (l.extent / inner > 1 || l.reduction) outer.push_back({i, l.extent / inner, l.reduction});
    }
    if (vector_ != kNone) {
      const int64_t all = nest_.loops[vector_].extent, tile = vectors_ * lanes_;
      // First whole tiles, then what is left of the lanes.
      std::vector<Stmt> parts;
      if (all >= tile && all / tile > 0)
        parts.push_back(with_vectors(outer, 0, all / tile, vectors_, lanes_));
      const int64_t done = all >= tile ? all / tile * tile : 0;
      if (int64_t rest = all - done; rest >= lanes_)
        parts.push_back(with_vectors(outer, done, 1, rest / lanes_, lanes_));
      if (int64_t rest = (all - done) % lanes_)
        parts.push_back(with_vectors(outer, all - rest, 1, 1, static_cast<int>(rest)));
      return flatten_seq(parts);
    }
    return with_vectors(outer, 0, 1, 1, 1);
  }

  struct Outer {
    size_t loop;
    int64_t extent;
    bool reduction;
    bool is_vector = false;
  };

  /// The nest for lanes [start, start + count * vectors * lanes) of the vector loop.
  Stmt with_vectors(std::vector<Outer> outer, int64_t start, int64_t count, int64_t vectors,
                    int lanes) {
    if (count > 1) {
      // Beside the innermost loop over elements: it is the one that moves fastest.
      outer.push_back({vector_, count, false, true});
      std::rotate(outer.begin() + static_cast<std::ptrdiff_t>(carry_from(outer)), outer.end() - 1,
                  outer.end());
    }
    move_out_of_long_reductions(outer);
    const size_t carry = carry_from(outer);
    // Variables of the copy.
    VarMap map;
    std::vector<VarRef> vars;
    for (const Outer& o : outer) {
      const VarRef& old = nest_.loops[o.loop].loop->loop_var;
      vars.push_back(make<Var>(old->name, old->dtype));
    }
    std::vector<VarRef> row_vars;
    std::vector<Expr> row_values;
    for (const Part& part : rows_) {
      const VarRef& old = nest_.loops[part.loop].loop->loop_var;
      row_vars.push_back(make<Var>(old->name, old->dtype));
    }
    const DType t = nest_.loops[0].loop->loop_var->dtype;
    VarRef vector_var = make<Var>("vec", t), lane_var = make<Var>("lane", t);
    for (size_t i = 0; i < nest_.loops.size(); ++i) {
      const VarRef& old = nest_.loops[i].loop->loop_var;
      Expr value = make_zero(old->dtype);
      for (size_t k = 0; k < outer.size(); ++k) {
        if (outer[k].loop == i) value = Expr(vars[k]);
      }
      for (size_t k = 0; k < rows_.size(); ++k) {
        if (rows_[k].loop == i) value = value * rows_[k].inner + Expr(row_vars[k]);
      }
      if (i == vector_) {
        const DType vt = old->dtype;
        value = value * (vectors * lanes_) + int_imm(vt, start);
        if (vectors > 1) value = value + cast(vt, vector_var) * lanes_;
        if (lanes > 1) value = value + cast(vt, lane_var);
      }
      map[old.get()] = value;
    }
    const int64_t rows = product(rows_);
    if (rows * vectors == 1 && lanes == 1 && carry == outer.size()) return nullptr;
    BufferRef acc = decl_buffer({i32(rows * vectors * lanes)}, nest_.store->buffer->dtype,
                                nest_.store->buffer->name + "_acc", "local");
    Expr slot = make_zero(t);
    for (size_t k = 0; k < rows_.size(); ++k) slot = slot * rows_[k].inner + cast(t, row_vars[k]);
    slot = slot * vectors;
    if (vectors > 1) slot = slot + Expr(vector_var);
    slot = slot * lanes;
    if (lanes > 1) slot = slot + Expr(lane_var);
    Expr place = substitute(nest_.store->indices[0], map);
    const BufferRef& c = nest_.store->buffer;
    auto tile = [&](Stmt body) {
      if (lanes > 1)
        body = make<For>(lane_var, make_zero(t), int_imm(t, lanes), ForKind::Vectorized, body);
      if (vectors > 1)
        body = make<For>(vector_var, make_zero(t), int_imm(t, vectors), ForKind::Unrolled, body);
      for (size_t k = rows_.size(); k-- > 0;)
        body = make<For>(row_vars[k], make_zero(row_vars[k]->dtype),
                         int_imm(row_vars[k]->dtype, rows_[k].inner), ForKind::Unrolled, body);
      return renew(body);
    };
    Expr value = redirect(substitute(nest_.store->value, map), load(acc, {slot}));
    Stmt body = tile(make<BufferStore>(acc, value, Exprs{slot}));
    for (size_t k = outer.size(); k-- > carry;) {
      const bool innermost = k + 1 == outer.size();
      const int64_t copies =
          innermost ? largest_divisor(outer[k].extent,
                                      std::max<int64_t>(
                                          1, std::min<int64_t>(4, kMostCopies / (rows * vectors))))
                    : 1;
      body = serial(vars[k], outer[k].extent, body, copies);
    }
    body = flatten_seq({tile(make<BufferStore>(acc, load(c, {place}), Exprs{slot})), body,
                        tile(make<BufferStore>(c, load(acc, {slot}), Exprs{place}))});
    body = make<Allocate>(acc->data, acc->dtype, acc->shape, true_(), make<DeclBuffer>(acc, body));
    for (size_t k = carry; k-- > 0;) body = serial(vars[k], outer[k].extent, body);
    return body;
  }

  /// A loop whose body is copied `copies` times, which divide its extent.
  static Stmt serial(const VarRef& var, int64_t extent, const Stmt& body, int64_t copies = 1) {
    const DType t = var->dtype;
    if (copies > 1) {
      VarRef inner = make<Var>(var->name + "_u", t);
      Expr at = extent == copies ? Expr(inner) : Expr(var) * copies + Expr(inner);
      Stmt unrolled = make<For>(inner, make_zero(t), int_imm(t, copies), ForKind::Unrolled,
                                substitute(body, VarMap{{var.get(), at}}));
      return extent == copies ? unrolled : serial(var, extent / copies, unrolled);
    }
    if (extent == 1) return substitute(body, VarMap{{var.get(), make_zero(var->dtype)}});
    return make<For>(var, make_zero(var->dtype), int_imm(var->dtype, extent), ForKind::Serial,
                     body);
  }

  /// First of the trailing reduction loops: the tile stays in registers from there on.
  static size_t carry_from(const std::vector<Outer>& outer) {
    size_t at = outer.size();
    while (at > 0 && outer[at - 1].reduction) --at;
    return at;
  }

  /// A short reduction inside does not pay for the traffic of its tile.
  static void move_out_of_long_reductions(std::vector<Outer>& outer) {
    for (;;) {
      const size_t carry = carry_from(outer);
      int64_t steps = 1;
      for (size_t k = carry; k < outer.size(); ++k) steps *= outer[k].extent;
      size_t from = carry;  // the loops over elements in front, and the reduction before them
      while (from > 0 && !outer[from - 1].reduction) --from;
      if (steps >= kLongEnough || from == 0) return;
      size_t first = from;
      while (first > 0 && outer[first - 1].reduction) --first;
      std::rotate(outer.begin() + static_cast<std::ptrdiff_t>(first),
                  outer.begin() + static_cast<std::ptrdiff_t>(from),
                  outer.begin() + static_cast<std::ptrdiff_t>(carry));
    }
  }

  /// Loads of the accumulated element, the only ones of its buffer, become loads of its slot.
  Expr redirect(const Expr& value, const Expr& to) const {
    const Buffer* from = nest_.store->buffer.get();
    return cast_to<ExprNode>(with_default(
        rewrite_post_order(*value,
                           [&](const Node& n) -> Ref<Node> {
                             const BufferLoad* l = as<BufferLoad>(&n);
                             return l && l->buffer.get() == from ? Ref<Node>(to) : nullptr;
                           }),
        value));
  }
  static Ref<Node> with_default(Ref<Node> changed, const Expr& otherwise) {
    return changed ? changed : Ref<Node>(otherwise);
  }

  /// Loop variables of its own for each copy of the tile.
  static Stmt renew(const Stmt& body) {
    VarMap map;
    std::vector<const For*> loops;
    const StmtNode* at = body.get();
    for (const For* l = as<For>(at); l; l = as<For>(at)) {
      loops.push_back(l);
      map[l->loop_var.get()] = make<Var>(l->loop_var->name, l->loop_var->dtype);
      at = l->body.get();
    }
    Stmt out = substitute(Stmt(at), map);
    for (size_t k = loops.size(); k-- > 0;) {
      auto made = mutate(*loops[k]);
      made->loop_var = as_ref<Var>(map[loops[k]->loop_var.get()]);
      made->body = out;
      out = made;
    }
    return out;
  }

  static constexpr size_t kNone = ~size_t{0};
  /// Independent sums that hide the latency of two units of four or five steps.
  static constexpr int64_t kBusy = 8;
  /// Steps of a reduction that make a load and a store of the tile cheap beside it.
  static constexpr int64_t kLongEnough = 16;
  /// Vector operations in the body of the innermost reduction loop.
  static constexpr int64_t kMostCopies = 48;

  const ReductionNest& nest_;
  const LowerOptions& options_;
  int lanes_ = 1;
  size_t vector_ = kNone;
  int64_t vectors_ = 1;
  std::vector<Part> rows_;
};

class RegisterTiler : public Rewriter {
 public:
  explicit RegisterTiler(const LowerOptions& options) : options_(options) {}
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    const For* loop = as<For>(&node);
    if (loop && loop->kind != ForKind::Parallel) {
      if (auto nest = reduction_nest(*loop)) {
        Stmt out;
        if (options_.reassociate_reductions) out = split_reduction(*nest, options_);
        if (!out && options_.register_tiles) out = TileBuilder(*nest, options_).build();
        return out;
      }
    }
    return rewrite_children(node);
  }

 private:
  const LowerOptions& options_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef register_tile(const PrimFuncRef& func,
                                              const LowerOptions& options) {
  return detail::with_body(func, detail::RegisterTiler(options)(func->body));
}

}  // namespace metaschedule::lower
