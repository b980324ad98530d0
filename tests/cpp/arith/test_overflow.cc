// SPDX-License-Identifier: Apache-2.0
// The edges of integer types: where an expression does not overflow, its simplified form gives the
// same value on a machine whose arithmetic wraps around.
#include <gtest/gtest.h>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"
#include "random_expr.h"

namespace metaschedule::arith::testing {
namespace {

constexpr uint64_t kRounds = 4000;

// How often a simplified form has the wrong value on a wrapping machine, of so many comparisons.
struct Tally {
  int wrong = 0, compared = 0;
  std::string example;
};

/// Minima and maxima compare too.
bool compares(const Expr& e) {
  return any_node(*e, [](const Node& node) {
    return is_compare_kind(node.kind) || node.kind == Kind::Min || node.kind == Kind::Max;
  });
}

Tally tally_of(DType dtype, bool bound, bool with_comparisons,
               Expr (*simplify)(Analyzer&, const Expr&)) {
  Tally tally;
  for (uint64_t seed = 0; seed < kRounds; ++seed) {
    RandomExpr source(seed, dtype, true);
    int depth = 1 + static_cast<int>(seed % 3);
    Expr e = seed % 3 ? source.integer(depth) : source.condition(depth);
    if (!with_comparisons && compares(e)) continue;
    Analyzer analyzer;
    if (bound) source.bind(analyzer);
    Expr simple = simplify(analyzer, e);
    for (int i = 0; i < 6; ++i) {
      Values values = source.values();
      bool overflowed = false;
      auto want = evaluate(e, values, overflowed);
      if (!want || overflowed) continue;
      ++tally.compared;
      auto got = evaluate_wrapping(simple, values);
      if (got && *got == *want) continue;
      ++tally.wrong;
      if (tally.example.empty())
        tally.example = text(e) + " became " + text(simple) + " at" + text(values);
    }
  }
  return tally;
}

Expr simplified(Analyzer& a, const Expr& e) { return a.simplify(e); }
Expr rewritten(Analyzer& a, const Expr& e) { return a.rewrite_simplify(e); }
Expr canonical(Analyzer& a, const Expr& e) { return a.canonical_simplify(e); }

class Edges : public ::testing::TestWithParam<DType> {
 protected:
  static void expect_no_wrong_value(bool with_comparisons) {
    for (bool bound : {false, true}) {
      for (auto simplify : {simplified, rewritten, canonical}) {
        Tally tally = tally_of(GetParam(), bound, with_comparisons, simplify);
        EXPECT_GT(tally.compared, 1000);
        EXPECT_EQ(tally.wrong, 0) << "of " << tally.compared << ": " << tally.example;
      }
    }
  }
};
std::string name_of(const ::testing::TestParamInfo<DType>& info) { return to_string(info.param); }

class NarrowAndUnsigned : public Edges {};
TEST_P(NarrowAndUnsigned, SimplifiedFormsHaveTheSameValueOnAWrappingMachine) {
  expect_no_wrong_value(true);
}
INSTANTIATE_TEST_SUITE_P(Types, NarrowAndUnsigned,
                         ::testing::Values(DType::int_(8), DType::int_(16), DType::uint(8),
                                           DType::uint(16), DType::uint(32)),
                         name_of);

// int32 and int64, in which indices are written, are taken not to overflow. What may bring an
// overflow that was not there: a comparison whose terms go to its other side (`x - c >= y` becomes
// `y + c <= x`: kLtRules, kEqRules, canonical_compare, rewrite_conditions), and a sum or difference
// that goes into or out of a minimum or maximum (`x - min(y, x)` becomes `max(x - y, 0)`:
// kAddRules, kSubRules, kMinRoundRules, kMaxRoundRules). Nothing else does.
class IndexTypes : public Edges {};
TEST_P(IndexTypes, SumsProductsAndQuotientsHaveTheSameValueOnAWrappingMachine) {
  expect_no_wrong_value(false);
}
TEST_P(IndexTypes, ComparisonsMinimaAndMaximaMoveTermsAsIfNothingOverflowed) {
  Tally tally = tally_of(GetParam(), false, true, simplified);
  EXPECT_GT(tally.wrong, 0);
  EXPECT_LT(tally.wrong, tally.compared / 100);
}
INSTANTIATE_TEST_SUITE_P(Types, IndexTypes, ::testing::Values(DType::int_(32), DType::int_(64)),
                         name_of);

}  // namespace
}  // namespace metaschedule::arith::testing
