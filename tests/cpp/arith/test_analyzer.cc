// SPDX-License-Identifier: Apache-2.0
// What the schedule primitives ask of the analyzer.
#include "metaschedule/arith/analyzer.h"

#include <gtest/gtest.h>

#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {
namespace {

struct AnalyzerTest : ::testing::Test {
  VarRef i = make<Var>("i", kInt32), j = make<Var>("j", kInt32), n = make<Var>("n", kInt32);
  Analyzer analyzer;
  void range(const VarRef& var, int64_t extent) {
    analyzer.bind(var, make<Range>(i32(0), i32(extent)));
  }
  void range(const VarRef& var, const Expr& extent) {
    analyzer.bind(var, make<Range>(i32(0), extent));
  }
};

TEST_F(AnalyzerTest, UndoesASplit) {
  range(i, 8);
  range(j, 4);
  Expr fused = i * 4 + j;
  EXPECT_TRUE(analyzer.simplify(floordiv(fused, 4)).same_as(i));
  EXPECT_TRUE(analyzer.simplify(floormod(fused, 4)).same_as(j));
  EXPECT_TRUE(is_zero(analyzer.simplify(floordiv(fused, 32))));
  EXPECT_TRUE(expr_equal(analyzer.simplify(floordiv(n, 4) * 4 + floormod(n, 4)), n));
}

TEST_F(AnalyzerTest, DividesACommonFactorOutOfAComparison) {
  range(i, 16);
  range(j, 24);
  Expr simplified = analyzer.simplify(lt(i * 48 + j * 2, i32(256)));
  EXPECT_TRUE(expr_equal(simplified, lt(i * 24 + j, i32(128))));
}

TEST_F(AnalyzerTest, ProvesSymbolicBoundsOnlyWhenAsked) {
  range(i, n);
  range(j, 16);
  Expr inside = lt(i * 16 + j, n * 16 + 1);
  EXPECT_FALSE(analyzer.can_prove(inside));
  EXPECT_TRUE(analyzer.can_prove(inside, ProofStrength::SymbolicBound));
}

TEST_F(AnalyzerTest, DoesNotProveThatARoundedUpSplitStaysInside) {
  range(i, floordiv(n + 31, 32));
  range(j, 32);
  EXPECT_FALSE(analyzer.can_prove(lt(i * 32 + j, n), ProofStrength::SymbolicBound));
}

TEST_F(AnalyzerTest, AConstraintHoldsInItsScopeOnly) {
  range(i, 100);
  Expr below = lt(i, i32(10));
  EXPECT_FALSE(analyzer.can_prove(below));
  {
    auto scope = analyzer.with_constraint(below);
    EXPECT_TRUE(analyzer.can_prove(below));
    EXPECT_EQ(analyzer.const_int_bound(i).max_value, 9);
    EXPECT_TRUE(analyzer.can_prove(lt(i, i32(11))));
  }
  EXPECT_FALSE(analyzer.can_prove(below));
  EXPECT_EQ(analyzer.const_int_bound(i).max_value, 99);
}

TEST_F(AnalyzerTest, AConditionNarrowsTheBranchesOfASelect) {
  range(i, 100);
  Expr e = select(lt(i, i32(8)), floordiv(i, 8), floormod(i, 8));
  Expr simple = analyzer.simplify(e);
  const Select* choice = as<Select>(simple);
  ASSERT_TRUE(choice);
  EXPECT_TRUE(is_zero(choice->true_value));
}

TEST_F(AnalyzerTest, BindingTwiceToDifferentThingsIsRefused) {
  range(i, 8);
  range(i, 8);
  EXPECT_THROW(range(i, 9), ValueError);
  analyzer.bind(i, make<Range>(i32(0), i32(9)), true);
  EXPECT_EQ(analyzer.const_int_bound(i).max_value, 8);
}

TEST_F(AnalyzerTest, DivisionByAConstantZeroStaysInTheProgram) {
  Expr broken = make<FloorDiv>(i, i32(0));
  EXPECT_EQ(analyzer.simplify(broken)->kind, Kind::FloorDiv);
  EXPECT_EQ(analyzer.simplify(make<FloorMod>(i32(3), i32(0)))->kind, Kind::FloorMod);
}

TEST_F(AnalyzerTest, EvaluatesIntervals) {
  DomMap doms{{i.get(), IntSet::interval(i32(0), i32(7))}, {j.get(), IntSet::interval(i32(1), n)}};
  IntSet set = eval_set(i * 4 + j, doms, analyzer);
  EXPECT_TRUE(analyzer.can_prove_equal(set.min(), i32(1)));
  EXPECT_TRUE(analyzer.can_prove_equal(set.max(), n + 28));
  set = eval_set(floormod(i, 16), doms, analyzer);
  EXPECT_TRUE(is_zero(analyzer.simplify(set.min())));
  EXPECT_EQ(as_const_int(analyzer.simplify(set.max())), 7);
  EXPECT_TRUE(eval_set(i * j, doms, analyzer).is_everything());
}

TEST_F(AnalyzerTest, UnionsOfIntervals) {
  IntSet low = IntSet::interval(i32(0), i32(3)), high = IntSet::interval(i32(8), i32(9));
  EXPECT_EQ(as_const_int(union_({low, high}).max()), 9);
  EXPECT_EQ(as_const_int(union_lower_bound({low, high}).max()), 3);
  EXPECT_TRUE(intersect(low, high, analyzer).is_nothing());
  EXPECT_TRUE(union_({}).is_nothing());
}

TEST_F(AnalyzerTest, ShapesAreNotNegative) {
  analyzer.mark_global_non_negative(n * 4);
  EXPECT_TRUE(analyzer.can_prove(ge(n, i32(0))));
}

}  // namespace
}  // namespace metaschedule::arith
