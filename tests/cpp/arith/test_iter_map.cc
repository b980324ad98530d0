// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/arith/iter_map.h"

#include <gtest/gtest.h>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::arith {
namespace {

class IterMap : public ::testing::Test {
 protected:
  VarRef i = make<Var>("i", kInt32), j = make<Var>("j", kInt32), n = make<Var>("n", kInt32);
  Expr vi = i, vj = j;
  Analyzer analyzer;

  static IterRanges over(std::initializer_list<std::pair<VarRef, int64_t>> extents) {
    IterRanges out;
    for (const auto& [var, extent] : extents)
      out.emplace_back(var, make<Range>(i32(0), i32(extent)));
    return out;
  }
  IterMapResult detect(std::vector<Expr> indices, const IterRanges& iters, Expr predicate = true_(),
                       IterMapLevel level = IterMapLevel::Surjective) {
    return detect_iter_map(indices, iters, predicate, level, analyzer);
  }
  Expr simplified(const Expr& index, const IterRanges& iters, Expr predicate = true_()) {
    return iter_map_simplify({index}, iters, predicate, IterMapLevel::Surjective, analyzer)[0];
  }
};

#define EXPECT_SAME(a, b) EXPECT_TRUE(expr_equal((a), (b)))

TEST_F(IterMap, FusesRowMajorSumsToOneSplitOfScaleOne) {
  auto found = detect({vi * 4 + vj}, over({{i, 8}, {j, 4}}));
  ASSERT_TRUE(found);
  ASSERT_EQ(found.indices[0].args.size(), 1u);
  EXPECT_TRUE(is_one(found.indices[0].args[0].scale));
  EXPECT_TRUE(is_const_int(found.indices[0].args[0].extent, 32));
}

TEST_F(IterMap, RefusesGapsAndAcceptsOverlaps) {
  EXPECT_FALSE(detect({vi * 4 + vj}, over({{i, 8}, {j, 3}})));
  auto overlap = detect({vi * 4 + vj}, over({{i, 8}, {j, 5}}));
  ASSERT_TRUE(overlap);
  EXPECT_TRUE(is_const_int(overlap.indices[0].args[0].extent, 33));
  EXPECT_FALSE(detect({vi * 4 + vj}, over({{i, 8}, {j, 5}}), true_(), IterMapLevel::Bijective));
}

TEST_F(IterMap, RefusesWhatIsNotIndependentOrNotAffine) {
  EXPECT_FALSE(detect({vi, vi}, over({{i, 8}})));
  EXPECT_FALSE(detect({vi, vi}, over({{i, 8}}), true_(), IterMapLevel::NoCheck));
  EXPECT_FALSE(detect({floordiv(vi, 3), floormod(vi, 3)}, over({{i, 10}})));
  EXPECT_FALSE(detect({vi * vj}, over({{i, 8}, {j, 8}})));
  EXPECT_FALSE(detect({min(vi, vj)}, over({{i, 8}, {j, 8}})));
  EXPECT_FALSE(detect({vj}, over({{i, 8}, {j, 4}}), true_(), IterMapLevel::Bijective));
}

TEST_F(IterMap, UsesPredicatesOnFusedAndSingleIterators) {
  auto fused = detect({vi * 32 + vj}, over({{i, 4}, {j, 32}}), lt(vi * 32 + vj, i32(100)));
  ASSERT_TRUE(fused);
  EXPECT_TRUE(is_const_int(fused.indices[0].args[0].extent, 100));
  auto single = detect({vi}, over({{i, 8}}), logical_and(le(i32(2), vi), lt(vi, i32(5))));
  ASSERT_TRUE(single);
  EXPECT_TRUE(is_const_int(single.indices[0].base, 2));
  EXPECT_TRUE(is_const_int(single.indices[0].args[0].extent, 3));
  EXPECT_FALSE(detect({vi, vj}, over({{i, 4}, {j, 32}}), lt(vi * 32 + vj, i32(100))));
  EXPECT_FALSE(detect({vi}, over({{i, 8}}), logical_or(lt(vi, i32(5)), lt(vi, i32(3)))));
}

TEST_F(IterMap, WritesNormalFormsLargestScaleFirst) {
  EXPECT_SAME(simplified(vj + vi * 16, over({{i, 8}, {j, 16}})), vi * 16 + vj);
  EXPECT_SAME(simplified(floordiv(vi * 4 + vj, 2), over({{i, 8}, {j, 4}})),
              floordiv(vi * 4 + vj, 2));
  EXPECT_SAME(simplified(floormod(vi, 4) + floordiv(vi, 4) * 4, over({{i, 16}})), vi);
  // Left as it is where it is not understood.
  EXPECT_SAME(simplified(max(vi, i32(3)), over({{i, 8}})), max(vi, i32(3)));
}

TEST_F(IterMap, FusesSymbolicExtents) {
  IterRanges iters = {{i, make<Range>(i32(0), n)}, {j, make<Range>(i32(0), i32(16))}};
  auto found = detect({vi * 16 + vj}, iters);
  ASSERT_TRUE(found);
  EXPECT_TRUE(analyzer.can_prove_equal(found.indices[0].args[0].extent, Expr(n) * 16));
}

TEST_F(IterMap, DividesBindingsIntoOuterAndInner) {
  auto iters = over({{i, 8}, {j, 16}});
  auto division =
      subspace_divide({vi * 16 + vj}, iters, {j}, true_(), IterMapLevel::Surjective, analyzer);
  ASSERT_TRUE(division);
  EXPECT_SAME(division->bindings[0].outer, vi);
  EXPECT_SAME(division->bindings[0].inner, vj);
  EXPECT_TRUE(is_const_int(division->bindings[0].inner_extent, 16));
  auto trimmed = over({{i, 4}, {j, 32}});
  Expr predicate = lt(vi * 32 + vj, i32(100));
  EXPECT_FALSE(
      subspace_divide({vi * 32 + vj}, trimmed, {j}, predicate, IterMapLevel::Surjective, analyzer));
  auto whole = subspace_divide({vi * 32 + vj}, trimmed, {i, j}, predicate, IterMapLevel::Surjective,
                               analyzer);
  ASSERT_TRUE(whole);
  EXPECT_SAME(whole->inner_predicate, predicate);
  EXPECT_TRUE(is_one(whole->outer_predicate));
}

TEST_F(IterMap, InvertsIndexMaps) {
  IndexMap map({i, j}, {vi, floordiv(vj, 4), floormod(vj, 4)});
  std::vector<Ref<Range>> ranges = {make<Range>(i32(0), i32(8)), make<Range>(i32(0), i32(16))};
  Ref<IndexMap> back = inverse(map, ranges, analyzer);
  ASSERT_EQ(back->final_indices.size(), 2u);
  const Vars& axes = back->initial_indices;
  EXPECT_EQ(axes[0]->name, "axis0");
  EXPECT_SAME(back->final_indices[0], Expr(axes[0]));
  EXPECT_SAME(back->final_indices[1], Expr(axes[1]) * 4 + Expr(axes[2]));
  EXPECT_THROW(inverse(IndexMap({i, j}, {vi}), ranges, analyzer), ValueError);
}

TEST_F(IterMap, SaysWherePaddingIs) {
  IndexMap map({i}, {floordiv(vi, 4), floormod(vi, 4)});
  auto [back, padding] = non_surjective_inverse(map, {make<Range>(i32(0), i32(14))}, analyzer);
  Expr outer = back->initial_indices[0], inner = back->initial_indices[1];
  EXPECT_SAME(back->final_indices[0], outer * 4 + inner);
  EXPECT_SAME(padding, logical_and(eq(outer, i32(3)), le(i32(2), inner)));
  std::vector<Expr> shape = map_shape(map, {i32(14)}, analyzer);
  EXPECT_TRUE(is_const_int(shape[0], 4) && is_const_int(shape[1], 4));
}

TEST_F(IterMap, MapsIndicesOfMixedWidth) {
  VarRef a = make<Var>("a", kInt64), b = make<Var>("b", kInt64);
  IndexMap map({a, b}, {Expr(a), floordiv(Expr(b), 4), floormod(Expr(b), 4)});
  std::vector<Expr> out = map_indices(map, {i32(3), i32(7)}, analyzer);
  EXPECT_SAME(out[0], i32(3));
  EXPECT_SAME(out[1], int_imm(kInt64, 1));
  EXPECT_SAME(out[2], int_imm(kInt64, 3));
  EXPECT_TRUE(is_equivalent(map, map, analyzer));
  Ref<IndexMap> narrow = with_index_dtype(map, kInt32);
  EXPECT_EQ(narrow->final_indices[1]->dtype, kInt32);
}

TEST_F(IterMap, BoundsRegionsFromBelowAndAbove) {
  Ranges region = {make<Range>(vi * 4, i32(4)), make<Range>(vj + 1, i32(1))};
  auto lower = estimate_region_lower_bound(region, over({{i, 8}, {j, 3}}), true_(), analyzer);
  ASSERT_TRUE(lower);
  EXPECT_TRUE(is_const_int(analyzer.simplify((*lower)[0].max()), 31));
  EXPECT_TRUE(is_const_int(analyzer.simplify((*lower)[1].min()), 1));
  // A step longer than the region leaves holes: no lower bound, but an upper one.
  Ranges holes = {make<Range>(vi * 4, i32(3))};
  EXPECT_FALSE(estimate_region_lower_bound(holes, over({{i, 8}}), true_(), analyzer));
  auto upper = estimate_region_upper_bound(holes, over({{i, 8}}), true_(), analyzer);
  EXPECT_TRUE(is_const_int(analyzer.simplify(upper[0].max()), 30));
}

}  // namespace
}  // namespace metaschedule::arith
