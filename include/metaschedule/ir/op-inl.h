// SPDX-License-Identifier: Apache-2.0
// Expression builders: type matching, and folding by the arithmetic of fold-inl.h.
#pragma once

#include <cmath>
#include <limits>

#include "metaschedule/ir/dtype_format.h"
#include "metaschedule/ir/fold-inl.h"
#include "metaschedule/ir/op.h"

namespace metaschedule {

namespace detail {
/// A node that threads share without counting.
template <class T>
Ref<T> immortal(Ref<T> ref) {
  ref->refs.store(Node::kImmortal, std::memory_order_relaxed);
  return ref;
}

}  // namespace detail

METASCHEDULE_INLINE Expr true_() {
  static const Expr& value = *new Expr(detail::immortal(make<IntImm>(kBool, 1)));
  return value;
}
METASCHEDULE_INLINE Expr false_() {
  static const Expr& value = *new Expr(detail::immortal(make<IntImm>(kBool, 0)));
  return value;
}

METASCHEDULE_INLINE Expr int_imm(DType dtype, int64_t value) {
  constexpr int64_t low = -16, high = 1024;
  // Never freed: constants outlive every static object that may hold one.
  static const std::vector<Expr>& small = *[] {
    auto* out = new std::vector<Expr>();
    for (int64_t v = low; v <= high; ++v) out->push_back(detail::immortal(make<IntImm>(kInt32, v)));
    return out;
  }();
  if (dtype == kInt32 && value >= low && value <= high) {
    return small[static_cast<size_t>(value - low)];
  }
  if (dtype == kBool && (value == 0 || value == 1)) return value ? true_() : false_();
  if (dtype.is_vector()) return make_const(dtype, static_cast<double>(value));
  return make<IntImm>(dtype, value);
}

METASCHEDULE_INLINE Expr make_const(DType dtype, double value) {
  DType element = dtype.element();
  Expr scalar;
  if (dtype.is_integral()) {
    check<ValueError>(value >= -9.3e18 && value <= 9.3e18 && (!dtype.is_uint() || value >= 0),
                      "cannot make {} from value {}", dtype, value);
    scalar = int_imm(element, static_cast<int64_t>(value));
  } else {
    scalar = make<FloatImm>(element, value);
  }
  if (!dtype.is_vector()) return scalar;
  Expr lanes = dtype.is_scalable()
                   ? make<Mul>(call(kInt32, "vscale", {}), i32(dtype.vscale_factor()))
                   : i32(dtype.lanes);
  return make<Broadcast>(scalar, lanes);
}
METASCHEDULE_INLINE Expr make_zero(DType dtype) {
  if (dtype.is_handle()) return call(dtype, "reinterpret", {int_imm(DType::uint(64), 0)});
  return make_const(dtype, 0);
}

METASCHEDULE_INLINE std::optional<int64_t> as_const_int(const Node* node) {
  if (const Broadcast* b = as<Broadcast>(node)) node = b->value.get();
  if (const IntImm* imm = as<IntImm>(node)) return imm->value;
  return std::nullopt;
}
METASCHEDULE_INLINE bool is_const_int(const Expr& e, int64_t value) {
  const IntImm* imm = as<IntImm>(e);
  return imm && imm->value == value;
}
METASCHEDULE_INLINE bool is_const_number(const Expr& e) {
  const Node* node = e.get();
  if (const Broadcast* b = as<Broadcast>(node)) node = b->value.get();
  return as<IntImm>(node) || as<FloatImm>(node);
}

METASCHEDULE_INLINE Expr cast(DType dtype, const Expr& value) {
  if (value->dtype == dtype) return value;
  check<TypeError>(!value->dtype.is_handle() && !dtype.is_handle(), "cannot cast {} to {}",
                   value->dtype, dtype);
  if (!dtype.is_vector()) {
    if (const IntImm* imm = as<IntImm>(value)) {
      if (dtype.is_integral()) {
        check<ValueError>(!dtype.is_uint() || imm->value >= 0,
                          "cannot make uint from negative value {}", imm->value);
        return int_imm(dtype, imm->value);
      }
      return make<FloatImm>(dtype, static_cast<double>(imm->value));
    }
    if (const FloatImm* imm = as<FloatImm>(value)) {
      if (!dtype.is_integral()) return make<FloatImm>(dtype, imm->value);
      if (std::isfinite(imm->value)) return make_const(dtype, std::trunc(imm->value));
    }
    return make<Cast>(dtype, value);
  }
  if (value->dtype.is_scalar()) {
    Expr shape = make_zero(dtype);
    return make<Broadcast>(cast(dtype.element(), value), cast_to<Broadcast>(*shape).lanes);
  }
  check<TypeError>(value->dtype.lanes == dtype.lanes, "cannot cast {} to {}", value->dtype, dtype);
  if (const Broadcast* b = as<Broadcast>(value)) {
    return make<Broadcast>(cast(dtype.element(), b->value), b->lanes);
  }
  if (const Ramp* r = as<Ramp>(value); r && dtype.is_integral()) {
    return make<Ramp>(cast(dtype.element(), r->base), cast(dtype.element(), r->stride), r->lanes);
  }
  return make<Cast>(dtype, value);
}

METASCHEDULE_INLINE void match_types(Expr& a, Expr& b) {
  check<ValueError>(a && b, "expected two operands, found none");
  if (a->dtype == b->dtype) return;
  auto broadcast_to = [](Expr& scalar, const Expr& vector) {
    scalar = cast(scalar->dtype.with_lanes(vector->dtype.lanes), scalar);
  };
  if (a->dtype.is_vector() && b->dtype.is_scalar()) broadcast_to(b, a);
  if (b->dtype.is_vector() && a->dtype.is_scalar()) broadcast_to(a, b);
  DType x = a->dtype, y = b->dtype;
  if (x == y) return;
  check<TypeError>(x.lanes == y.lanes && !x.is_handle() && !y.is_handle(),
                   "Cannot match type {} vs {}", x, y);
  auto to_a = [&] { b = cast(x, b); };
  auto to_b = [&] { a = cast(y, a); };
  if (x.is_float() && y.is_float()) return x.bits > y.bits ? to_a() : to_b();
  if (x.is_float()) return to_a();
  if (y.is_float()) return to_b();
  if (x.is_bfloat16()) return to_a();
  if (y.is_bfloat16()) return to_b();
  if (x.is_float8()) return to_a();
  if (y.is_float8()) return to_b();
  if (x.bits != y.bits) return x.bits > y.bits ? to_a() : to_b();
  // Equal width: the signed side becomes unsigned.
  return x.is_uint() ? to_a() : to_b();
}

METASCHEDULE_INLINE Expr fold_binary(Kind kind, const Expr& a, const Expr& b) {
  const IntImm *ia = as<IntImm>(a), *ib = as<IntImm>(b);
  if (ia && ib) return detail::fold_ints(kind, a->dtype, ia->value, ib->value);
  const FloatImm *fa = as<FloatImm>(a), *fb = as<FloatImm>(b);
  if (fa && fb) return detail::fold_floats(kind, a->dtype, fa->value, fb->value);
  using detail::is_number;
  bool index_type = a->dtype == kInt32 || a->dtype == kInt64;
  switch (kind) {
    case Kind::Add:
      if (is_number(a, 0)) return b;
      if (is_number(b, 0)) return a;
      break;
    case Kind::Sub:
      if (is_number(b, 0)) return a;
      break;
    case Kind::Mul:
      if (is_number(a, 1)) return b;
      if (is_number(b, 1)) return a;
      if (is_number(a, 0)) return a;
      if (is_number(b, 0)) return b;
      break;
    case Kind::Div:
    case Kind::FloorDiv:
      check<ValueError>(!is_number(b, 0), "Divide by zero");
      if (is_number(a, 0)) return a;
      if (is_number(b, 1)) return a;
      break;
    case Kind::Mod:
    case Kind::FloorMod:
      check<ValueError>(!is_number(b, 0), "Divide by zero");
      if (index_type && is_number(a, 0)) return a;
      if (index_type && is_number(b, 1)) return int_imm(a->dtype, 0);
      break;
    case Kind::Min:
    case Kind::Max:
      if (a.same_as(b)) return a;
      break;
    case Kind::And:
      if (ia) return ia->value ? b : a;
      if (ib) return ib->value ? a : b;
      break;
    case Kind::Or:
      if (ia) return ia->value ? a : b;
      if (ib) return ib->value ? b : a;
      break;
    default:
      break;
  }
  return nullptr;
}

METASCHEDULE_INLINE Expr make_binary(Kind kind, const Expr& a, const Expr& b) {
  switch (kind) {
#define METASCHEDULE_MAKE(name) \
  case Kind::name:              \
    return make<name>(a, b);
    METASCHEDULE_MAKE(Add)
    METASCHEDULE_MAKE(Sub)
    METASCHEDULE_MAKE(Mul)
    METASCHEDULE_MAKE(Div)
    METASCHEDULE_MAKE(Mod)
    METASCHEDULE_MAKE(FloorDiv)
    METASCHEDULE_MAKE(FloorMod)
    METASCHEDULE_MAKE(Min)
    METASCHEDULE_MAKE(Max)
    METASCHEDULE_MAKE(EQ)
    METASCHEDULE_MAKE(NE)
    METASCHEDULE_MAKE(LT)
    METASCHEDULE_MAKE(LE)
    METASCHEDULE_MAKE(GT)
    METASCHEDULE_MAKE(GE)
    METASCHEDULE_MAKE(And)
    METASCHEDULE_MAKE(Or)
#undef METASCHEDULE_MAKE
    default:
      fail<InternalError>("make_binary: {} is not a binary kind", kind_name(kind));
  }
}

METASCHEDULE_INLINE Expr binary(Kind kind, const Expr& lhs, const Expr& rhs) {
  Expr a = lhs, b = rhs;
  if (kind != Kind::And && kind != Kind::Or) match_types(a, b);
  if (kind == Kind::FloorDiv || kind == Kind::FloorMod) {
    check<TypeError>(a->dtype.is_integral(), "{}: expected integers, found {}", kind_name(kind),
                     a->dtype);
  }
  if (Expr folded = fold_binary(kind, a, b)) return folded;
  return make_binary(kind, a, b);
}

METASCHEDULE_INLINE Expr operator+(const Expr& a, const Expr& b) { return binary(Kind::Add, a, b); }
METASCHEDULE_INLINE Expr operator-(const Expr& a, const Expr& b) { return binary(Kind::Sub, a, b); }
METASCHEDULE_INLINE Expr operator*(const Expr& a, const Expr& b) { return binary(Kind::Mul, a, b); }
METASCHEDULE_INLINE Expr operator-(const Expr& a) { return make_zero(a->dtype) - a; }
METASCHEDULE_INLINE Expr div(const Expr& a, const Expr& b) { return binary(Kind::Div, a, b); }
METASCHEDULE_INLINE Expr truncmod(const Expr& a, const Expr& b) { return binary(Kind::Mod, a, b); }
METASCHEDULE_INLINE Expr floordiv(const Expr& a, const Expr& b) {
  return binary(Kind::FloorDiv, a, b);
}
METASCHEDULE_INLINE Expr floormod(const Expr& a, const Expr& b) {
  return binary(Kind::FloorMod, a, b);
}
METASCHEDULE_INLINE Expr ceildiv(const Expr& a, const Expr& b) { return floordiv(a + b - 1, b); }
METASCHEDULE_INLINE Expr min(const Expr& a, const Expr& b) { return binary(Kind::Min, a, b); }
METASCHEDULE_INLINE Expr max(const Expr& a, const Expr& b) { return binary(Kind::Max, a, b); }
METASCHEDULE_INLINE Expr eq(const Expr& a, const Expr& b) { return binary(Kind::EQ, a, b); }
METASCHEDULE_INLINE Expr ne(const Expr& a, const Expr& b) { return binary(Kind::NE, a, b); }
METASCHEDULE_INLINE Expr lt(const Expr& a, const Expr& b) { return binary(Kind::LT, a, b); }
METASCHEDULE_INLINE Expr le(const Expr& a, const Expr& b) { return binary(Kind::LE, a, b); }
METASCHEDULE_INLINE Expr gt(const Expr& a, const Expr& b) { return binary(Kind::GT, a, b); }
METASCHEDULE_INLINE Expr ge(const Expr& a, const Expr& b) { return binary(Kind::GE, a, b); }
METASCHEDULE_INLINE Expr logical_and(const Expr& a, const Expr& b) {
  return binary(Kind::And, a, b);
}
METASCHEDULE_INLINE Expr logical_or(const Expr& a, const Expr& b) { return binary(Kind::Or, a, b); }
METASCHEDULE_INLINE Expr logical_not(const Expr& a) {
  if (const IntImm* imm = as<IntImm>(a)) return imm->value ? false_() : true_();
  return make<Not>(a);
}

METASCHEDULE_INLINE Expr call(DType dtype, std::string_view op, Exprs args) {
  return make<Call>(dtype, Ref<Node>(&Op::get(op)), std::move(args));
}
METASCHEDULE_INLINE Expr call_math(std::string_view op, const Expr& x) {
  return call(x->dtype, op, {x});
}
METASCHEDULE_INLINE Expr if_then_else(const Expr& condition, const Expr& t, const Expr& f) {
  check<TypeError>(condition->dtype == kBool,
                   "if_then_else: expected a scalar bool condition, found {}", condition->dtype);
  Expr a = t, b = f;
  match_types(a, b);
  if (const IntImm* imm = as<IntImm>(condition)) return imm->value ? a : b;
  return call(a->dtype, "if_then_else", {condition, a, b});
}
METASCHEDULE_INLINE Expr likely(const Expr& condition) {
  if (as<IntImm>(condition)) return condition;
  return call(condition->dtype, "likely", {condition});
}
METASCHEDULE_INLINE Expr select(const Expr& condition, const Expr& t, const Expr& f) {
  Expr a = t, b = f;
  match_types(a, b);
  return make<Select>(condition, a, b);
}
METASCHEDULE_INLINE Expr abs(const Expr& x) {
  if (x->dtype.is_uint()) return x;
  if (!x->dtype.is_int()) return call_math("fabs", x);
  if (const IntImm* imm = as<IntImm>(x))
    return int_imm(x->dtype, imm->value < 0 ? -imm->value : imm->value);
  return select(ge(x, make_zero(x->dtype)), x, -x);
}

namespace detail {
/// Bit operations and shifts; constants fold for int32 and int64 only.
template <class F>
Expr bit_op(std::string_view name, const Expr& lhs, const Expr& rhs, F fold) {
  Expr a = lhs, b = rhs;
  match_types(a, b);
  check<TypeError>(a->dtype.is_integral(), "{}: expected integers, found {}", name, a->dtype);
  const IntImm *ia = as<IntImm>(a), *ib = as<IntImm>(b);
  bool is_shift = name.starts_with("shift");
  if (is_shift && ib) {
    check<ValueError>(ib->value >= 0 && ib->value < a->dtype.bits,
                      "Shift amount must be non-negative and less than {} for type {}, found {}",
                      a->dtype.bits, a->dtype, ib->value);
    if (ib->value == 0) return a;
  }
  bool index_type = a->dtype == kInt32 || a->dtype == kInt64;
  if (ia && ib && index_type)
    return int_imm(a->dtype, wrap_int(a->dtype, fold(ia->value, ib->value)));
  return call(a->dtype, name, {a, b});
}
}  // namespace detail

METASCHEDULE_INLINE Expr bitwise_and(const Expr& a, const Expr& b) {
  return detail::bit_op("bitwise_and", a, b, [](int64_t x, int64_t y) { return x & y; });
}
METASCHEDULE_INLINE Expr bitwise_or(const Expr& a, const Expr& b) {
  return detail::bit_op("bitwise_or", a, b, [](int64_t x, int64_t y) { return x | y; });
}
METASCHEDULE_INLINE Expr bitwise_xor(const Expr& a, const Expr& b) {
  return detail::bit_op("bitwise_xor", a, b, [](int64_t x, int64_t y) { return x ^ y; });
}
METASCHEDULE_INLINE Expr bitwise_not(const Expr& a) { return call(a->dtype, "bitwise_not", {a}); }
METASCHEDULE_INLINE Expr shift_left(const Expr& a, const Expr& b) {
  return detail::bit_op("shift_left", a, b, [](int64_t x, int64_t y) {
    return static_cast<int64_t>(static_cast<uint64_t>(x) << y);
  });
}
METASCHEDULE_INLINE Expr shift_right(const Expr& a, const Expr& b) {
  return detail::bit_op("shift_right", a, b, [](int64_t x, int64_t y) { return x >> y; });
}

namespace detail {
inline double float_limit(DType t) {
  if (t.is_float() && t.bits == 64) return std::numeric_limits<double>::max();
  if (t.is_float() && t.bits == 16) return 65504.0;
  if (t.code == TypeCode::E4M3Float) return 448.0;
  if (t.code == TypeCode::E5M2Float) return 57344.0;
  return std::numeric_limits<float>::max();
}
}  // namespace detail
METASCHEDULE_INLINE Expr min_value(DType t) {
  if (t.is_uint()) return int_imm(t, 0);
  if (t.is_int()) return int_imm(t, t.bits == 64 ? INT64_MIN : -(int64_t{1} << (t.bits - 1)));
  return make<FloatImm>(t, -detail::float_limit(t));
}
METASCHEDULE_INLINE Expr max_value(DType t) {
  if (t.is_uint() && t.bits == 64) {
    Expr ones = int_imm(DType::uint(32), 0xffffffffLL);
    return call(t, "large_uint_imm", {ones, ones});
  }
  if (t.is_uint()) return int_imm(t, (int64_t{1} << t.bits) - 1);
  if (t.is_int()) return int_imm(t, t.bits == 64 ? INT64_MAX : (int64_t{1} << (t.bits - 1)) - 1);
  return make<FloatImm>(t, detail::float_limit(t));
}
METASCHEDULE_INLINE Expr infinity(DType t) {
  check<ValueError>(t.is_floating(), "infinity: expected a float type, found {}", t);
  return make<FloatImm>(t, std::numeric_limits<double>::infinity());
}

METASCHEDULE_INLINE Expr load(const BufferRef& buffer, Exprs indices) {
  return make<BufferLoad>(buffer, std::move(indices));
}

}  // namespace metaschedule
