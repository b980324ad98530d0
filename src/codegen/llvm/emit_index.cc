// SPDX-License-Identifier: Apache-2.0
// Indices: sums of products in i64, collected before anything is emitted, so that equal addresses
// look equal to LLVM and constant parts end up in the displacement. An index that overflows its
// dtype is out of bounds, so the wider sum is as good.
#include <numeric>

#include "emitter.h"

namespace metaschedule::codegen {

void Linear::add(llvm::Value* value, int64_t coefficient, int depth, int64_t multiple) {
  if (coefficient == 0) return;
  for (Term& term : terms) {
    if (term.value == value) {
      term.coefficient += coefficient;
      return;
    }
  }
  terms.push_back({value, coefficient, depth, multiple});
}

int64_t Linear::known_multiple() const {
  uint64_t bits = 4096 | static_cast<uint64_t>(constant);
  for (const Term& term : terms) bits |= static_cast<uint64_t>(term.coefficient * term.multiple);
  return static_cast<int64_t>(bits & -bits);
}

Interval Emitter::range(const Expr& e) const {
  Interval type_range = Interval::of(e->dtype.element());
  auto fit = [&](Interval r) { return type_range.contains(r) ? r : type_range; };
  switch (e->kind) {
    case Kind::IntImm:
      return Interval::point(cast_to<IntImm>(*e).value);
    case Kind::Var:
    case Kind::SizeVar: {
      auto it = frame_->vars.find(static_cast<const Var*>(e.get()));
      return it == frame_->vars.end() ? type_range : fit(it->second.range);
    }
    case Kind::Cast:
      if (!cast_to<Cast>(*e).value->dtype.is_integral()) return type_range;
      return fit(range(cast_to<Cast>(*e).value));
    case Kind::Select: {
      Interval a = range(cast_to<Select>(*e).true_value);
      Interval b = range(cast_to<Select>(*e).false_value);
      return {std::min(a.min, b.min), std::max(a.max, b.max)};
    }
    default:
      break;
  }
  if (!is_binary_kind(e->kind) || is_compare_kind(e->kind) || !e->dtype.is_integral())
    return type_range;
  const auto& op = static_cast<const BinaryExpr&>(*e);
  if (e->kind == Kind::And || e->kind == Kind::Or) return type_range;
  Interval a = range(op.a);
  Interval b = range(op.b);
  auto divisor = as_const_int(op.b);
  switch (e->kind) {
    case Kind::Add:
      return fit(a + b);
    case Kind::Sub:
      return fit(a - b);
    case Kind::Mul:
      return fit(a * b);
    case Kind::Min:
      return {std::min(a.min, b.min), std::min(a.max, b.max)};
    case Kind::Max:
      return {std::max(a.min, b.min), std::max(a.max, b.max)};
    case Kind::FloorDiv:
      return divisor && *divisor > 0 ? floor_div(a, *divisor) : type_range;
    case Kind::FloorMod:
      return divisor && *divisor > 0 ? floor_mod(a, *divisor) : type_range;
    case Kind::Div:
      return divisor && *divisor > 0 && a.is_non_negative() ? floor_div(a, *divisor) : type_range;
    case Kind::Mod:
      return divisor && *divisor > 0 && a.is_non_negative() ? floor_mod(a, *divisor) : type_range;
    default:
      return type_range;
  }
}

/// Made of variables and constants alone, so that it cannot be data that wraps on purpose.
bool Emitter::is_index_like(const Expr& e) const {
  if (!e->dtype.is_integral()) return false;
  switch (e->kind) {
    case Kind::IntImm:
    case Kind::Var:
    case Kind::SizeVar:
      return e->dtype.bits >= 32;
    case Kind::Cast:
      return e->dtype.bits == 64 && is_index_like(cast_to<Cast>(*e).value);
    case Kind::Add:
    case Kind::Sub:
    case Kind::Mul:
    case Kind::FloorDiv:
    case Kind::FloorMod:
    case Kind::Min:
    case Kind::Max: {
      const auto& op = static_cast<const BinaryExpr&>(*e);
      return e->dtype.bits >= 32 && is_index_like(op.a) && is_index_like(op.b);
    }
    default:
      return false;
  }
}

/// `kind` of `a` by a constant above zero, in i64.
llvm::Value* Emitter::wide_division(Kind kind, const Expr& a, int64_t divisor) {
  llvm::Value* value = wide(a);
  llvm::Value* d = builder_.getInt64(divisor);
  bool is_mod = kind == Kind::FloorMod || kind == Kind::Mod;
  Interval bounds = range(a);
  if (bounds.is_non_negative()) {
    if (bounds.max < divisor) return is_mod ? value : builder_.getInt64(0);
    return is_mod ? builder_.CreateURem(value, d) : builder_.CreateUDiv(value, d);
  }
  if (kind == Kind::Div) return builder_.CreateSDiv(value, d);
  if (kind == Kind::Mod) return builder_.CreateSRem(value, d);
  if ((divisor & (divisor - 1)) == 0) {
    if (is_mod) return builder_.CreateAnd(value, divisor - 1);
    return builder_.CreateAShr(value, __builtin_ctzll(divisor));
  }
  llvm::Value* quotient = builder_.CreateSDiv(value, d);
  llvm::Value* rest = builder_.CreateSRem(value, d);
  llvm::Value* below = builder_.CreateICmpSLT(rest, builder_.getInt64(0));
  if (is_mod) return builder_.CreateSelect(below, builder_.CreateAdd(rest, d), rest);
  return builder_.CreateAdd(quotient, builder_.CreateSExt(below, builder_.getInt64Ty()));
}

void Emitter::linear(const Expr& e, int64_t scale, Linear& out) {
  switch (e->kind) {
    case Kind::IntImm:
      out.constant += scale * cast_to<IntImm>(*e).value;
      return;
    case Kind::Add:
    case Kind::Sub: {
      const auto& op = static_cast<const BinaryExpr&>(*e);
      linear(op.a, scale, out);
      linear(op.b, e->kind == Kind::Add ? scale : -scale, out);
      return;
    }
    case Kind::Mul: {
      const auto& op = cast_to<Mul>(*e);
      if (auto c = as_const_int(op.b)) return linear(op.a, scale * *c, out);
      if (auto c = as_const_int(op.a)) return linear(op.b, scale * *c, out);
      break;
    }
    case Kind::Var:
    case Kind::SizeVar: {
      const Var* var = static_cast<const Var*>(e.get());
      llvm::Value* value = wide(e);
      if (auto* c = llvm::dyn_cast<llvm::ConstantInt>(value)) {
        out.constant += scale * c->getSExtValue();
        return;
      }
      const Binding& b = binding(var);
      out.add(value, scale, b.depth, b.multiple);
      return;
    }
    case Kind::Cast: {
      const auto& op = cast_to<Cast>(*e);
      if (op.value->dtype.is_int() && op.dtype.is_int() && op.dtype.bits >= op.value->dtype.bits)
        return linear(op.value, scale, out);
      break;
    }
    default:
      break;
  }
  llvm::Value* value = wide(e);
  if (auto* c = llvm::dyn_cast<llvm::ConstantInt>(value)) {
    out.constant += scale * c->getSExtValue();
    return;
  }
  out.add(value, scale, frame_->depth, 1);
}

llvm::Value* Emitter::wide(const Expr& e) {
  switch (e->kind) {
    case Kind::IntImm:
      return builder_.getInt64(cast_to<IntImm>(*e).value);
    case Kind::Var:
    case Kind::SizeVar: {
      const Var* var = static_cast<const Var*>(e.get());
      Binding& b = const_cast<Binding&>(binding(var));
      if (b.wide) return b.wide;
      break;
    }
    case Kind::FloorDiv:
    case Kind::FloorMod:
    case Kind::Div:
    case Kind::Mod: {
      const auto& op = static_cast<const BinaryExpr&>(*e);
      auto divisor = as_const_int(op.b);
      if (divisor && *divisor > 0 && is_index_like(op.a))
        return wide_division(e->kind, op.a, *divisor);
      break;
    }
    case Kind::Min:
    case Kind::Max: {
      if (!is_index_like(e)) break;
      const auto& op = static_cast<const BinaryExpr&>(*e);
      llvm::Value* a = wide(op.a);
      llvm::Value* b = wide(op.b);
      llvm::Value* less = builder_.CreateICmpSLT(a, b);
      return e->kind == Kind::Min ? builder_.CreateSelect(less, a, b)
                                  : builder_.CreateSelect(less, b, a);
    }
    case Kind::Mul: {
      const auto& op = cast_to<Mul>(*e);
      if (!is_index_like(e) || as_const_int(op.a) || as_const_int(op.b)) break;
      return builder_.CreateMul(wide(op.a), wide(op.b), "", false, true);
    }
    default:
      break;
  }
  bool is_sum =
      e->kind == Kind::Add || e->kind == Kind::Sub || e->kind == Kind::Mul || e->kind == Kind::Cast;
  if (is_sum && is_index_like(e)) {
    Linear out;
    linear(e, 1, out);
    return materialize(out);
  }
  llvm::Value* value = expr(e);
  return e->dtype.is_uint() ? builder_.CreateZExt(value, builder_.getInt64Ty())
                            : builder_.CreateSExt(value, builder_.getInt64Ty());
}

llvm::Value* Emitter::materialize(const Linear& linear) {
  std::vector<Linear::Term> terms = linear.terms;
  std::stable_sort(terms.begin(), terms.end(),
                   [](const auto& a, const auto& b) { return a.depth < b.depth; });
  llvm::Value* sum = nullptr;
  for (const Linear::Term& term : terms) {
    if (term.coefficient == 0) continue;
    llvm::Value* product =
        term.coefficient == 1
            ? term.value
            : builder_.CreateMul(term.value, builder_.getInt64(term.coefficient), "", false, true);
    sum = sum ? builder_.CreateAdd(sum, product, "", false, true) : product;
  }
  if (!sum) return builder_.getInt64(linear.constant);
  if (linear.constant == 0) return sum;
  return builder_.CreateAdd(sum, builder_.getInt64(linear.constant), "", false, true);
}

/// A vector index as base + lane * stride; false when it is something else.
bool Emitter::linear_vector(const Expr& e, int64_t scale, Linear& base, int64_t& stride) {
  switch (e->kind) {
    case Kind::Ramp: {
      const auto& ramp = cast_to<Ramp>(*e);
      auto step = as_const_int(ramp.stride);
      if (!step) return false;
      linear(ramp.base, scale, base);
      stride += scale * *step;
      return true;
    }
    case Kind::Broadcast:
      linear(cast_to<Broadcast>(*e).value, scale, base);
      return true;
    case Kind::Add:
    case Kind::Sub: {
      const auto& op = static_cast<const BinaryExpr&>(*e);
      return linear_vector(op.a, scale, base, stride) &&
             linear_vector(op.b, e->kind == Kind::Add ? scale : -scale, base, stride);
    }
    case Kind::Mul: {
      const auto& op = cast_to<Mul>(*e);
      if (auto c = as_const_int(op.b)) return linear_vector(op.a, scale * *c, base, stride);
      if (auto c = as_const_int(op.a)) return linear_vector(op.b, scale * *c, base, stride);
      return false;
    }
    case Kind::Cast: {
      const auto& op = cast_to<Cast>(*e);
      return op.value->dtype.is_int() && op.dtype.is_int() &&
             op.dtype.bits >= op.value->dtype.bits && linear_vector(op.value, scale, base, stride);
    }
    default:
      return false;
  }
}

}  // namespace metaschedule::codegen
