// SPDX-License-Identifier: Apache-2.0
// Rules of the rewriting simplifier, written as text and parsed at compile time:
//
//   {"(x + c1) + c2 -> x + (c1 + c2)"}
//   {"(x * c1) // c2 => x * (c1 // c2)", when}
//
// One or more patterns separated by ` | ` stand on the left. Letters x y z w s t u v match any
// expression (the same one each time), c1 to c5 integer constants, l lanes, `true`, `false` and
// numbers themselves. Operators: + - * // % < <= == != && || !, and min max select ramp bcast div
// mod (truncating). `->` gives the result as it is, `=>` simplifies it again.
#pragma once

#include <array>
#include <cstdint>

#include "metaschedule/ir/op.h"

namespace metaschedule::arith {
class RewriteSimplifier;
}

namespace metaschedule::arith::detail {

/// One node of a pattern. For Any and Int `a` is the slot, for Literal and Truth the value; else
/// `a`, `b`, `c` are the operands.
struct PatternNode {
  enum class Type : uint8_t { Any, Int, Literal, Truth, Node } type = Type::Any;
  Kind kind = Kind::Var;
  int8_t a = -1, b = -1, c = -1;
};

/// What a pattern bound. Slots 0 to 8 are expressions, 9 to 13 the constants c1 to c5.
struct Match {
  static constexpr int kFirstInt = 9, kSlots = 14;
  std::array<const ExprNode*, kSlots> slots;
  uint32_t bound = 0;
  RewriteSimplifier* self;
  /// Of the expression under the rule.
  const ExprNode* root;
  DType dtype;

  bool is_max() const { return root->kind == Kind::Max; }

  int64_t c(int i) const {
    return static_cast<const IntImm*>(slots[static_cast<size_t>(kFirstInt + i - 1)])->value;
  }
  int64_t c1() const { return c(1); }
  int64_t c2() const { return c(2); }
  int64_t c3() const { return c(3); }
  Expr c1_expr() const { return Expr(slots[kFirstInt]); }
  Expr c2_expr() const { return Expr(slots[kFirstInt + 1]); }
  bool has(char name) const { return (bound >> slot_of(name)) & 1; }
  /// The expression that a letter stands for.
  Expr operator[](char name) const { return Expr(slots[static_cast<size_t>(slot_of(name))]); }

  static constexpr int slot_of(char name) {
    constexpr char names[] = "xyzwstuvl";
    for (int i = 0; i < 9; ++i) {
      if (names[i] == name) return i;
    }
    return -1;
  }
};

/// Kinds of a node's operands that a pattern can match at all: what most rules fail on.
struct KindMasks {
  uint64_t a = 0, b = 0;
};

struct Rule {
  using Condition = bool (*)(const Match&);
  /// Makes the result itself; null: the rule does not apply after all.
  using Maker = Expr (*)(const Match&);
  static constexpr int kNodes = 64, kAlternatives = 8;

  std::array<PatternNode, kNodes> nodes{};
  std::array<int8_t, kAlternatives> patterns{};
  std::array<KindMasks, kAlternatives> masks{};
  int8_t pattern_count = 0, result = -1;
  bool again = false;
  Condition when = nullptr;
  Maker maker = nullptr;

  consteval Rule(const char* text, Condition condition = nullptr);
  /// Without a result in the text.
  consteval Rule(const char* text, Condition condition, Maker make_result);

  constexpr Rule with_min_and_max_exchanged() const;

 private:
  consteval void parse(const char* text);
  constexpr uint64_t kinds_matched(int at) const;
};

/// Folding that leaves a division by a constant zero alone: it is an error of the program.
Expr fold_safely(Kind kind, const Expr& a, const Expr& b);

/// The result of the first rule that applies, or null.
Expr apply_rules(const Rule* rules, size_t count, const Expr& e, RewriteSimplifier& self);
template <size_t N>
Expr apply_rules(const std::array<Rule, N>& rules, const Expr& e, RewriteSimplifier& self) {
  return apply_rules(rules.data(), N, e, self);
}
template <size_t N>
Expr apply_rules(const Rule (&rules)[N], const Expr& e, RewriteSimplifier& self) {
  return apply_rules(rules, N, e, self);
}

}  // namespace metaschedule::arith::detail

#include "metaschedule/arith/pattern_parse.h"  // IWYU pragma: keep
