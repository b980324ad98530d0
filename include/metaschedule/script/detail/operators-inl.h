// SPDX-License-Identifier: Apache-2.0
// Operators of scripts on numbers of the host and on expressions.
#pragma once

#include <cmath>

#include "metaschedule/script/detail/convert-inl.h"

namespace metaschedule::script {

namespace detail {

inline double as_double(const Value& v) {
  return v.type == ValueType::Float ? v.f : static_cast<double>(v.i);
}

/// Arithmetic of the host language; integers that leave 64 bits are refused.
inline Value host_binary(Tok op, const Value& a, const Value& b) {
  bool integers = a.type != ValueType::Float && b.type != ValueType::Float;
  if (!integers || op == Tok::Slash) {
    double x = as_double(a), y = as_double(b);
    bool divides = op == Tok::Slash || op == Tok::SlashSlash || op == Tok::Percent;
    check<ValueError>(!divides || y != 0, "division by zero");
    switch (op) {
      case Tok::Plus:
        return Value::of_float(x + y);
      case Tok::Minus:
        return Value::of_float(x - y);
      case Tok::Star:
        return Value::of_float(x * y);
      case Tok::Slash:
        return Value::of_float(x / y);
      case Tok::SlashSlash:
        return Value::of_float(std::floor(x / y));
      case Tok::Percent:
        return Value::of_float(x - std::floor(x / y) * y);
      case Tok::StarStar:
        return Value::of_float(std::pow(x, y));
      default:
        fail<TypeError>("bit operations are not defined on floats");
    }
  }
  int64_t x = a.i, y = b.i, out = 0;
  bool overflow = false;
  switch (op) {
    case Tok::Plus:
      overflow = __builtin_add_overflow(x, y, &out);
      break;
    case Tok::Minus:
      overflow = __builtin_sub_overflow(x, y, &out);
      break;
    case Tok::Star:
      overflow = __builtin_mul_overflow(x, y, &out);
      break;
    case Tok::SlashSlash:
    case Tok::Percent: {
      check<ValueError>(y != 0, "division by zero");
      overflow = x == INT64_MIN && y == -1;
      if (overflow) break;
      int64_t quotient = x / y - ((x % y != 0 && (x % y < 0) != (y < 0)) ? 1 : 0);
      out = op == Tok::SlashSlash ? quotient : x - quotient * y;
      break;
    }
    case Tok::StarStar: {
      if (y < 0) return Value::of_float(std::pow(static_cast<double>(x), static_cast<double>(y)));
      check<ValueError>(y <= 64 || x == 0 || x == 1 || x == -1, "integer constant is too large");
      out = 1;
      for (int64_t k = 0; k < (y > 64 ? 64 + y % 2 : y) && !overflow; ++k)
        overflow = __builtin_mul_overflow(out, x, &out);
      break;
    }
    case Tok::Shl:
      check<ValueError>(y >= 0 && y < 63, "shift by {}", y);
      overflow = __builtin_mul_overflow(x, int64_t{1} << y, &out);
      break;
    case Tok::Shr:
      check<ValueError>(y >= 0, "negative shift count");
      out = x >> std::min<int64_t>(y, 63);
      break;
    case Tok::Amp:
      out = x & y;
      break;
    case Tok::Pipe:
      out = x | y;
      break;
    case Tok::Caret:
      out = x ^ y;
      break;
    default:
      fail<InternalError>("host_binary: not an operator");
  }
  check<ValueError>(!overflow, "integer constant does not fit in 64 bits");
  bool logical = a.is(ValueType::Bool) && b.is(ValueType::Bool) &&
                 (op == Tok::Amp || op == Tok::Pipe || op == Tok::Caret);
  return logical ? Value::of_bool(out != 0) : Value::of_int(out);
}

inline bool compare_doubles(Tok op, double x, double y) {
  switch (op) {
    case Tok::EqEq:
      return x == y;
    case Tok::NotEq:
      return x != y;
    case Tok::Lt:
      return x < y;
    case Tok::Le:
      return x <= y;
    case Tok::Gt:
      return x > y;
    default:
      return x >= y;
  }
}

inline Kind compare_kind(Tok op) {
  switch (op) {
    case Tok::EqEq:
      return Kind::EQ;
    case Tok::NotEq:
      return Kind::NE;
    case Tok::Lt:
      return Kind::LT;
    case Tok::Le:
      return Kind::LE;
    case Tok::Gt:
      return Kind::GT;
    default:
      return Kind::GE;
  }
}

}  // namespace detail

METASCHEDULE_INLINE Value Parser::binary(Tok op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return detail::host_binary(op, a, b);
  if (op == Tok::Plus && a.str() && b.str()) {
    spend(a.str()->value.size() + b.str()->value.size());
    return Value::of_string(a.str()->value + b.str()->value);
  }
  if (op == Tok::Plus && a.is(ValueType::Sequence) && b.is(ValueType::Sequence)) {
    spend(a.items().size() + b.items().size());
    std::vector<Value> items = a.items();
    items.insert(items.end(), b.items().begin(), b.items().end());
    return Value::sequence(std::move(items));
  }
  if (op == Tok::Star && a.is(ValueType::Sequence) && b.is(ValueType::Int)) {
    check<ValueError>(b.i * static_cast<int64_t>(a.items().size()) <= 4096 && b.i <= 4096,
                      "sequence is too long");
    spend(static_cast<uint64_t>(std::max<int64_t>(b.i, 0)) * a.items().size());
    std::vector<Value> items;
    for (int64_t k = 0; k < b.i; ++k) items.insert(items.end(), a.items().begin(), a.items().end());
    return Value::sequence(std::move(items));
  }
  Expr x = to_expr(a), y = to_expr(b);
  switch (op) {
    case Tok::Plus:
      return x + y;
    case Tok::Minus:
      return x - y;
    case Tok::Star:
      return x * y;
    case Tok::Slash:
      check<TypeError>(!x->dtype.is_int() || !y->dtype.is_int(),
                       "TVM supports multiple types of integer divisions, please write //, "
                       "T.floordiv or T.truncdiv instead of /");
      return div(x, y);
    case Tok::SlashSlash:
      return floordiv(x, y);
    case Tok::Percent:
      return floormod(x, y);
    case Tok::Shl:
      return shift_left(x, y);
    case Tok::Shr:
      return shift_right(x, y);
    case Tok::Amp:
      return bitwise_and(x, y);
    case Tok::Pipe:
      return bitwise_or(x, y);
    case Tok::Caret:
      return bitwise_xor(x, y);
    default:
      fail<TypeError>("** is not defined on expressions; write T.pow");
  }
}

METASCHEDULE_INLINE Value Parser::compare(Tok op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.type != ValueType::Float && b.type != ValueType::Float) {
      bool less = a.i < b.i, same = a.i == b.i;
      return Value::of_bool(detail::compare_doubles(op, less ? 0 : 1, less ? 1 : (same ? 1 : 0)));
    }
    return Value::of_bool(detail::compare_doubles(op, detail::as_double(a), detail::as_double(b)));
  }
  if (a.str() && b.str()) {
    int order = a.str()->value.compare(b.str()->value);
    return Value::of_bool(detail::compare_doubles(op, order, 0));
  }
  bool none = a.is(ValueType::None) || b.is(ValueType::None);
  if (none && (op == Tok::EqEq || op == Tok::NotEq)) {
    bool same = a.is(ValueType::None) && b.is(ValueType::None);
    return Value::of_bool(same == (op == Tok::EqEq));
  }
  Expr x, y;
  if (a.is_number()) {
    y = to_expr(b);
    x = to_expr_as(a, y->dtype);
  } else {
    x = to_expr(a);
    y = to_expr_as(b, x->dtype);
  }
  if (x->dtype.is_vector() != y->dtype.is_vector()) match_types(x, y);
  return make_binary(detail::compare_kind(op), x, y);
}

METASCHEDULE_INLINE Value Parser::logical(bool is_and, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return (detail::as_double(a) != 0) == is_and ? b : a;
  Expr x = to_expr(a), y = to_expr(b);
  if (x->dtype.is_vector() || y->dtype.is_vector()) {
    return is_and ? bitwise_and(x, y) : bitwise_or(x, y);
  }
  return is_and ? Expr(make<And>(x, y)) : Expr(make<Or>(x, y));
}

METASCHEDULE_INLINE Value Parser::logical_not(const Value& a) {
  if (a.is_number()) return Value::of_bool(detail::as_double(a) == 0);
  if (a.is(ValueType::None)) return Value::of_bool(true);
  Expr x = to_expr(a);
  if (x->dtype.is_vector()) return bitwise_not(x);
  return make<Not>(x);
}

METASCHEDULE_INLINE Value Parser::negate(const Value& a) {
  if (a.type == ValueType::Float) return Value::of_float(-a.f);
  if (a.is_number()) return detail::host_binary(Tok::Minus, Value::of_int(0), a);
  Expr x = to_expr(a);
  return x * make_const(x->dtype, -1);
}

METASCHEDULE_INLINE bool Parser::truth(const Value& value, const Token& where) const {
  if (value.is(ValueType::Bool)) return value.i != 0;
  error(where, fmt::format("expected True or False, found {}", detail::describe(value)));
}

}  // namespace metaschedule::script
