// SPDX-License-Identifier: Apache-2.0
// Systems of linear equations over the integers.
#include <gtest/gtest.h>

#include <set>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/solve_linear.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::arith::testing {
namespace {

VarRef var(const char* name) { return make<Var>(name, kInt32); }
Ref<Range> range(int64_t min, int64_t extent) { return make<Range>(i32(min), i32(extent)); }
bool has_no_solution(const LinearSolution& s) {
  return s.relations.size() == 1 && is_zero(s.relations[0]);
}

TEST(SolveLinear, AsManyEquationsAsVariablesGiveOnePoint) {
  VarRef x = var("x"), y = var("y");
  LinearSolution s = solve_linear_equations({eq(x + y, i32(20)), eq(x - y, i32(10))}, {x, y}, {});
  EXPECT_EQ(s.variables.size(), 0u);
  EXPECT_TRUE(s.relations.empty());
  EXPECT_EQ(text(s.old_to_new.at(x.get())), "15");
  EXPECT_EQ(text(s.old_to_new.at(y.get())), "5");
}

TEST(SolveLinear, WhatHasNoIntegerSolutionIsFalse) {
  VarRef x = var("x"), y = var("y");
  EXPECT_TRUE(has_no_solution(solve_linear_equations({eq(x * 2 + y * 4, i32(7))}, {x, y}, {})));
  EXPECT_TRUE(has_no_solution(
      solve_linear_equations({eq(x + y, i32(1)), eq(x * 2 + y * 2, i32(3))}, {x, y}, {})));
}

TEST(SolveLinear, SymbolsStayAndSayWhenThereIsASolution) {
  VarRef x = var("x"), n = var("n");
  LinearSolution s = solve_linear_equations({eq(x * 2, n)}, {x}, {});
  ASSERT_EQ(s.relations.size(), 1u);
  bool ignored = false;
  EXPECT_EQ(*evaluate(s.relations[0], {{n.get(), 6}}, ignored), 1);
  EXPECT_EQ(*evaluate(s.relations[0], {{n.get(), 7}}, ignored), 0);
  EXPECT_EQ(*evaluate(s.old_to_new.at(x.get()), {{n.get(), 6}}, ignored), 3);
}

TEST(SolveLinear, WhatIsNotLinearIsRefused) {
  VarRef x = var("x"), n = var("n");
  EXPECT_THROW(solve_linear_equations({eq(x * x, i32(4))}, {x}, {}), ValueError);
  EXPECT_THROW(solve_linear_equations({eq(x * n, i32(4))}, {x}, {}), ValueError);
  EXPECT_THROW(solve_linear_equations({lt(x, i32(4))}, {x}, {}), ValueError);
}

// The new variables in their ranges, under the relations, give just the solutions in the box.
TEST(SolveLinear, RandomSystemsHaveJustTheirSolutions) {
  std::mt19937_64 random(11);
  auto number = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<uint64_t>(high - low + 1));
  };
  int with_solutions = 0;
  for (int round = 0; round < 1500; ++round) {
    const size_t width = static_cast<size_t>(number(1, 3));
    std::vector<VarRef> vars;
    IterRanges ranges;
    for (size_t i = 0; i < width; ++i) {
      vars.push_back(make<Var>(std::string(1, "xyz"[i]), kInt32));
      ranges.emplace_back(vars[i], range(number(-3, 2), number(1, 6)));
    }
    std::vector<Expr> equations;
    for (int k = number(1, 3); k > 0; --k) {
      Expr sum = i32(0);
      for (const VarRef& v : vars) sum = sum + v * number(-3, 3);
      equations.push_back(make<EQ>(sum, i32(number(-6, 6))));
    }
    // All points of a box, by counting through it.
    auto for_each_point = [&](const IterRanges& box, auto&& f) {
      Values at;
      auto go = [&](auto&& self, size_t i) -> void {
        if (i == box.size()) return f(at);
        const auto min = *as_const_int(box[i].second->min),
                   extent = *as_const_int(box[i].second->extent);
        for (int64_t v = min; v < min + extent; ++v) {
          at[box[i].first.get()] = v;
          self(self, i + 1);
        }
      };
      go(go, 0);
    };
    bool ignored = false;
    auto holds = [&](const std::vector<Expr>& conditions, const Values& at) {
      return std::all_of(conditions.begin(), conditions.end(),
                         [&](const Expr& c) { return *evaluate(c, at, ignored) != 0; });
    };
    std::set<std::vector<int64_t>> want, got;
    for_each_point(ranges, [&](const Values& at) {
      if (!holds(equations, at)) return;
      std::vector<int64_t> point;
      for (const VarRef& v : vars) point.push_back(at.at(v.get()));
      want.insert(point);
    });
    LinearSolution s = solve_linear_equations(equations, vars, ranges);
    if (!has_no_solution(s)) {
      ASSERT_EQ(s.ranges.size(), s.variables.size());
      for_each_point(s.ranges, [&](const Values& at) {
        if (!holds(s.relations, at)) return;
        std::vector<int64_t> point;
        for (const VarRef& v : vars)
          point.push_back(static_cast<int64_t>(*evaluate(s.old_to_new.at(v.get()), at, ignored)));
        // The way back leads to the same new variables.
        Values back;
        for (size_t i = 0; i < width; ++i) back[vars[i].get()] = point[i];
        for (const VarRef& n : s.variables)
          EXPECT_EQ(static_cast<int64_t>(*evaluate(s.new_to_old.at(n.get()), back, ignored)),
                    at.at(n.get()));
        EXPECT_TRUE(got.insert(point).second);
      });
    }
    ASSERT_EQ(got, want) << text(equations[0]);
    with_solutions += !want.empty();
  }
  EXPECT_GT(with_solutions, 100);
}

}  // namespace
}  // namespace metaschedule::arith::testing
