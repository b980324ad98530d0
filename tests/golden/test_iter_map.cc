// SPDX-License-Identifier: Apache-2.0
// detect_iter_map against what the original makes of fused and split indices.
#include <nlohmann/json.hpp>

#include "golden.h"
#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule {
namespace {

using nlohmann::json;

Expr parse(const json& e, const std::map<std::string, VarRef>& vars) {
  if (e.is_boolean()) return e.get<bool>() ? true_() : false_();
  if (e.is_number()) return i32(e.get<int64_t>());
  if (e.is_string()) return vars.at(e.get<std::string>());
  static const std::map<std::string, Kind> kinds = {
      {"add", Kind::Add},           {"sub", Kind::Sub}, {"mul", Kind::Mul},
      {"floordiv", Kind::FloorDiv}, {"lt", Kind::LT},   {"floormod", Kind::FloorMod}};
  return make_binary(kinds.at(e.at(0)), parse(e.at(1), vars), parse(e.at(2), vars));
}

TEST(IterMapGolden, SameSumsAndRefusalsAsTheOriginal) {
  METASCHEDULE_GOLDEN_OR_SKIP("iter_map.jsonl.gz");
  testing::GoldenRate rate("iter_map.jsonl.gz", "iter_map");
  const char* show = std::getenv("METASCHEDULE_SHOW");
  int to_show = show ? std::atoi(show) : 0;
  testing::for_each_golden_line("iter_map.jsonl.gz", [&](const std::string& line) {
    json record = json::parse(line);
    std::map<std::string, VarRef> vars;
    arith::IterRanges ranges;
    for (const auto& [name, extent] : record["vars"].items()) {
      VarRef var = make<Var>(name, kInt32);
      vars[name] = var;
      ranges.emplace_back(var, make<Range>(i32(0), i32(extent)));
    }
    std::vector<Expr> indices;
    for (const json& e : record["indices"]) indices.push_back(parse(e, vars));
    std::string level_name = record["check_level"];
    arith::IterMapLevel level = level_name == "bijective"    ? arith::IterMapLevel::Bijective
                                : level_name == "surjective" ? arith::IterMapLevel::Surjective
                                                             : arith::IterMapLevel::NoCheck;
    arith::Analyzer analyzer;
    arith::IterMapResult found =
        arith::detect_iter_map(indices, ranges, parse(record["predicate"], vars), level, analyzer);
    const json& expected = record["result"];
    bool passed = expected.is_null() == !found;
    for (size_t i = 0; passed && found && i < indices.size(); ++i) {
      passed = expr_equal(arith::normalize_iter_map_to_expr(found.indices[i], analyzer),
                          parse(expected[i], vars));
    }
    rate.add(passed);
    if (!passed && to_show-- > 0) {
      std::cout << line << "\n  " << (found ? "accepted" : found.errors.back()) << "\n";
    }
  });
  EXPECT_GE(rate.report(), 97.0) << rate.line();
}

}  // namespace
}  // namespace metaschedule
