// SPDX-License-Identifier: Apache-2.0
// How large an index can get, in plain arithmetic: a quick answer to whether it is bounded at all.
#pragma once

#include <cmath>

#include "metaschedule/ir/op.h"

namespace metaschedule::detail {

/// Of what is not known; and what is safely within int32.
inline constexpr double kNoMagnitude = 1e300, kSafeMagnitude = 1e9;

/// No less than the absolute value of an expression, from that of its variables; kNoMagnitude or
/// more for what is not plain arithmetic.
template <class F>
double magnitude_of(const ExprNode& e, const F& of_var) {
  switch (e.kind) {
    case Kind::IntImm:
      return std::abs(static_cast<double>(static_cast<const IntImm&>(e).value));
    case Kind::Var:
    case Kind::SizeVar:
      return of_var(static_cast<const Var*>(&e));
    case Kind::Add:
    case Kind::Sub: {
      const auto& sum = static_cast<const BinaryExpr&>(e);
      return magnitude_of(*sum.a, of_var) + magnitude_of(*sum.b, of_var);
    }
    case Kind::Mul: {
      const auto& product = static_cast<const Mul&>(e);
      const IntImm* factor = as<IntImm>(product.b);
      if (!factor || factor->value == 0) return kNoMagnitude;
      return std::abs(static_cast<double>(factor->value)) * magnitude_of(*product.a, of_var);
    }
    case Kind::FloorDiv:
    case Kind::FloorMod: {
      const auto& part = static_cast<const BinaryExpr&>(e);
      const IntImm* divisor = as<IntImm>(part.b);
      if (!divisor || divisor->value < 1) return kNoMagnitude;
      return magnitude_of(*part.a, of_var) + static_cast<double>(divisor->value);
    }
    default:
      return kNoMagnitude;
  }
}

}  // namespace metaschedule::detail
