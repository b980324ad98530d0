// SPDX-License-Identifier: Apache-2.0
// Random programs' arithmetic against exact evaluation: a simplified expression has the value of
// the original, bounds and sets hold it, under constraints and at the edges of the dtype too.
#include <gtest/gtest.h>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"

namespace metaschedule::arith::testing {
namespace {

class RandomExpr {
 public:
  RandomExpr(uint64_t seed, DType type, bool at_edges)
      : dtype(type), edges_(at_edges), random_(seed) {
    for (const char* name : {"x", "y", "z", "w"}) {
      VarRef var = make<Var>(name, dtype);
      int64_t extent = kExtents[random_() % std::size(kExtents)];
      int64_t min = random_() % 3 ? 0 : static_cast<int64_t>(random_() % 20) - 10;
      if (edges_ && random_() % 2) {
        int64_t high = dtype.bits == 32 ? INT32_MAX : INT64_MAX;
        min = random_() % 2 ? high - extent - 1 : -high;
      }
      vars.push_back({var, {min, extent}});
    }
  }
  DType dtype;
  std::vector<std::pair<VarRef, std::pair<int64_t, int64_t>>> vars;  // [min, extent]

  Expr integer(int depth) {
    if (depth == 0 || random_() % 6 == 0) {
      if (random_() % 3) return vars[random_() % vars.size()].first;
      return constant();
    }
    auto pair = [&](auto make_it) {
      Expr a = integer(depth - 1);
      return make_it(a, integer(depth - 1));
    };
    switch (random_() % 9) {
      case 0:
      case 1:
        return pair([](auto a, auto b) { return Expr(make<Add>(a, b)); });
      case 2:
        return pair([](auto a, auto b) { return Expr(make<Sub>(a, b)); });
      case 3:
        return make<Mul>(integer(depth - 1), constant());
      case 4:
        return make_binary(random_() % 4 ? Kind::FloorDiv : Kind::Div, integer(depth - 1),
                           divisor());
      case 5:
        return make_binary(random_() % 4 ? Kind::FloorMod : Kind::Mod, integer(depth - 1),
                           divisor());
      case 6:
        return pair([](auto a, auto b) { return Expr(make<Min>(a, b)); });
      case 7:
        return pair([](auto a, auto b) { return Expr(make<Max>(a, b)); });
      default: {
        Expr c = condition(depth - 1), t = integer(depth - 1);
        return make<Select>(c, t, integer(depth - 1));
      }
    }
  }
  Expr condition(int depth) {
    uint64_t which = random_() % 9;
    if (depth > 0 && which >= 6) {
      Expr a = condition(depth - 1);
      if (which == 6) return make<Not>(a);
      Expr b = condition(depth - 1);
      return which == 7 ? Expr(make<And>(a, b)) : Expr(make<Or>(a, b));
    }
    constexpr Kind kinds[] = {Kind::EQ, Kind::NE, Kind::LT, Kind::LE, Kind::GT, Kind::GE};
    Expr a = integer(depth);
    return make_binary(kinds[which % 6], a, integer(depth));
  }
  Values values() {
    Values out;
    for (const auto& [var, range] : vars) {
      out[var.get()] =
          range.first + static_cast<int64_t>(random_() % static_cast<uint64_t>(range.second));
    }
    return out;
  }
  void bind(Analyzer& analyzer) {
    for (const auto& [var, range] : vars) {
      analyzer.bind(var, make<Range>(int_imm(dtype, range.first), int_imm(dtype, range.second)));
    }
  }

 private:
  static constexpr int64_t kExtents[] = {1, 2, 3, 4, 7, 8, 16, 30, 64};
  Expr constant() {
    if (edges_ && random_() % 4 == 0) {
      int64_t high = dtype.bits == 32 ? INT32_MAX : INT64_MAX;
      const int64_t numbers[] = {high, high - 1, -high, -high - 1, high / 2 + 1, high / 3};
      return int_imm(dtype, numbers[random_() % std::size(numbers)]);
    }
    const int64_t numbers[] = {-4, -2, -1, 0, 1, 2, 3, 4, 7, 8, 16, 32, 64};
    return int_imm(dtype, numbers[random_() % std::size(numbers)]);
  }
  Expr divisor() {
    const int64_t numbers[] = {2, 3, 4, 5, 8, 16, 32, 64, 1, -2, -3, -1};
    return int_imm(dtype, numbers[random_() % (random_() % 5 ? 8 : std::size(numbers))]);
  }
  bool edges_;
  std::mt19937_64 random_;
};

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
