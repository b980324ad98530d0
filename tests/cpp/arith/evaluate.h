// SPDX-License-Identifier: Apache-2.0
// Exact evaluation of integer expressions, the oracle of the arithmetic tests.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <unordered_map>

#include "metaschedule/arith/integer.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::arith::testing {

__extension__ using Wide = __int128;
using Values = std::unordered_map<const Var*, int64_t>;

/// The value; nothing where a division by zero happens. `settle(dtype, value)` is what becomes of
/// the exact result of an operation.
template <class F>
std::optional<Wide> evaluate_with(const Expr& e, const Values& values, F& settle) {
  auto settled = [&](Wide v) -> std::optional<Wide> { return settle(e->dtype, v); };
  switch (e->kind) {
    case Kind::IntImm:
      return static_cast<const IntImm&>(*e).value;
    case Kind::Var:
    case Kind::SizeVar:
      return values.at(static_cast<const Var*>(e.get()));
    case Kind::Not: {
      auto a = evaluate_with(static_cast<const Not&>(*e).a, values, settle);
      return a ? std::optional<Wide>(*a == 0) : std::nullopt;
    }
    case Kind::Cast: {
      auto a = evaluate_with(static_cast<const Cast&>(*e).value, values, settle);
      return a ? settled(*a) : a;
    }
    case Kind::Select: {
      const auto& choice = static_cast<const Select&>(*e);
      auto c = evaluate_with(choice.condition, values, settle);
      if (!c) return c;
      return evaluate_with(*c ? choice.true_value : choice.false_value, values, settle);
    }
    default:
      break;
  }
  const auto& node = cast_to<BinaryExpr>(*e);
  auto a = evaluate_with(node.a, values, settle);
  // Conditions decide as soon as they can.
  if (e->kind == Kind::And && a && *a == 0) return 0;
  if (e->kind == Kind::Or && a && *a != 0) return 1;
  auto b = evaluate_with(node.b, values, settle);
  if (!a || !b) return std::nullopt;
  Wide x = *a, y = *b;
  bool divides = e->kind >= Kind::Div && e->kind <= Kind::FloorMod;
  if (divides && y == 0) return std::nullopt;
  auto floored = [&] { return x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0); };
  switch (e->kind) {
    case Kind::Add:
      return settled(x + y);
    case Kind::Sub:
      return settled(x - y);
    case Kind::Mul:
      if (Wide product; !__builtin_mul_overflow(x, y, &product)) return settled(product);
      return std::nullopt;
    case Kind::Div:
      return settled(x / y);
    case Kind::Mod:
      return x % y;
    case Kind::FloorDiv:
      return settled(floored());
    case Kind::FloorMod:
      return x - floored() * y;
    case Kind::Min:
      return x < y ? x : y;
    case Kind::Max:
      return x < y ? y : x;
    case Kind::EQ:
      return x == y;
    case Kind::NE:
      return x != y;
    case Kind::LT:
      return x < y;
    case Kind::LE:
      return x <= y;
    case Kind::GT:
      return x > y;
    case Kind::GE:
      return x >= y;
    case Kind::And:
      return x != 0 && y != 0;
    default:
      return x != 0 || y != 0;
  }
}

/// The value in exact arithmetic. `overflowed` is set when a value on the way does not fit its
/// dtype.
inline std::optional<Wide> evaluate(const Expr& e, const Values& values, bool& overflowed) {
  auto settle = [&](DType dtype, Wide v) -> std::optional<Wide> {
    if (v > INT64_MAX || v < INT64_MIN || !detail::fits(dtype, static_cast<int64_t>(v)))
      overflowed = true;
    return v;
  };
  return evaluate_with(e, values, settle);
}

/// The value as a processor computes it: modulo the width of each type.
inline std::optional<Wide> evaluate_wrapping(const Expr& e, const Values& values) {
  auto settle = [](DType dtype, Wide v) -> std::optional<Wide> {
    const Wide modulus = Wide{1} << dtype.bits;
    v %= modulus;
    if (v < 0) v += modulus;
    return !dtype.is_uint() && v >= modulus / 2 ? v - modulus : v;
  };
  return evaluate_with(e, values, settle);
}

/// For messages.
inline std::string text(const Expr& e) {
  if (const IntImm* imm = as<IntImm>(e)) return std::to_string(imm->value);
  if (const Var* var = as<Var>(e)) return var->name;
  if (const Not* no = as<Not>(e)) return "!" + text(no->a);
  if (const Select* s = as<Select>(e)) {
    return "select(" + text(s->condition) + ", " + text(s->true_value) + ", " +
           text(s->false_value) + ")";
  }
  if (!is_binary_kind(e->kind)) return std::string(kind_name(e->kind));
  const auto& node = static_cast<const BinaryExpr&>(*e);
  return "(" + text(node.a) + " " + std::string(kind_name(e->kind)) + " " + text(node.b) + ")";
}
inline std::string text(const Values& values) {
  std::string out;
  for (auto [var, value] : values) out += " " + var->name + "=" + std::to_string(value);
  return out;
}

}  // namespace metaschedule::arith::testing
