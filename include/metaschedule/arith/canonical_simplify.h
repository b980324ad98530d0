// SPDX-License-Identifier: Apache-2.0
// The canonical simplifier: sums of scaled splits ((index % upper) / lower * scale), merged,
// divided and sorted, so that equal sums come out as equal expressions.
#pragma once

#include "metaschedule/arith/rewrite_simplify.h"

namespace metaschedule::arith {

namespace detail {
struct Canonical;
struct Split;
struct Sum;
enum class DivMode : uint8_t { Trunc, Floor };
}  // namespace detail

class CanonicalSimplifier final : public RewriteSimplifier {
 public:
  using RewriteSimplifier::RewriteSimplifier;
  /// One round.
  Expr operator()(const Expr& expr) { return visit(expr); }

 protected:
  Expr visit(const Expr& e) override;

 private:
  using Canonical = detail::Canonical;
  using Split = detail::Split;
  using DivMode = detail::DivMode;
  /// Like visit, but sums stay in canonical form.
  Canonical mutate(const Expr& e);
  Canonical add_or_sub(const Expr& e);
  Canonical mul(const Expr& e);
  Canonical divide(const Expr& e, DivMode mode);
  Canonical modulo(const Expr& e, DivMode mode);
  Canonical convert(const Expr& e);
  Canonical less(const Expr& e);
  Split split_div_const(Split lhs, int64_t c, DivMode mode);
  Split split_mod_const(Split lhs, int64_t c, DivMode mode);
};

}  // namespace metaschedule::arith
