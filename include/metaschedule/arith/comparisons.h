// SPDX-License-Identifier: Apache-2.0
// Comparisons that are known to hold between two symbolic expressions. (Bounds by constants are the
// business of ConstIntBoundAnalyzer.)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metaschedule/ir/op.h"

namespace metaschedule::arith {

/// What is known of `a ? b`, as a set of the three outcomes: less 1, equal 2, greater 4.
enum class Compare : uint8_t {
  Inconsistent = 0,
  LT = 1,
  EQ = 2,
  LE = 3,
  GT = 4,
  NE = 5,
  GE = 6,
  Unknown = 7,
};
constexpr Compare operator&(Compare a, Compare b) {
  return static_cast<Compare>(static_cast<uint8_t>(a) & static_cast<uint8_t>(b));
}
constexpr Compare operator|(Compare a, Compare b) {
  return static_cast<Compare>(static_cast<uint8_t>(a) | static_cast<uint8_t>(b));
}
/// `b ? a` from `a ? b`.
constexpr Compare flipped(Compare c) {
  auto v = static_cast<uint8_t>(c);
  return static_cast<Compare>(((v & 1) << 2) | (v & 2) | ((v & 4) >> 2));
}

class KnownComparisons {
 public:
  Compare try_compare(const Expr& a, const Expr& b) const;
  void bind(const VarRef& var, const Expr& value, bool allow_override = false);
  void bind(const VarRef& var, const Ref<Range>& range, bool allow_override = false);
  size_t enter_constraint(const Expr& constraint);
  void exit_constraint(size_t mark) { facts_.resize(mark); }

 private:
  /// `lhs - rhs` compared with `offset`; no constant stands in lhs or rhs.
  struct Fact {
    Expr lhs, rhs;
    int64_t offset;
    Compare result;
  };
  void add(const Expr& a, const Expr& b, Compare result);
  void add(const Expr& condition);
  void forget(const Var* var);

  std::vector<Fact> facts_;
};

}  // namespace metaschedule::arith
