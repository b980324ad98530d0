// SPDX-License-Identifier: Apache-2.0
// Random programs' arithmetic against exact evaluation: a simplified expression has the value of
// the original, bounds and sets hold it, under constraints and at the edges of the dtype too.
#include <gtest/gtest.h>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"
#include "random_expr.h"

namespace metaschedule::arith::testing {
namespace {

using Simplifier = Expr (*)(Analyzer&, const Expr&);
constexpr std::pair<const char*, Simplifier> kSimplifiers[] = {
    {"simplify", [](Analyzer& a, const Expr& e) { return a.simplify(e); }},
    {"rewrite", [](Analyzer& a, const Expr& e) { return a.rewrite_simplify(e); }},
    {"canonical", [](Analyzer& a, const Expr& e) { return a.canonical_simplify(e); }},
};

void check_values(RandomExpr& source, const Expr& e) {
  for (auto [name, simplify] : kSimplifiers) {
    Analyzer analyzer;
    source.bind(analyzer);
    Expr simple = simplify(analyzer, e);
    for (int i = 0; i < 10; ++i) {
      Values values = source.values();
      bool overflowed = false, ignored = false;
      auto want = evaluate(e, values, overflowed);
      if (!want || overflowed) continue;
      auto got = evaluate(simple, values, ignored);
      ASSERT_TRUE(got && *got == *want)
          << name << " " << text(e) << " became " << text(simple) << " at" << text(values);
    }
  }
}

void check_facts(RandomExpr& source, const Expr& e) {
  Analyzer analyzer, blank;
  source.bind(analyzer);
  ConstIntBound bound = analyzer.const_int_bound(e);
  ModularSet modular = analyzer.modular_set(e);
  DomMap doms;
  for (const auto& [var, range] : source.vars) {
    if (!detail::fits(source.dtype, range.first + range.second)) return;
    doms[var.get()] = IntSet::from_min_extent(int_imm(source.dtype, range.first),
                                              int_imm(source.dtype, range.second));
  }
  IntSet set = eval_set(e, doms, blank);
  for (int i = 0; i < 10; ++i) {
    Values values = source.values();
    bool overflowed = false;
    auto v = evaluate(e, values, overflowed);
    if (!v || overflowed) continue;
    auto where = [&] {
      return text(e) + " is " + std::to_string(static_cast<int64_t>(*v)) + " at" + text(values);
    };
    ASSERT_TRUE((bound.min_value == ConstIntBound::kNegInf || *v >= bound.min_value) &&
                *v <= bound.max_value)
        << where() << ", not in [" << bound.min_value << ", " << bound.max_value << "]";
    Wide rest = *v - modular.base;
    ASSERT_TRUE(modular.coeff == 0 ? rest == 0 : rest % modular.coeff == 0)
        << where() << ", not " << modular.coeff << " k + " << modular.base;
    ASSERT_FALSE(set.is_nothing()) << where();
    bool spilled = false;
    auto low = set.min() ? evaluate(set.min(), values, spilled) : std::nullopt,
         high = set.max() ? evaluate(set.max(), values, spilled) : std::nullopt;
    if (spilled) continue;
    ASSERT_TRUE(!low || *low <= *v) << where() << ", set from " << text(set.min());
    ASSERT_TRUE(!high || *v <= *high) << where() << ", set to " << text(set.max());
  }
}

TEST(RandomArithmetic, SimplifiersKeepValues) {
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    RandomExpr source(seed, seed % 2 ? kInt32 : kInt64, false);
    int depth = 1 + static_cast<int>(seed % 4);
    check_values(source, seed % 3 ? source.integer(depth) : source.condition(depth));
    if (HasFatalFailure()) return;
  }
}

TEST(RandomArithmetic, SimplifiersKeepValuesAtTheEdgesOfTheType) {
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    RandomExpr source(seed, seed % 2 ? kInt32 : kInt64, true);
    int depth = 1 + static_cast<int>(seed % 3);
    check_values(source, seed % 3 ? source.integer(depth) : source.condition(depth));
    if (HasFatalFailure()) return;
  }
}

TEST(RandomArithmetic, BoundsModularSetsAndIntervalsHoldTheValue) {
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    RandomExpr source(seed, seed % 2 ? kInt32 : kInt64, seed % 4 == 0);
    check_facts(source, source.integer(1 + static_cast<int>(seed % 4)));
    if (HasFatalFailure()) return;
  }
}

TEST(RandomArithmetic, SimplifyingUnderAConstraintKeepsValuesWhereItHolds) {
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    RandomExpr source(seed, kInt32, false);
    Expr constraint = source.condition(2), e = source.integer(3);
    Analyzer analyzer;
    source.bind(analyzer);
    Expr simple;
    {
      auto scope = analyzer.with_constraint(constraint);
      simple = analyzer.simplify(e);
    }
    for (int i = 0; i < 20; ++i) {
      Values values = source.values();
      bool overflowed = false, ignored = false;
      auto holds = evaluate(constraint, values, overflowed), want = evaluate(e, values, overflowed);
      if (!holds || !*holds || !want || overflowed) continue;
      auto got = evaluate(simple, values, ignored);
      ASSERT_TRUE(got && *got == *want) << text(e) << " became " << text(simple) << " under "
                                        << text(constraint) << " at" << text(values);
    }
  }
}

}  // namespace
}  // namespace metaschedule::arith::testing
