// SPDX-License-Identifier: Apache-2.0
// Building expressions: the operators match the types of their operands and fold constants, node
// constructors (`make<Add>`) do neither.
#pragma once

#include <optional>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// A constant of any scalar or vector type; out of range raises ValueError. Small int32 constants
/// and booleans are shared.
Expr int_imm(DType dtype, int64_t value);
/// A constant of `dtype`, integer or float, broadcast when `dtype` is a vector.
Expr make_const(DType dtype, double value);
Expr make_zero(DType dtype);
Expr true_();
Expr false_();
inline Expr i32(int64_t value) { return int_imm(kInt32, value); }
/// The value of an integer constant (through Broadcast), or nothing.
std::optional<int64_t> as_const_int(const Node* node);
inline std::optional<int64_t> as_const_int(const Expr& e) { return as_const_int(e.get()); }
bool is_const_int(const Expr& e, int64_t value);
inline bool is_zero(const Expr& e) { return is_const_int(e, 0); }
inline bool is_one(const Expr& e) { return is_const_int(e, 1); }
/// IntImm or FloatImm, or one broadcast.
bool is_const_number(const Expr& e);

/// Conversion; constants fold, vectors distribute over Broadcast and integral Ramp.
Expr cast(DType dtype, const Expr& value);
/// Brings both to one type by the rules of the reference (wider wins, float over int, …); raises
/// TypeError when there is none.
void match_types(Expr& a, Expr& b);

Expr operator+(const Expr& a, const Expr& b);
Expr operator-(const Expr& a, const Expr& b);
Expr operator*(const Expr& a, const Expr& b);
Expr operator-(const Expr& a);
/// Division that truncates for integers, true division for floats.
Expr div(const Expr& a, const Expr& b);
Expr truncmod(const Expr& a, const Expr& b);
Expr floordiv(const Expr& a, const Expr& b);
Expr floormod(const Expr& a, const Expr& b);
Expr ceildiv(const Expr& a, const Expr& b);
Expr min(const Expr& a, const Expr& b);
Expr max(const Expr& a, const Expr& b);
Expr eq(const Expr& a, const Expr& b);
Expr ne(const Expr& a, const Expr& b);
Expr lt(const Expr& a, const Expr& b);
Expr le(const Expr& a, const Expr& b);
Expr gt(const Expr& a, const Expr& b);
Expr ge(const Expr& a, const Expr& b);
Expr logical_and(const Expr& a, const Expr& b);
Expr logical_or(const Expr& a, const Expr& b);
Expr logical_not(const Expr& a);
/// The same with a constant of the type of `a` (or of int32 against floats: see match_types).
inline Expr operator+(const Expr& a, int64_t b) { return a + int_imm(a->dtype.element(), b); }
inline Expr operator-(const Expr& a, int64_t b) { return a - int_imm(a->dtype.element(), b); }
inline Expr operator*(const Expr& a, int64_t b) { return a * int_imm(a->dtype.element(), b); }
inline Expr floordiv(const Expr& a, int64_t b) {
  return floordiv(a, int_imm(a->dtype.element(), b));
}
inline Expr floormod(const Expr& a, int64_t b) {
  return floormod(a, int_imm(a->dtype.element(), b));
}
/// The operator of a binary node kind, with folding.
Expr binary(Kind kind, const Expr& a, const Expr& b);
/// The node of a binary kind, without folding.
Expr make_binary(Kind kind, const Expr& a, const Expr& b);
/// The value of a binary kind on constants of one scalar type; nothing when it does not fold.
Expr fold_binary(Kind kind, const Expr& a, const Expr& b);

/// Lazy choice; a constant condition picks a branch.
Expr if_then_else(const Expr& condition, const Expr& t, const Expr& f);
Expr likely(const Expr& condition);
/// Select without folding.
Expr select(const Expr& condition, const Expr& t, const Expr& f);
/// A call of an intrinsic by name, with or without the prefix `tir.`.
Expr call(DType dtype, std::string_view op, Exprs args);
/// exp, sqrt, tanh, …: dtype of the argument.
Expr call_math(std::string_view op, const Expr& x);
Expr abs(const Expr& x);
Expr bitwise_and(const Expr& a, const Expr& b);
Expr bitwise_or(const Expr& a, const Expr& b);
Expr bitwise_xor(const Expr& a, const Expr& b);
Expr bitwise_not(const Expr& a);
Expr shift_left(const Expr& a, const Expr& b);
Expr shift_right(const Expr& a, const Expr& b);

Expr min_value(DType dtype);
Expr max_value(DType dtype);
Expr infinity(DType dtype);

/// `buffer[indices]` as a load.
Expr load(const BufferRef& buffer, Exprs indices);

}  // namespace metaschedule
