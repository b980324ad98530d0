// SPDX-License-Identifier: Apache-2.0
// Linear forms, and bounds that comparisons imply.
#include <gtest/gtest.h>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/linear.h"
#include "metaschedule/ir/structural.h"
#include "random_expr.h"

namespace metaschedule::arith::testing {
namespace {

VarRef var(const char* name) { return make<Var>(name, kInt32); }
std::string texts(const std::vector<Expr>& list) {
  std::string out;
  for (const Expr& e : list) out += (out.empty() ? "" : ", ") + (e ? text(e) : std::string("-"));
  return out;
}

TEST(Linear, EquationsAreCoefficientsAndABase) {
  VarRef x = var("x"), y = var("y"), n = var("n");
  EXPECT_EQ(texts(detect_linear_equation(x * 4 + y + 6, {x, y})), "4, 1, 6");
  EXPECT_EQ(texts(detect_linear_equation((x - y) * 3 - x, {x, y})), "2, -3, 0");
  EXPECT_EQ(texts(detect_linear_equation(x * n + 1, {x})), "n, 1");
  EXPECT_EQ(texts(detect_linear_equation(x + 1, {})), "(x Add 1)");
}

TEST(Linear, WhatIsNotLinearHasNoEquation) {
  VarRef x = var("x"), y = var("y");
  EXPECT_TRUE(detect_linear_equation(x * y, {x, y}).empty());
  EXPECT_TRUE(detect_linear_equation(x * x, {x}).empty());
  EXPECT_TRUE(detect_linear_equation(floordiv(x, i32(2)), {x}).empty());
  EXPECT_TRUE(detect_linear_equation(min(x, y), {x}).empty());
}

TEST(Linear, RandomEquationsHaveTheValueOfTheExpression) {
  int found = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    RandomExpr source(seed, kInt64, false);
    Expr e = source.integer(1 + static_cast<int>(seed % 4));
    Vars vars{source.vars[0].first, source.vars[1].first};
    std::vector<Expr> form = detect_linear_equation(e, vars);
    if (form.empty()) continue;
    ++found;
    Expr back = form[0] * vars[0] + form[1] * vars[1] + form[2];
    for (int i = 0; i < 5; ++i) {
      Values values = source.values();
      bool ignored = false;
      auto want = evaluate(e, values, ignored);
      if (!want) continue;
      ASSERT_EQ(static_cast<int64_t>(*want),
                static_cast<int64_t>(evaluate(back, values, ignored).value()))
          << text(e) << " is not " << text(back) << " at" << text(values);
    }
  }
  EXPECT_GT(found, 500);
}

TEST(Linear, ClipBoundsAreThoseOfEachVariableAlone) {
  VarRef x = var("x"), y = var("y"), n = var("n");
  Expr condition = logical_and(logical_and(lt(x, n + 1), ge(x, i32(2))), gt(i32(7), y));
  EXPECT_EQ(texts(detect_clip_bound(condition, {x, y})), "2, n, -, 6");
  EXPECT_EQ(texts(detect_clip_bound(eq(x - 3, i32(0)), {x})), "3, 3");
  EXPECT_TRUE(detect_clip_bound(lt(x + y, i32(4)), {x, y}).empty());
  EXPECT_TRUE(detect_clip_bound(lt(x * 2, i32(4)), {x}).empty());
}

TEST(Linear, ABoundHoldsWhateverTheRelaxedVariablesAre) {
  VarRef x = var("x"), y = var("y");
  DomMap relaxed{{y.get(), IntSet::interval(i32(0), i32(9))}};
  IntSet set = deduce_bound(x, lt(x * 2 + y, i32(20)), {}, relaxed);
  EXPECT_FALSE(set.has_lower_bound());
  ASSERT_TRUE(set.has_upper_bound());
  EXPECT_EQ(text(set.max()), "5");  // 2 x + 9 <= 19
  set = deduce_bound(x, ge(y - x, i32(-3)), {}, relaxed);
  EXPECT_EQ(text(set.max()), "3");
  set = deduce_bound(x, logical_and(ge(x, y), lt(x * -1, i32(4))), {}, relaxed);
  EXPECT_EQ(text(set.min()), "9");
}

TEST(Linear, WhatCannotBeSolvedHasNoBound) {
  VarRef x = var("x"), y = var("y"), n = var("n");
  EXPECT_TRUE(deduce_bound(x, lt(x, x + 1), {}, {}).is_nothing());
  EXPECT_TRUE(deduce_bound(x, lt(x * n, i32(4)), {}, {}).is_nothing());
  EXPECT_TRUE(deduce_bound(x, lt(y, i32(4)), {}, {}).is_nothing());
  EXPECT_TRUE(deduce_bound(x, ne(x, i32(4)), {}, {}).is_nothing());
  DomMap unbounded{{y.get(), IntSet::everything()}};
  EXPECT_TRUE(deduce_bound(x, lt(x, y), {}, unbounded).is_nothing());
  // The sign of a factor may be told.
  DomMap hints{{n.get(), IntSet::interval(i32(1), i32(8))}};
  EXPECT_TRUE(deduce_bound(x, lt(x * n, i32(4)), hints, {}).has_upper_bound());
}

// Every value in the set satisfies the condition for all relaxed values, and its neighbours beyond
// the ends do not for some.
TEST(Linear, RandomBoundsAreExact) {
  std::mt19937_64 random(3);
  auto number = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<uint64_t>(high - low + 1));
  };
  int solved = 0;
  for (int round = 0; round < 2000; ++round) {
    VarRef x = var("x"), y = var("y");
    const int low = number(-6, 6), high = low + number(0, 5);
    Expr e = x;
    for (int step = number(1, 3); step > 0; --step) {
      switch (number(0, 4)) {
        case 0:
          e = e + number(-5, 5);
          break;
        case 1:
          e = i32(number(-5, 5)) - e;
          break;
        case 2:
          e = e * (number(0, 1) ? number(1, 4) : -number(1, 4));
          break;
        case 3:
          e = e + y * number(-2, 2);
          break;
        default:
          e = floordiv(e, i32(number(1, 4)));
      }
    }
    constexpr Kind kinds[] = {Kind::LT, Kind::LE, Kind::GT, Kind::GE, Kind::EQ};
    Expr condition = make_binary(kinds[number(0, 4)], e, i32(number(-20, 20)));
    if (!is_compare_kind(condition->kind)) continue;
    DomMap relaxed{{y.get(), IntSet::interval(i32(low), i32(high))}};
    IntSet set = deduce_bound(x, condition, {}, relaxed);
    if (set.is_nothing()) continue;
    ++solved;
    auto holds = [&](int64_t at) {
      for (int v = low; v <= high; ++v) {
        bool ignored = false;
        if (!*evaluate(condition, {{x.get(), at}, {y.get(), v}}, ignored)) return false;
      }
      return true;
    };
    auto inside = [&](int64_t at) {
      return (!set.has_lower_bound() || at >= *as_const_int(set.min())) &&
             (!set.has_upper_bound() || at <= *as_const_int(set.max()));
    };
    for (int64_t at = -60; at <= 60; ++at)
      ASSERT_EQ(holds(at), inside(at))
          << text(condition) << " at x = " << at << ", y in [" << low << ", " << high << "]";
  }
  EXPECT_GT(solved, 1000);
}

}  // namespace
}  // namespace metaschedule::arith::testing
