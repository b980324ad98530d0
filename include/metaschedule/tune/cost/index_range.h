// SPDX-License-Identifier: Apache-2.0
// Bounds of index expressions over loop ranges that change one loop at a time: what the constant
// integer bound of an analyzer gives, from a program compiled once for each expression.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "metaschedule/ir/walk.h"

namespace metaschedule::detail {

struct IntRange {
  int64_t min = 0, max = 0;
};
inline constexpr int64_t kRangeInf = std::numeric_limits<int64_t>::max();

inline int64_t saturate(__int128 v) {
  if (v > kRangeInf) return kRangeInf;
  return v < -__int128{kRangeInf} ? -kRangeInf : static_cast<int64_t>(v);
}
inline int64_t range_add(int64_t a, int64_t b) {
  // An infinity stays one whatever is added to it.
  if (a == kRangeInf || a == -kRangeInf) return a;
  if (b == kRangeInf || b == -kRangeInf) return b;
  return saturate(__int128{a} + b);
}
inline int64_t range_mul(int64_t a, int64_t b) { return saturate(__int128{a} * b); }
inline int64_t range_floordiv(int64_t a, int64_t b) {
  if (a == kRangeInf || a == -kRangeInf) return b > 0 ? a : -a;
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/// One index expression in postfix order over numbered loop variables.
class IndexProgram {
 public:
  /// `number_of(var)` is the position of a loop variable, or -1 for any other.
  template <class F>
  IndexProgram(const Expr& e, F&& number_of) {
    compile(*e, number_of);
  }

  /// Loops that occur, as bits; loop 63 stands for itself and all beyond.
  uint64_t loops() const { return loops_; }

  IntRange evaluate(const std::vector<IntRange>& vars, std::vector<IntRange>& stack) const {
    stack.clear();
    for (const Step& step : steps_) {
      if (step.kind == Kind::Var) {
        stack.push_back(vars[static_cast<size_t>(step.value)]);
      } else if (step.kind == Kind::IntImm) {
        stack.push_back({step.value, step.value});
      } else if (step.kind == Kind::AnyExpr) {
        stack.push_back({-kRangeInf, kRangeInf});
      } else {
        IntRange b = stack.back();
        stack.pop_back();
        stack.back() = combine(step.kind, stack.back(), b);
      }
    }
    return stack.back();
  }

 private:
  struct Step {
    Kind kind;
    int64_t value;
  };

  template <class F>
  void compile(const Node& node, F& number_of) {
    switch (node.kind) {
      case Kind::Var:
      case Kind::SizeVar: {
        int k = number_of(static_cast<const Var*>(&node));
        if (k < 0) break;
        loops_ |= uint64_t{1} << std::min(k, 63);
        steps_.push_back({Kind::Var, k});
        return;
      }
      case Kind::IntImm:
        steps_.push_back({Kind::IntImm, static_cast<const IntImm&>(node).value});
        return;
      case Kind::Cast:
        return compile(*static_cast<const Cast&>(node).value, number_of);
      case Kind::Add:
      case Kind::Sub:
      case Kind::Mul:
      case Kind::FloorDiv:
      case Kind::FloorMod:
      case Kind::Div:
      case Kind::Mod:
      case Kind::Min:
      case Kind::Max: {
        auto& binary = static_cast<const BinaryExpr&>(node);
        compile(*binary.a, number_of);
        compile(*binary.b, number_of);
        steps_.push_back({node.kind, 0});
        return;
      }
      default:
        break;
    }
    // Anything else: unknown, but the loops in it still count as occurring.
    post_order(node, [&](const Node& n) {
      if (const Var* var = as<Var>(&n)) {
        if (int k = number_of(var); k >= 0) loops_ |= uint64_t{1} << std::min(k, 63);
      }
    });
    steps_.push_back({Kind::AnyExpr, 0});
  }

  static IntRange corners(IntRange a, IntRange b, int64_t (*f)(int64_t, int64_t)) {
    int64_t v[] = {f(a.min, b.min), f(a.min, b.max), f(a.max, b.min), f(a.max, b.max)};
    return {*std::min_element(v, v + 4), *std::max_element(v, v + 4)};
  }
  static IntRange combine(Kind kind, IntRange a, IntRange b) {
    const IntRange everything{-kRangeInf, kRangeInf};
    switch (kind) {
      case Kind::Add:
        return {range_add(a.min, b.min), range_add(a.max, b.max)};
      case Kind::Sub:
        return {range_add(a.min, -b.max), range_add(a.max, -b.min)};
      case Kind::Mul:
        return corners(a, b, range_mul);
      case Kind::Min:
        return {std::min(a.min, b.min), std::min(a.max, b.max)};
      case Kind::Max:
        return {std::max(a.min, b.min), std::max(a.max, b.max)};
      case Kind::Div:
      case Kind::FloorDiv:
        if (b.min <= 0) return everything;
        return corners(a, b, range_floordiv);
      case Kind::Mod:
      case Kind::FloorMod:
        if (b.min <= 0) return everything;
        if (a.min >= 0 && a.max < b.min) return a;
        if (a.min >= 0) return {0, std::min(a.max, b.max - 1)};
        return {0, b.max - 1};
      default:
        return everything;
    }
  }

  std::vector<Step> steps_;
  uint64_t loops_ = 0;
};

/// The step that `var` makes in an index, by a left-to-right scan of the expression: exact for
/// affine indices written one term a variable, a fixed convention for others (cost models have
/// learned it that way).
inline int64_t index_stride(const Expr& index, const Var* var) {
  struct Scan {
    const Var* var;
    bool seen_var = false, seen_add = false, seen_mul = false;
    int64_t stride = 2;
    void visit(const Node& node) {
      if (&node == var) {
        seen_var = true;
        stride = 2;
        return;
      }
      for_each_child(node, [this](const Node& child) { visit(child); });
      if (node.kind == Kind::Mul && seen_var && !seen_add) {
        auto& mul = static_cast<const Mul&>(node);
        const IntImm* literal = as<IntImm>(mul.a);
        if (!literal) literal = as<IntImm>(mul.b);
        if (literal) {
          seen_mul = true;
          stride = literal->value;
        }
      } else if (node.kind == Kind::Add && seen_var && !seen_mul) {
        seen_add = true;
        stride = 1;
      }
    }
  } scan{var};
  scan.visit(*index);
  if (!scan.seen_var) return 0;
  return scan.seen_add || scan.seen_mul ? scan.stride : 1;
}

}  // namespace metaschedule::detail
