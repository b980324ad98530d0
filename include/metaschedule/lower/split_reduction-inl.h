// SPDX-License-Identifier: Apache-2.0
// split_reduction: where the innermost loop is a long reduction by +, *, min or max over what lies
// side by side in memory, it runs in vectors of accumulators that are combined at the end. Sums of
// floats come out in another order.
//
//   for k in 1000: C[i] = C[i] + A[i, k]
//   ->
//   acc[0:32] = 0
//   for k0 in 31: acc[0:32] = acc[0:32] + A[i, k0*32 : k0*32+32]
//   for k in 992..1000: C[i] = C[i] + A[i, k]
//   acc[0:16] = acc[0:16] + acc[16:32]; ... ; C[i] = C[i] + acc[0]
#pragma once

#include "metaschedule/lower/lane_math.h"
#include "metaschedule/lower/split_reduction.h"

namespace metaschedule::lower::detail {

class ReductionSplitter {
 public:
  ReductionSplitter(const ReductionNest& nest, const LowerOptions& options)
      : nest_(nest), lanes_(native_lanes(*nest.store, options)) {}

  Stmt build() {
    const ReductionNest::Loop& last = nest_.loops.back();
    auto update = update_of(*nest_.store);
    if (!update || !last.reduction || lanes_ < 2 || last.extent < 2 * lanes_) return nullptr;
    if (last.loop->kind == ForKind::Vectorized) return nullptr;
    for (const ReductionNest::Loop& l : nest_.loops) {
      // Lanes over elements need no splitting.
      if (!l.reduction && (l.loop->kind == ForKind::Vectorized ||
                           (l.store_stride == 1 && l.extent >= 4 && !prefers_splitting(l))))
        return nullptr;
    }
    if (!side_by_side(*update, last.loop->loop_var.get())) return nullptr;
    return emit(*update, last);
  }

 private:
  /// True when the reads are strided along the loop over elements, so that lanes along it would
  /// have to gather.
  bool prefers_splitting(const ReductionNest::Loop& l) const {
    bool strided = false;
    post_order(*nest_.store->value, [&](const Node& n) {
      const BufferLoad* load = as<BufferLoad>(&n);
      if (!load || load->buffer == nest_.store->buffer) return;
      auto stride = stride_of(load->indices[0], l.loop->loop_var.get());
      strided = strided || !stride || (*stride != 0 && *stride != 1);
    });
    return strided;
  }

  /// Loads move with the variable by one element or not at all, at least one moves.
  bool side_by_side(const Update& update, const Var* var) const {
    bool good = true, moves = false;
    post_order(*update.term, [&](const Node& n) {
      if (const BufferLoad* l = as<BufferLoad>(&n)) {
        auto stride = l->indices.size() == 1 ? stride_of(l->indices[0], var) : std::nullopt;
        good = good && stride && (*stride == 0 || *stride == 1);
        moves = moves || (stride && *stride == 1);
      } else if (const Call* call = as<Call>(&n)) {
        const Op* op = as<Op>(call->op);
        good = good && op && is_lane_wise(*op);
      }
    });
    return good && moves;
  }

  Stmt emit(const Update& update, const ReductionNest::Loop& last) {
    const BufferStore& s = *nest_.store;
    const DType type = s.buffer->dtype;
    const VarRef& k = last.loop->loop_var;
    const DType t = k->dtype;
    int vectors = 4;
    while (vectors > 1 && last.extent < vectors * lanes_) vectors /= 2;
    const int64_t width = int64_t{vectors} * lanes_, steps = last.extent / width,
                  done = steps * width;
    BufferRef acc = decl_buffer({i32(width)}, type, s.buffer->name + "_acc", "local");
    VarRef vec = make<Var>("vec", t), lane = make<Var>("lane", t), step = make<Var>(k->name, t);
    auto over_lanes = [&](auto&& body) {
      VarRef v = make<Var>("vec", t), l = make<Var>("lane", t);
      Stmt inner = make<For>(l, make_zero(t), int_imm(t, lanes_), ForKind::Vectorized,
                             body(Expr(v) * lanes_ + Expr(l)));
      return Stmt(make<For>(v, make_zero(t), int_imm(t, vectors), ForKind::Unrolled, inner));
    };
    auto combine = [&](const Expr& a, const Expr& b) { return make_binary(update.kind, a, b); };
    // Minimum and maximum may start from the element itself: taking it twice changes nothing.
    Expr start = load(s.buffer, s.indices);
    if (update.kind == Kind::Add) start = make_zero(type);
    if (update.kind == Kind::Mul) start = make_const(type, 1);
    Stmt init =
        over_lanes([&](const Expr& slot) { return make<BufferStore>(acc, start, Exprs{slot}); });
    Stmt main = over_lanes([&](const Expr& slot) {
      Expr at = steps > 1 ? Expr(step) * width + slot : slot;
      Expr term = substitute(update.term, VarMap{{k.get(), at}});
      Expr old = load(acc, {slot});
      return make<BufferStore>(
          acc, update.accumulator_first ? combine(old, term) : combine(term, old), Exprs{slot});
    });
    if (steps > 1) main = make<For>(step, make_zero(t), int_imm(t, steps), ForKind::Serial, main);
    std::vector<Stmt> parts = {init, main};
    if (int64_t rest = last.extent - done) {
      VarRef r = make<Var>(k->name, t);
      Stmt tail = substitute(Stmt(&s), VarMap{{k.get(), Expr(r) + done}});
      parts.push_back(make<For>(r, make_zero(t), int_imm(t, rest), ForKind::Serial, tail));
    }
    for (int64_t half = width; half > 1;) {
      // An odd count leaves its last one for the end.
      const int64_t low = half / 2, high = half - low;
      VarRef l = make<Var>("lane", t);
      Stmt fold = make<BufferStore>(acc, combine(load(acc, {Expr(l)}), load(acc, {Expr(l) + high})),
                                    Exprs{l});
      parts.push_back(
          low > 1 ? Stmt(make<For>(l, make_zero(t), int_imm(t, low), ForKind::Vectorized, fold))
                  : substitute(fold, VarMap{{l.get(), make_zero(t)}}));
      half = high;
    }
    parts.push_back(make<BufferStore>(
        s.buffer, combine(load(s.buffer, s.indices), load(acc, {make_zero(t)})), s.indices));
    Stmt body = flatten_seq(parts);
    body = make<Allocate>(acc->data, type, acc->shape, true_(), make<DeclBuffer>(acc, body));
    for (size_t i = nest_.loops.size() - 1; i-- > 0;) {
      auto made = mutate(*nest_.loops[i].loop);
      made->body = body;
      body = made;
    }
    return body;
  }

  const ReductionNest& nest_;
  int lanes_;
};

METASCHEDULE_INLINE Stmt split_reduction(const ReductionNest& nest, const LowerOptions& options) {
  return ReductionSplitter(nest, options).build();
}

}  // namespace metaschedule::lower::detail
