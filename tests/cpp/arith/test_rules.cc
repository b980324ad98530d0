// SPDX-License-Identifier: Apache-2.0
// Every rule, by itself, on random expressions of its own shape: wherever the left side has a value
// within its dtype, the right side has the same one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "evaluate.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/rules_add.h"
#include "metaschedule/arith/rules_compare.h"
#include "metaschedule/arith/rules_div.h"
#include "metaschedule/arith/rules_logic.h"
#include "metaschedule/arith/rules_minmax.h"

namespace metaschedule::arith::testing {
namespace {

using detail::Match;
using detail::PatternNode;
using detail::Rule;

/// Random instances of one alternative of one rule.
class Instance {
 public:
  Instance(const Rule& rule, size_t alternative, DType dtype, std::mt19937_64& random)
      : rule_(rule), dtype_(dtype), random_(random) {
    expr = build(rule.patterns[alternative], is_boolean(rule.patterns[alternative]));
  }
  Expr expr;  // null when the constants cannot stand together
  std::vector<std::pair<VarRef, std::pair<int64_t, int64_t>>> vars;  // [min, max]

 private:
  /// Whether the pattern is a condition; a letter is one where its place says so.
  bool is_boolean(int at) const {
    const PatternNode& node = rule_.nodes[static_cast<size_t>(at)];
    if (node.type == PatternNode::Type::Truth) return true;
    return node.type == PatternNode::Type::Node &&
           (is_compare_kind(node.kind) || node.kind == Kind::And || node.kind == Kind::Or ||
            node.kind == Kind::Not);
  }
  int64_t number() {
    int64_t low = dtype_.bits == 32 ? INT32_MIN : INT64_MIN,
            high = dtype_.bits == 32 ? INT32_MAX : INT64_MAX;
    switch (random_() % 8) {
      case 0: {
        const int64_t edges[] = {low, low + 1, high, high - 1, high / 2, low / 2, -1, 0, 1};
        return edges[random_() % std::size(edges)];
      }
      case 1:
        return static_cast<int64_t>(random_() % 200) - 100;
      default:
        return static_cast<int64_t>(random_() % 19) - 9;
    }
  }
  Expr letter(int slot, bool boolean) {
    Expr& known = letters_[static_cast<size_t>(slot)];
    if (known) return known;
    if (slot >= Match::kFirstInt) {
      // Constants that are multiples, opposites or neighbours of others, as conditions want them.
      int64_t value = number();
      if (!constants_.empty() && random_() % 2) {
        int64_t other = constants_[random_() % constants_.size()];
        int64_t last = constants_.back();
        auto product = detail::checked_mul(last, constants_.front());
        const int64_t related[] = {other > INT64_MIN ? -other : other,
                                   detail::checked_mul(other, value).value_or(value),
                                   other < INT64_MAX ? other + 1 : other,
                                   other > INT64_MIN ? other - 1 : other,
                                   product.value_or(value),
                                   value != 0 && other != INT64_MIN ? other / value : other};
        value = related[random_() % std::size(related)];
      }
      if (!detail::fits(dtype_, value)) value = 3;
      constants_.push_back(value);
      return known = int_imm(dtype_, value);
    }
    if (!boolean && !vars.empty() && random_() % 4 == 0) {
      const VarRef& other = vars[random_() % vars.size()].first;
      if (!other->dtype.is_bool()) return known = other + static_cast<int64_t>(random_() % 3);
    }
    VarRef var = make<Var>(std::string(1, "xyzwstuvl"[slot]), boolean ? kBool : dtype_);
    int64_t low = boolean ? 0 : number(),
            width = boolean ? 1 : static_cast<int64_t>(random_() % 12);
    if (random_() % 3 == 0 && !boolean) low = 0;
    int64_t limit = dtype_.bits == 32 ? INT32_MAX : INT64_MAX;
    int64_t high = low > limit - width ? limit : low + width;
    vars.push_back({var, {low, high}});
    return known = var;
  }
  Expr build(int at, bool boolean) {
    const PatternNode& node = rule_.nodes[static_cast<size_t>(at)];
    using Type = PatternNode::Type;
    if (node.type == Type::Any || node.type == Type::Int) return letter(node.a, boolean);
    if (node.type == Type::Literal) return int_imm(dtype_, node.a);
    if (node.type == Type::Truth) return int_imm(kBool, node.a);
    if (node.kind == Kind::Not) return make<Not>(build(node.a, true));
    if (node.kind == Kind::Select) {
      Expr condition = build(node.a, true), t = build(node.b, false), f = build(node.c, false);
      return make<Select>(condition, t, f);
    }
    bool logic = node.kind == Kind::And || node.kind == Kind::Or;
    Expr a = build(node.a, logic), b = build(node.b, logic);
    if (!a || !b || a->dtype != b->dtype) return nullptr;
    return make_binary(node.kind, a, b);
  }

  const Rule& rule_;
  DType dtype_;
  std::mt19937_64& random_;
  std::array<Expr, Match::kSlots> letters_;
  std::vector<int64_t> constants_;
};

/// True when the rule speaks of vectors, which the evaluator does not know.
bool is_vector_rule(const Rule& rule) {
  return std::any_of(rule.nodes.begin(), rule.nodes.end(), [](const PatternNode& node) {
    return node.kind == Kind::Ramp || node.kind == Kind::Broadcast;
  });
}

void check_instance(const Rule& rule, size_t alternative, DType dtype, std::mt19937_64& random,
                    int& applied) {
  Instance instance(rule, alternative, dtype, random);
  if (!instance.expr) return;
  Analyzer analyzer;
  for (const auto& [var, bounds] : instance.vars) {
    // Half of the variables are of unknown range.
    if (random() % 2 || var->dtype.is_bool()) continue;
    auto extent = detail::checked_sub(bounds.second, bounds.first);
    if (!extent || !detail::fits(dtype, *extent + 1)) continue;
    analyzer.bounds().update(var, {std::max(bounds.first, ConstIntBound::kNegInf), bounds.second});
  }
  Expr result = detail::apply_rules(&rule, 1, instance.expr, analyzer.rewriter());
  if (!result) return;
  ++applied;
  for (int sample = 0; sample < 12; ++sample) {
    Values values;
    for (const auto& [var, bounds] : instance.vars) {
      auto width = static_cast<uint64_t>(bounds.second) - static_cast<uint64_t>(bounds.first) + 1;
      values[var.get()] = bounds.first + static_cast<int64_t>(width ? random() % width : 0);
    }
    bool overflowed = false, ignored = false;
    auto want = evaluate(instance.expr, values, overflowed);
    if (!want || overflowed) continue;
    auto got = evaluate(result, values, ignored);
    ASSERT_TRUE(got && *got == *want)
        << text(instance.expr) << " became " << text(result) << " at" << text(values);
  }
}

template <class Rules>
void check_rules(const Rules& rules, const char* name) {
  std::mt19937_64 random(7);
  int index = 0;
  for (const Rule& rule : rules) {
    ++index;
    if (is_vector_rule(rule)) continue;
    for (size_t i = 0; i < static_cast<size_t>(rule.pattern_count); ++i) {
      int applied = 0;
      for (int round = 0; round < 3000 && applied < 150; ++round) {
        DType dtype = round % 4 == 0 ? kInt64 : kInt32;
        check_instance(rule, i, dtype, random, applied);
        if (::testing::Test::HasFatalFailure()) return;
      }
      EXPECT_GT(applied, 0) << name << " rule " << index << " alternative " << i
                            << " never applies";
    }
  }
}

TEST(Rules, OfSumsAreTrue) {
  check_rules(detail::kAddRules, "add");
  check_rules(detail::kAddSelectRules, "add select");
  check_rules(detail::kSubRules, "sub");
  check_rules(detail::kSubSelectRules, "sub select");
}
TEST(Rules, OfProductsAndQuotientsAreTrue) {
  check_rules(detail::kMulRules, "mul");
  check_rules(detail::kDivRules, "div");
  check_rules(detail::kModRules, "mod");
  check_rules(detail::kFloorDivRules, "floordiv");
  check_rules(detail::kFloorModRules, "floormod");
}
TEST(Rules, OfMinimaAndMaximaAreTrue) {
  check_rules(detail::kMinHeadRules, "min head");
  check_rules(detail::kMinRoundRules, "min round");
  check_rules(detail::kMinTailRules, "min tail");
  check_rules(detail::kMinSelectRules, "min select");
  check_rules(detail::kMaxHeadRules, "max head");
  check_rules(detail::kMaxRoundRules, "max round");
  check_rules(detail::kMaxTailRules, "max tail");
  check_rules(detail::kMaxSelectRules, "max select");
}
TEST(Rules, OfComparisonsAreTrue) {
  check_rules(detail::kEqRules, "eq");
  check_rules(detail::kLtRules, "lt");
}
TEST(Rules, OfConditionsAreTrue) {
  check_rules(detail::kNotRules, "not");
  check_rules(detail::kAndRules, "and");
  check_rules(detail::kOrRules, "or");
  check_rules(detail::kSelectRules, "select");
}

}  // namespace
}  // namespace metaschedule::arith::testing
