// SPDX-License-Identifier: Apache-2.0
// Iteration maps on small ranges, checked point by point: normal forms keep values, indices are
// independent, inverses invert, divisions divide, regions are as estimated.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/arith/iter_map.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::arith {
namespace {

using Point = std::map<const Var*, int64_t>;

int64_t evaluate(const Expr& e, const Point& at) {
  if (const IntImm* imm = as<IntImm>(e)) return imm->value;
  if (const Var* var = as<Var>(e)) return at.at(var);
  if (const Not* n = as<Not>(e)) return !evaluate(n->a, at);
  const auto& op = cast_to<BinaryExpr>(*e);
  int64_t a = evaluate(op.a, at), b = evaluate(op.b, at);
  return cast_to<IntImm>(*fold_binary(e->kind, int_imm(kInt64, a), int_imm(kInt64, b))).value;
}

struct Case {
  IterRanges iters;
  std::vector<Expr> indices;
  Expr predicate = true_();
  std::string text;

  /// Calls `f` on each point where the predicate holds.
  template <class F>
  void for_each_point(F&& f) const {
    Point at;
    walk(0, at, [&] {
      // One report of a failure is enough.
      if (evaluate(predicate, at) && !::testing::Test::HasFailure()) f(at);
    });
  }
  template <class F>
  void walk(size_t i, Point& at, const F& f) const {
    if (i == iters.size()) return f();
    const auto& [var, range] = iters[i];
    int64_t from = evaluate(range->min, {}), extent = evaluate(range->extent, {});
    for (int64_t v = from; v < from + extent; ++v) {
      at[var.get()] = v;
      walk(i + 1, at, f);
    }
  }
};

std::string show(const Expr& e) {
  if (const IntImm* imm = as<IntImm>(e)) return std::to_string(imm->value);
  if (const Var* var = as<Var>(e)) return var->name;
  if (const Not* n = as<Not>(e)) return "!" + show(n->a);
  const auto& op = cast_to<BinaryExpr>(*e);
  return "(" + show(op.a) + " " + std::string(kind_name(e->kind)) + " " + show(op.b) + ")";
}

class Generator {
 public:
  explicit Generator(uint64_t seed) : rng_(seed) {}
  int64_t pick(std::initializer_list<int64_t> from) {
    return from.begin()[std::uniform_int_distribution<size_t>(0, from.size() - 1)(rng_)];
  }
  bool chance(int percent) { return pick_below(100) < percent; }
  int pick_below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(rng_); }

  Case next() {
    Case c;
    int n = 1 + pick_below(3);
    for (int i = 0; i < n; ++i) {
      int64_t from = chance(15) ? pick({1, 3}) : 0;
      c.iters.emplace_back(make<Var>(std::string(1, "xyz"[i]), kInt32),
                           make<Range>(i32(from), i32(pick({1, 2, 3, 4, 5, 6, 8}))));
    }
    Expr sum = fused(c.iters);
    int count = 1 + pick_below(3);
    for (int i = 0; i < count; ++i) c.indices.push_back(index(c.iters, sum));
    if (chance(35)) {
      int64_t limit = 1 + pick_below(40);
      Expr bounded = chance(60) ? sum : Expr(c.iters[pick_below(n)].first);
      c.predicate = chance(70) ? lt(bounded, i32(limit)) : ge(bounded, i32(limit / 4));
    }
    for (const auto& [var, range] : c.iters)
      c.text += var->name + ":" + show(range->min) + "+" + show(range->extent) + " ";
    for (const Expr& e : c.indices) c.text += show(e) + ", ";
    c.text += "where " + show(c.predicate);
    return c;
  }

 private:
  /// Mostly row-major, now and then with overlaps or gaps.
  Expr fused(const IterRanges& iters) {
    Expr out = iters[0].first;
    for (size_t i = 1; i < iters.size(); ++i) {
      int64_t extent = evaluate(iters[i].second->extent, {}) + (chance(20) ? pick({-1, 1}) : 0);
      out = out * std::max<int64_t>(extent, 1) + Expr(iters[i].first);
    }
    return out;
  }
  Expr index(const IterRanges& iters, const Expr& sum) {
    Expr e = chance(60) ? sum : Expr(iters[pick_below(static_cast<int>(iters.size()))].first);
    if (chance(20)) e = e * pick({2, 3, 4});
    if (chance(20)) e = e + pick({1, 2, 5, -1});
    int operations = pick_below(3);
    for (int i = 0; i < operations; ++i) {
      int64_t c = pick({2, 3, 4, 6, 8});
      e = chance(50) ? floordiv(e, c) : floormod(e, c);
    }
    if (chance(15)) e = e + Expr(iters[pick_below(static_cast<int>(iters.size()))].first);
    return e;
  }
  std::mt19937_64 rng_;
};

constexpr int kCases = 3000;

void check_detection(const Case& c, IterMapLevel level) {
  Analyzer analyzer;
  IterMapResult found = detect_iter_map(c.indices, c.iters, c.predicate, level, analyzer);
  if (!found) return;
  std::vector<Expr> normal;
  for (const IterSumExpr& sum : found.indices) {
    normal.push_back(normalize_iter_map_to_expr(sum, analyzer));
  }
  std::set<std::vector<int64_t>> tuples;
  std::vector<std::set<int64_t>> values(c.indices.size());
  size_t points = 0;
  c.for_each_point([&](const Point& at) {
    std::vector<int64_t> tuple;
    for (size_t i = 0; i < c.indices.size(); ++i) {
      tuple.push_back(evaluate(c.indices[i], at));
      ASSERT_EQ(tuple.back(), evaluate(normal[i], at)) << c.text << " gave " << show(normal[i]);
      values[i].insert(tuple.back());
    }
    tuples.insert(tuple);
    ++points;
  });
  // As in the original, a predicate on a fused iterator is left out of account where only a part of
  // that iterator is used.
  bool accounted =
      std::all_of(found.constrained.begin(), found.constrained.end(), [&](const IterMarkRef& mark) {
        return std::any_of(found.indices.begin(), found.indices.end(), [&](const IterSumExpr& sum) {
          return !sum.args.empty() && sum.args[0].source == mark;
        });
      });
  if (level == IterMapLevel::NoCheck || points == 0 || !accounted) return;
  size_t box = 1;
  for (const auto& set : values) box *= set.size();
  EXPECT_EQ(tuples.size(), box) << "dependent: " << c.text;
  if (level == IterMapLevel::Bijective) {
    EXPECT_EQ(tuples.size(), points) << "not injective: " << c.text;
  }
}

TEST(IterMapProperty, NormalFormsKeepValuesAndIndicesAreIndependent) {
  Generator generate(1);
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    Case c = generate.next();
    for (auto level : {IterMapLevel::Bijective, IterMapLevel::Surjective, IterMapLevel::NoCheck})
      check_detection(c, level);
  }
}

TEST(IterMapProperty, SimplificationKeepsValues) {
  Generator generate(2);
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    Case c = generate.next();
    Analyzer analyzer;
    std::vector<Expr> simple = iter_map_simplify(c.indices, c.iters, c.predicate,
                                                 IterMapLevel::Surjective, analyzer, i % 2 == 0);
    c.for_each_point([&](const Point& at) {
      for (size_t k = 0; k < simple.size(); ++k)
        ASSERT_EQ(evaluate(c.indices[k], at), evaluate(simple[k], at))
            << c.text << " gave " << show(simple[k]);
    });
  }
}

TEST(IterMapProperty, RegionsAreAsEstimated) {
  Generator generate(3);
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    Case c = generate.next();
    std::vector<Ref<Range>> region;
    for (const Expr& min : c.indices)
      region.push_back(make<Range>(min, i32(generate.pick({1, 2, 4}))));
    Analyzer analyzer;
    auto strict = estimate_region_strict_bound(region, c.iters, c.predicate, analyzer);
    auto upper = estimate_region_upper_bound(region, c.iters, c.predicate, analyzer);
    std::vector<std::set<int64_t>> touched(region.size());
    c.for_each_point([&](const Point& at) {
      for (size_t k = 0; k < region.size(); ++k) {
        int64_t from = evaluate(region[k]->min, at), n = evaluate(region[k]->extent, {});
        for (int64_t v = from; v < from + n; ++v) touched[k].insert(v);
      }
    });
    for (size_t k = 0; k < region.size(); ++k) {
      if (touched[k].empty()) continue;
      const IntSet& above = upper[k];
      if (above.has_lower_bound()) {
        ASSERT_LE(evaluate(above.min(), {}), *touched[k].begin()) << c.text;
      }
      if (above.has_upper_bound()) {
        ASSERT_GE(evaluate(above.max(), {}), *touched[k].rbegin()) << c.text;
      }
      if (!strict) continue;
      int64_t from = evaluate((*strict)[k].min(), {}), to = evaluate((*strict)[k].max(), {});
      ASSERT_EQ(from, *touched[k].begin()) << c.text;
      ASSERT_EQ(to, *touched[k].rbegin()) << c.text;
      ASSERT_EQ(touched[k].size(), static_cast<size_t>(to - from + 1)) << "holes: " << c.text;
    }
  }
}

TEST(IterMapProperty, DivisionsComposeAndSplitThePredicate) {
  Generator generate(4);
  int divided = 0;
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    Case c = generate.next();
    std::vector<VarRef> inner;
    for (const auto& [var, range] : c.iters)
      if (generate.chance(50)) inner.push_back(var);
    Analyzer analyzer;
    auto division = subspace_divide(c.indices, c.iters, inner, c.predicate,
                                    IterMapLevel::Surjective, analyzer, i % 2 == 0);
    if (!division) continue;
    ++divided;
    auto uses = [&](const Expr& e, bool inside) {
      return uses_var(*e, [&](const Var* v) {
        bool is_inner = std::any_of(inner.begin(), inner.end(),
                                    [&](const VarRef& known) { return known.get() == v; });
        return is_inner == inside;
      });
    };
    EXPECT_FALSE(uses(division->outer_predicate, true)) << c.text;
    EXPECT_FALSE(uses(division->inner_predicate, false)) << c.text;
    for (const DividedBinding& b : division->bindings) EXPECT_FALSE(uses(b.outer, true)) << c.text;
    c.for_each_point([&](const Point& at) {
      for (size_t k = 0; k < c.indices.size(); ++k) {
        const DividedBinding& b = division->bindings[k];
        int64_t value =
            evaluate(b.outer, at) * evaluate(b.inner_extent, {}) + evaluate(b.inner, at);
        ASSERT_EQ(evaluate(c.indices[k], at), value)
            << c.text << " gave " << show(b.outer) << " and " << show(b.inner);
      }
    });
    Case everywhere = c;
    everywhere.predicate = true_();
    everywhere.for_each_point([&](const Point& at) {
      bool both =
          evaluate(division->outer_predicate, at) && evaluate(division->inner_predicate, at);
      ASSERT_EQ(both, evaluate(c.predicate, at) != 0)
          << c.text << " gave " << show(division->outer_predicate) << " and "
          << show(division->inner_predicate);
    });
  }
  EXPECT_GT(divided, kCases / 50);
}

TEST(IterMapProperty, InversesInvertAndPredicatesMarkWhatIsNotReached) {
  Generator generate(5);
  int inverted = 0;
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    Case c = generate.next();
    std::vector<VarRef> vars;
    std::vector<Ref<Range>> ranges;
    for (const auto& [var, range] : c.iters) {
      vars.push_back(var);
      ranges.push_back(range);
    }
    IndexMap map(vars, c.indices);
    Analyzer analyzer;
    std::pair<Ref<IndexMap>, Expr> back;
    try {
      back = non_surjective_inverse(map, ranges, analyzer);
    } catch (const ValueError&) {
      continue;  // not invertible
    }
    ++inverted;
    c.predicate = true_();
    std::set<std::vector<int64_t>> reached;
    c.for_each_point([&](const Point& at) {
      Point outputs;
      std::vector<int64_t> tuple;
      for (size_t k = 0; k < c.indices.size(); ++k) {
        tuple.push_back(evaluate(c.indices[k], at));
        outputs[back.first->initial_indices[k].get()] = tuple.back();
      }
      reached.insert(tuple);
      for (size_t k = 0; k < vars.size(); ++k)
        ASSERT_EQ(evaluate(back.first->final_indices[k], outputs), at.at(vars[k].get()))
            << c.text << " gave " << show(back.first->final_indices[k]);
      ASSERT_FALSE(evaluate(back.second, outputs)) << c.text << " gave " << show(back.second);
    });
    std::vector<Ref<Range>> box = map_ranges(map, ranges, analyzer);
    Case space;
    for (size_t k = 0; k < box.size(); ++k)
      space.iters.emplace_back(back.first->initial_indices[k], box[k]);
    space.for_each_point([&](const Point& at) {
      std::vector<int64_t> tuple;
      for (const auto& [var, range] : space.iters) tuple.push_back(at.at(var.get()));
      ASSERT_EQ(reached.count(tuple) == 0, evaluate(back.second, at) != 0)
          << c.text << " gave " << show(back.second);
    });
  }
  EXPECT_GT(inverted, kCases / 50);
}

}  // namespace
}  // namespace metaschedule::arith
