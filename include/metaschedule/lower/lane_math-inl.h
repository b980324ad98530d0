// SPDX-License-Identifier: Apache-2.0
// Lanes of expressions.
#pragma once

#include <numeric>
#include <unordered_set>

#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/lane_math.h"

namespace metaschedule::lower::detail {

METASCHEDULE_INLINE Expr widen(const Expr& e, int lanes) {
  if (e->dtype.lanes == lanes) return e;
  METASCHEDULE_CHECK(e->dtype.lanes == 1);
  return make<Broadcast>(e, i32(lanes));
}

METASCHEDULE_INLINE Expr lane_binary(Kind kind, const Expr& a, const Expr& b, int lanes,
                                     arith::Analyzer& analyzer) {
  const Ramp *ra = as<Ramp>(a), *rb = as<Ramp>(b);
  const Expr n = i32(lanes);
  if (ra && rb && (kind == Kind::Add || kind == Kind::Sub))
    return make<Ramp>(binary(kind, ra->base, rb->base), binary(kind, ra->stride, rb->stride), n);
  if (ra && b->dtype.lanes == 1) {
    if (kind == Kind::Add || kind == Kind::Sub)
      return make<Ramp>(binary(kind, ra->base, b), ra->stride, n);
    if (kind == Kind::Mul && as_const_int(b)) return make<Ramp>(ra->base * b, ra->stride * b, n);
    auto divisor = as_const_int(b);
    auto stride = as_const_int(ra->stride);
    if ((kind == Kind::FloorDiv || kind == Kind::FloorMod) && divisor && *divisor > 0 && stride &&
        *stride > 0) {
      const arith::ModularSet m = analyzer.modular_set(ra->base);
      const int64_t period = m.coeff == 0 ? *divisor : std::gcd(m.coeff, *divisor);
      const int64_t at = ((m.base % period) + period) % period;
      if (at + *stride * (lanes - 1) < period) {
        Expr q = analyzer.simplify(floordiv(ra->base, b));
        if (kind == Kind::FloorDiv) return make<Broadcast>(q, n);
        return make<Ramp>(analyzer.simplify(floormod(ra->base, b)), ra->stride, n);
      }
      if (kind == Kind::FloorDiv && m.coeff != 0) {
        // All of it may lie in one period even so.
        Expr first = floordiv(ra->base, b);
        Expr last = floordiv(ra->base + int_imm(ra->base->dtype, *stride * (lanes - 1)), b);
        if (analyzer.can_prove_equal(first, last))
          return make<Broadcast>(analyzer.simplify(first), n);
      }
    }
  }
  if (rb && a->dtype.lanes == 1) {
    if (kind == Kind::Add) return make<Ramp>(a + rb->base, rb->stride, n);
    if (kind == Kind::Sub)
      return make<Ramp>(a - rb->base, make_zero(rb->stride->dtype) - rb->stride, n);
    if (kind == Kind::Mul && as_const_int(a)) return make<Ramp>(a * rb->base, a * rb->stride, n);
  }
  const Broadcast *ba = as<Broadcast>(a), *bb = as<Broadcast>(b);
  if ((ba || a->dtype.lanes == 1) && (bb || b->dtype.lanes == 1))
    return make<Broadcast>(binary(kind, ba ? ba->value : a, bb ? bb->value : b), n);
  if (ba && rb) return lane_binary(kind, ba->value, b, lanes, analyzer);
  if (bb && ra) return lane_binary(kind, a, bb->value, lanes, analyzer);
  return make_binary(kind, widen(a, lanes), widen(b, lanes));
}

METASCHEDULE_INLINE bool is_lane_wise(const Op& op) {
  if (op.vectorizable)
    return op.name != "tir.texture2d_load" && op.name != "tir.texture2d_store" &&
           op.name != "tir.call_llvm_pure_intrin";
  static const std::unordered_set<std::string_view> more = {
      "tir.if_then_else", "tir.erf",   "tir.rsqrt", "tir.log1p",    "tir.asin",      "tir.acos",
      "tir.atan",         "tir.asinh", "tir.acosh", "tir.atanh",    "tir.nearbyint", "tir.clz",
      "tir.isnan",        "tir.atan2", "tir.hypot", "tir.copysign", "tir.fmod",      "tir.ldexp"};
  return more.count(op.name) > 0;
}

METASCHEDULE_INLINE int native_lanes(const Node& body, const LowerOptions& options) {
  int widest = 1;
  post_order(body, [&](const Node& n) {
    if (const BufferStore* s = as<BufferStore>(&n))
      widest = std::max(widest, s->buffer->dtype.element().bytes());
    if (const BufferLoad* l = as<BufferLoad>(&n))
      widest = std::max(widest, l->dtype.element().bytes());
    if (const Cast* c = as<Cast>(&n)) widest = std::max(widest, c->dtype.element().bytes());
  });
  return std::max(1, options.vector_bytes / widest);
}

}  // namespace metaschedule::lower::detail
