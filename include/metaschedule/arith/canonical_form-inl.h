// SPDX-License-Identifier: Apache-2.0
// Arithmetic on the normal form, and back to expressions.
#pragma once

#include "metaschedule/arith/canonical_form.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith::detail {

METASCHEDULE_INLINE Expr div_expr(const Expr& a, const Expr& b, DivMode mode) {
  return mode == DivMode::Trunc ? div(a, b) : floordiv(a, b);
}
METASCHEDULE_INLINE Expr mod_expr(const Expr& a, const Expr& b, DivMode mode) {
  return mode == DivMode::Trunc ? truncmod(a, b) : floormod(a, b);
}

METASCHEDULE_INLINE bool Split::same_index(const Split& other) const {
  return expr_equal(index, other.index);
}

METASCHEDULE_INLINE Expr Split::normalize(int64_t extra_scale) const {
  DType t = dtype();
  if (scale == 0) return int_imm(t, 0);
  Expr out = index;
  if (upper != kInf) out = mod_expr(out, int_imm(t, upper), mode);
  if (lower != 1) out = div_expr(out, int_imm(t, lower), mode);
  int64_t factor = scale * extra_scale;
  return factor == 1 ? out : out * int_imm(t, factor);
}

/// Merges x // c * s + x % (c * s) % ... pairs of one index, then orders by falling scale.
inline std::vector<Split> merged_splits(std::vector<Split> args) {
  for (size_t i = 0; i < args.size(); ++i) {
    for (size_t j = i + 1; j < args.size() && args[i].scale != 0; ++j) {
      Split &high = args[i], &low = args[j];
      if (!high.same_index(low) || high.upper < low.lower) break;
      if (high.upper == low.upper && high.lower == low.lower && low.can_use(high.mode)) {
        low.scale += high.scale;
        high.scale = 0;
        continue;
      }
      // (x % u / l) * (s * l / m) + (x % l / m) * s is (x % u / m) * s.
      if (high.lower == low.upper && low.scale != 0 && high.scale % low.scale == 0 &&
          checked_mul(high.scale / low.scale, low.lower) == high.lower && low.can_use(high.mode)) {
        low.upper = high.upper;
        low.mode = high.mode;
        high.scale = 0;
        break;
      }
    }
  }
  auto before = [](const Split& a, const Split& b) {
    if (a.scale != b.scale) return a.scale > b.scale;
    if (a.lower != b.lower) return a.lower > b.lower;
    if (a.upper != b.upper) return a.upper > b.upper;
    return a.mode > b.mode;
  };
  // Few terms, nearly in order: insertion keeps equal ones as they stand.
  for (size_t i = 1; i < args.size(); ++i) {
    for (size_t j = i; j > 0 && before(args[j], args[j - 1]); --j) std::swap(args[j], args[j - 1]);
  }
  return args;
}

METASCHEDULE_INLINE Expr Sum::normalize() const {
  if (args.empty()) return int_imm(dtype, base);
  std::vector<Split> terms = merged_splits(args);
  // What has an opposite in the type is subtracted, after what is added.
  auto subtracted = [&](int64_t v) { return v < 0 && v != INT64_MIN && fits(dtype, -v); };
  Expr out = int_imm(dtype, 0);
  for (const Split& term : terms) {
    if (term.scale != 0 && !subtracted(term.scale)) out = out + term.normalize();
  }
  if (base != 0 && !subtracted(base)) out = out + int_imm(dtype, base);
  for (const Split& term : terms) {
    if (subtracted(term.scale)) out = out - term.normalize(-1);
  }
  if (subtracted(base)) out = out - int_imm(dtype, -base);
  return out;
}

METASCHEDULE_INLINE bool Sum::multiply(int64_t factor) {
  auto product = checked_mul(base, factor);
  if (!product || !fits(dtype, *product)) return false;
  base = *product;
  for (Split& arg : args) {
    if (!arg.multiply(factor) || !fits(dtype, arg.scale)) return false;
  }
  return true;
}
METASCHEDULE_INLINE bool Sum::add(int64_t value) {
  auto total = checked_add(base, value);
  if (!total || !fits(dtype, *total)) return false;
  base = *total;
  return true;
}
METASCHEDULE_INLINE bool Sum::add(Split other, int64_t factor) {
  if (other.scale == 0) return true;
  if (!other.multiply(factor) || !fits(dtype, other.scale)) return false;
  size_t at = 0;
  while (at < args.size() && !args[at].same_index(other)) ++at;
  for (; at < args.size(); ++at) {
    Split& arg = args[at];
    if (!arg.same_index(other) || other.lower > arg.lower) break;
    if (other.lower == arg.lower && other.upper == arg.upper && other.can_use(arg.mode)) {
      auto total = checked_add(arg.scale, other.scale);
      if (!total || !fits(dtype, *total)) return false;
      arg.scale = *total;
      return true;
    }
  }
  args.insert(args.begin() + static_cast<std::ptrdiff_t>(at), std::move(other));
  return true;
}
METASCHEDULE_INLINE bool Sum::add(const Sum& other, int64_t factor) {
  // Merging segment by segment in order keeps equal indices together.
  for (const Split& arg : other.args) {
    if (!add(arg, factor)) return false;
  }
  auto product = checked_mul(other.base, factor);
  return product && add(*product);
}
METASCHEDULE_INLINE void Sum::divide(int64_t divisor) {
  base /= divisor;
  for (Split& arg : args) arg.scale /= divisor;
}
METASCHEDULE_INLINE std::pair<Sum, Sum> Sum::separate(int64_t divisor) const {
  Sum even{dtype, {}, 0}, odd{dtype, {}, 0};
  (base % divisor == 0 ? even : odd).base = base;
  for (const Split& arg : args) (arg.scale % divisor == 0 ? even : odd).args.push_back(arg);
  return {std::move(even), std::move(odd)};
}

METASCHEDULE_INLINE Expr Canonical::normalize() const {
  if (form == Form::Plain) return expr;
  return form == Form::Split ? split.normalize() : sum.normalize();
}
METASCHEDULE_INLINE Split Canonical::to_split() const {
  if (form == Form::Split) return split;
  if (form == Form::Sum && sum.base == 0 && sum.args.size() == 1) return sum.args[0];
  return {normalize()};
}
METASCHEDULE_INLINE Sum Canonical::to_sum() const {
  if (form == Form::Sum) return sum;
  if (const IntImm* imm = as<IntImm>(expr)) return {imm->dtype, {}, imm->value};
  Split one = to_split();
  return {one.dtype(), {one}, 0};
}

}  // namespace metaschedule::arith::detail
