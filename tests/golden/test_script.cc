// SPDX-License-Identifier: Apache-2.0
// Every program of the golden data parses, prints, parses again to an equal one and prints the same
// text again.
#include <nlohmann/json.hpp>
#include <set>

#include "golden/golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/support/base64.h"

namespace metaschedule::testing {
namespace {

void collect_programs(const nlohmann::json& value, std::set<std::string>& out) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.starts_with("# from tvm.script")) out.insert(text);
  } else if (value.is_structured()) {
    for (const auto& item : value) collect_programs(item, out);
  }
}

void check_file(const std::string& file, bool lines) {
  std::set<std::string> programs;
  if (lines) {
    for_each_golden_line(file, [&](const std::string& line) {
      collect_programs(nlohmann::json::parse(line), programs);
    });
  } else {
    collect_programs(nlohmann::json::parse(read_golden(file)), programs);
  }
  GoldenRate rate(file, "script_" + file.substr(0, file.find('.')));
  GoldenRate texts(file, "script_text_" + file.substr(0, file.find('.')));
  int shown = 0;
  for (const std::string& text : programs) {
    try {
      Ref<Node> first = parse_script(text);
      std::string printed = to_script(first);
      texts.add(printed == text);
      if (printed != text && texts.total() - texts.passed() <= 2) {
        std::printf("printed otherwise than by the original:\n%s\n%s\n", printed.c_str(),
                    text.c_str());
      }
      Ref<Node> second = parse_script(printed);
      std::optional<Mismatch> mismatch = first_mismatch(first.get(), second.get());
      bool same_text = to_script(second) == printed;
      // JSON is the slow part: every fourth program shows enough of it.
      bool same_json = rate.total() % 4 || structural_equal(first, load_json(save_json(*first)));
      rate.add(!mismatch && same_text && same_json);
      if (mismatch && shown++ < 3) {
        ADD_FAILURE() << mismatch->lhs << " vs " << mismatch->rhs << "\n"
                      << text << "\n"
                      << printed;
      } else if (!same_json && shown++ < 3) {
        ADD_FAILURE() << "JSON gives another program:\n" << printed;
      } else if (!same_text && shown++ < 3) {
        ADD_FAILURE() << "printed again:\n" << to_script(second) << "\nfirst:\n" << printed;
      }
    } catch (const Error& error) {
      rate.add(false);
      if (shown++ < 3) ADD_FAILURE() << error.render() << "\n" << text;
    }
  }
  EXPECT_GE(rate.report(), 100.0) << rate.line();
  EXPECT_GE(texts.report(), 100.0) << texts.line();
}

#define METASCHEDULE_SCRIPT_GOLDEN(name, file, lines) \
  TEST(GoldenScript, name) {                          \
    METASCHEDULE_GOLDEN_OR_SKIP(file);                \
    check_file(file, lines);                          \
  }
METASCHEDULE_SCRIPT_GOLDEN(Programs, "programs.json.gz", false)
METASCHEDULE_SCRIPT_GOLDEN(Spaces, "spaces.jsonl.gz", true)
METASCHEDULE_SCRIPT_GOLDEN(Primitives, "primitives.jsonl.gz", true)
METASCHEDULE_SCRIPT_GOLDEN(Lowered, "lowered.jsonl.gz", true)
METASCHEDULE_SCRIPT_GOLDEN(Features, "features.jsonl.gz", true)

TEST(GoldenScript, WorkloadsOfADatabaseLoadAndSave) {
  const std::string file = "records/database_workload.json";
  METASCHEDULE_GOLDEN_OR_SKIP(file);
  GoldenRate rate(file, "script_workloads");
  for_each_golden_line(file, [&](const std::string& line) {
    std::string blob =
        detail::decode_base64(nlohmann::json::parse(line)[1].get<std::string>()).value();
    Ref<Node> mod = load_json(blob.substr(8));
    ASSERT_TRUE(as<IRModule>(mod));
    Ref<Node> again = load_json(save_json(*mod));
    std::optional<Mismatch> mismatch = first_mismatch(mod.get(), again.get());
    bool same_text = structural_equal(mod, parse_script(to_script(mod)));
    rate.add(!mismatch && same_text);
    EXPECT_TRUE(!mismatch && same_text) << (mismatch ? mismatch->lhs : "") << to_script(mod);
  });
  EXPECT_GE(rate.report(), 100.0);
}

}  // namespace
}  // namespace metaschedule::testing
