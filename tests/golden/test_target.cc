// SPDX-License-Identifier: Apache-2.0
// Target strings and tags give what the original gives.
#include <nlohmann/json.hpp>

#include "golden/golden.h"
#include "metaschedule/ir/target.h"

namespace metaschedule::testing {
namespace {

nlohmann::json as_json(const Node* value) {
  if (const String* s = as<String>(value)) return s->value;
  if (const IntImm* imm = as<IntImm>(value)) {
    if (imm->dtype.is_bool()) return imm->value != 0;
    return imm->value;
  }
  nlohmann::json out;
  if (const Array* list = as<Array>(value)) {
    out = nlohmann::json::array();
    for (const auto& item : list->items) out.push_back(as_json(item.get()));
  } else if (const Map* map = as<Map>(value)) {
    out = nlohmann::json::object();
    for (const auto& [key, item] : map->items) out[key] = as_json(item.get());
  }
  return out;
}

TEST(GoldenTarget, StringsAndTags) {
  METASCHEDULE_GOLDEN_OR_SKIP("targets.json.gz");
  nlohmann::json golden = nlohmann::json::parse(read_golden("targets.json.gz"));
  GoldenRate rate("targets.json.gz");
  for (const auto& [text, want] : golden["parsed"].items()) {
    bool same = false;
    try {
      TargetRef target = make_target(text);
      Map exported(export_target(*target));
      same = want.is_object() && as_json(&exported) == want["export"] &&
             nlohmann::json(to_string(*target)) == want["text"];
      EXPECT_TRUE(same) << text << ": " << to_string(*target) << as_json(&exported);
      TargetRef again = make_target(exported.items);
      EXPECT_EQ(to_string(*again), to_string(*target));
    } catch (const ValueError& e) {
      same = want.is_string();
      EXPECT_TRUE(same) << text << ": " << e.message();
    }
    rate.add(same);
  }
  for (const auto& [tag, want] : golden["tags"].items()) {
    Map exported(export_target(*make_target(tag)));
    bool same = as_json(&exported) == want;
    EXPECT_TRUE(same) << tag << as_json(&exported) << want;
    rate.add(same);
  }
  EXPECT_EQ(target_tags().size(), golden["tags"].size());
  EXPECT_GE(rate.report(), 100.0);
}

}  // namespace
}  // namespace metaschedule::testing
