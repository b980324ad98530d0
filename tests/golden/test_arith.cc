// SPDX-License-Identifier: Apache-2.0
// The analyzer against 20,000 expressions of the original: simplifications, bounds, modular sets
// and proofs. METASCHEDULE_ARITH_DUMP=<field> prints what differs in one field.
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "golden.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/structural.h"

namespace metaschedule::testing {
namespace {

using nlohmann::json;
using Vars4 = std::unordered_map<std::string, VarRef>;

constexpr std::pair<const char*, Kind> kNames[] = {
    {"add", Kind::Add},
    {"sub", Kind::Sub},
    {"mul", Kind::Mul},
    {"floordiv", Kind::FloorDiv},
    {"floormod", Kind::FloorMod},
    {"truncdiv", Kind::Div},
    {"truncmod", Kind::Mod},
    {"min", Kind::Min},
    {"max", Kind::Max},
    {"eq", Kind::EQ},
    {"ne", Kind::NE},
    {"lt", Kind::LT},
    {"le", Kind::LE},
    {"gt", Kind::GT},
    {"ge", Kind::GE},
    {"and", Kind::And},
    {"or", Kind::Or},
};

Expr read_expr(const json& j, DType dtype, Vars4& vars) {
  if (j.is_boolean()) return j.get<bool>() ? true_() : false_();
  if (j.is_number()) return int_imm(dtype, j.get<int64_t>());
  if (j.is_string()) {
    VarRef& var = vars[j.get<std::string>()];
    if (!var) var = make<Var>(j.get<std::string>(), dtype);
    return var;
  }
  const std::string name = j[0];
  if (name == "not") return make<Not>(read_expr(j[1], dtype, vars));
  if (name == "select") {
    return make<Select>(read_expr(j[1], dtype, vars), read_expr(j[2], dtype, vars),
                        read_expr(j[3], dtype, vars));
  }
  for (auto [key, kind] : kNames) {
    if (name == key) {
      return make_binary(kind, read_expr(j[1], dtype, vars), read_expr(j[2], dtype, vars));
    }
  }
  throw std::runtime_error("unknown operator " + name);
}

json write_expr(const Expr& e) {
  if (const IntImm* imm = as<IntImm>(e)) {
    return imm->dtype.is_bool() ? json(imm->value != 0) : json(imm->value);
  }
  if (const Var* var = as<Var>(e)) return var->name;
  if (const Not* no = as<Not>(e)) return json::array({"not", write_expr(no->a)});
  if (const Select* choice = as<Select>(e)) {
    return json::array({"select", write_expr(choice->condition), write_expr(choice->true_value),
                        write_expr(choice->false_value)});
  }
  for (auto [key, kind] : kNames) {
    if (e->kind != kind) continue;
    const auto& node = static_cast<const BinaryExpr&>(*e);
    return json::array({key, write_expr(node.a), write_expr(node.b)});
  }
  return std::string(kind_name(e->kind));
}

void bind_all(arith::Analyzer& analyzer, const json& ranges, DType dtype, Vars4& vars) {
  for (const auto& [name, range] : ranges.items()) {
    Expr var = read_expr(name, dtype, vars);
    analyzer.bind(cast_to<Var>(var), make<Range>(int_imm(dtype, range[0].get<int64_t>()),
                                                 int_imm(dtype, range[1].get<int64_t>())));
  }
}

TEST(Arith, GivesWhatTheOriginalGives) {
  METASCHEDULE_GOLDEN_OR_SKIP("arith.jsonl.gz");
  // Where the least is not 100, the original is wrong: it divides a comparison by a common factor
  // although the rest may be negative, and moves divisions into floors of the opposite sign.
  constexpr std::pair<const char*, double> kFields[] = {{"simplify", 99.7},  {"rewrite", 100},
                                                        {"canonical", 99.7}, {"bound", 100},
                                                        {"modular", 100},    {"provable", 99.8}};
  std::unordered_map<std::string, GoldenRate> rates;
  for (auto [field, least] : kFields) {
    rates.emplace(field, GoldenRate("arith.jsonl.gz", std::string("arith_") + field));
  }
  const char* dump = std::getenv("METASCHEDULE_ARITH_DUMP");
  for_each_golden_line("arith.jsonl.gz", [&](const std::string& line) {
    json row = json::parse(line);
    DType dtype = DType::parse(row["dtype"].get<std::string>());
    Vars4 vars;
    arith::Analyzer analyzer;
    bind_all(analyzer, row["vars"], dtype, vars);
    Expr e = read_expr(row["expr"], dtype, vars);
    auto compare = [&](const char* field, const json& found) {
      if (!row.contains(field)) return;
      bool same = found == row[field];
      rates.at(field).add(same);
      if (!same && dump && std::string(dump) == field) {
        json report = {{"dtype", row["dtype"]},
                       {"vars", row["vars"]},
                       {"expr", row["expr"]},
                       {"want", row[field]},
                       {"got", found}};
        std::printf("%s\n", report.dump().c_str());
      }
    };
    compare("simplify", write_expr(analyzer.simplify(e)));
    compare("rewrite", write_expr(analyzer.rewrite_simplify(e)));
    compare("canonical", write_expr(analyzer.canonical_simplify(e)));
    if (row.contains("bound")) {
      arith::ConstIntBound bound = analyzer.const_int_bound(e);
      compare("bound", json::array({bound.min_value, bound.max_value}));
      arith::ModularSet set = analyzer.modular_set(e);
      compare("modular", json::array({set.coeff, set.base}));
    } else {
      compare("provable", json(analyzer.can_prove(e)));
    }
  });
  for (auto [field, least] : kFields) {
    EXPECT_GE(rates.at(field).report(), least) << field << " " << rates.at(field).line();
    if (dump) std::fprintf(stderr, "%s %s\n", field, rates.at(field).line().c_str());
  }
}

}  // namespace
}  // namespace metaschedule::testing
