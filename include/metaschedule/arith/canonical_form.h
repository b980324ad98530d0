// SPDX-License-Identifier: Apache-2.0
// The normal form of the canonical simplifier: sums of splits.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "metaschedule/arith/canonical_simplify.h"
#include "metaschedule/arith/integer.h"

namespace metaschedule::arith::detail {

/// Quotient and remainder of one rounding, folding constants.
Expr div_expr(const Expr& a, const Expr& b, DivMode mode);
Expr mod_expr(const Expr& a, const Expr& b, DivMode mode);

/// ((index % upper) / lower) * scale; an infinite `upper` means no remainder is taken. Otherwise
/// `upper` is a multiple of `lower`.
struct Split {
  static constexpr int64_t kInf = INT64_MAX;
  Expr index;
  int64_t lower = 1, upper = kInf, scale = 1;
  DivMode mode = DivMode::Trunc;

  DType dtype() const { return index->dtype; }
  bool is_plain() const { return lower == 1 && upper == kInf; }
  bool can_use(DivMode m) const { return mode == m || is_plain(); }
  bool same_index(const Split& other) const;
  Expr normalize(int64_t extra_scale = 1) const;
  bool multiply(int64_t factor) {
    auto product = checked_mul(scale, factor);
    if (product) scale = *product;
    return product.has_value();
  }
};

/// The sum of `args` and `base`. Splits of one index stand together, larger `lower` first.
struct Sum {
  DType dtype;
  std::vector<Split> args;
  int64_t base = 0;

  bool is_zero() const { return base == 0 && args.empty(); }
  Expr normalize() const;
  /// These return false where a coefficient would overflow; the sum is then not to be used.
  [[nodiscard]] bool multiply(int64_t factor);
  [[nodiscard]] bool add(int64_t value);
  [[nodiscard]] bool add(Split other, int64_t factor);
  [[nodiscard]] bool add(const Sum& other, int64_t factor);
  /// All scales and the base are multiples of `divisor`.
  void divide(int64_t divisor);
  /// What is a multiple of `divisor`, and the rest.
  std::pair<Sum, Sum> separate(int64_t divisor) const;
};

/// An expression, or one still in normal form.
struct Canonical {
  enum class Form : uint8_t { Plain, Split, Sum } form = Form::Plain;
  Expr expr;
  detail::Split split;
  detail::Sum sum;

  Canonical(Expr e) : expr(std::move(e)) {}  // NOLINT: the usual way to make one
  Canonical(detail::Split s) : form(Form::Split), split(std::move(s)) {}  // NOLINT
  Canonical(detail::Sum s) : form(Form::Sum), sum(std::move(s)) {}        // NOLINT

  Expr normalize() const;
  detail::Split to_split() const;
  detail::Sum to_sum() const;
};

}  // namespace metaschedule::arith::detail
