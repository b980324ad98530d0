// SPDX-License-Identifier: Apache-2.0
// Random integer expressions over four variables with ranges, for comparing against evaluation.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"

namespace metaschedule::arith::testing {

class RandomExpr {
 public:
  RandomExpr(uint64_t seed, DType type, bool at_edges)
      : dtype(type), edges_(at_edges), random_(seed) {
    for (const char* name : {"x", "y", "z", "w"}) {
      VarRef var = make<Var>(name, dtype);
      int64_t extent = kExtents[random_() % std::size(kExtents)];
      int64_t min = random_() % 3 ? 0 : static_cast<int64_t>(random_() % 20) - 10;
      if (dtype.is_uint()) min = std::max<int64_t>(min, 0);
      if (edges_ && random_() % 2) {
        min = random_() % 2 ? highest() - extent - 1 : dtype.is_uint() ? 0 : -highest();
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
  /// The largest value of the type, as far as the evaluator knows numbers.
  int64_t highest() const {
    if (dtype.bits == 64) return INT64_MAX;
    return (int64_t{1} << (dtype.is_uint() ? dtype.bits : dtype.bits - 1)) - 1;
  }
  Expr fitting(int64_t value) const {
    return int_imm(dtype, detail::fits(dtype, value) ? value : dtype.is_uint() ? -(value + 1) : 1);
  }
  Expr constant() {
    if (edges_ && random_() % 4 == 0) {
      const int64_t high = highest();
      const int64_t numbers[] = {high, high - 1, -high, -high - 1, high / 2 + 1, high / 3};
      return fitting(numbers[random_() % std::size(numbers)]);
    }
    const int64_t numbers[] = {-4, -2, -1, 0, 1, 2, 3, 4, 7, 8, 16, 32, 64};
    return fitting(numbers[random_() % std::size(numbers)]);
  }
  Expr divisor() {
    const int64_t numbers[] = {2, 3, 4, 5, 8, 16, 32, 64, 1, -2, -3, -1};
    return fitting(numbers[random_() % (random_() % 5 ? 8 : std::size(numbers))]);
  }
  bool edges_;
  std::mt19937_64 random_;
};

}  // namespace metaschedule::arith::testing
