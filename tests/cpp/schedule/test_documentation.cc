// SPDX-License-Identifier: Apache-2.0
// Every primitive says what it does and what it needs; docs/primitives.md is made of that.
// METASCHEDULE_UPDATE=1 writes the page.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "metaschedule/schedule/schedule.h"
#include "paths.h"

namespace metaschedule {
namespace {

// The rest of the line that begins with `word`; empty when there is none.
std::string told(const PrimitiveInfo& info, const std::string& word) {
  std::istringstream lines(info.doc);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(word + ": ")) return line.substr(word.size() + 2);
  return "";
}

TEST(Documentation, EveryPrimitiveSaysWhatItRewritesAndWhatItNeeds) {
  ASSERT_FALSE(primitives().empty());
  for (const PrimitiveInfo& info : primitives()) {
    EXPECT_GE(told(info, "rewrite").size(), 7u) << info.method << ": " << info.doc;
    EXPECT_GE(told(info, "needs").size(), 7u) << info.method << ": " << info.doc;
  }
}

TEST(Documentation, NamesInErrorsAreThoseOfTheOriginal) {
  auto shown = [](const char* method) {
    return primitives()[find_primitive_method(method)].shown_name();
  };
  EXPECT_EQ(shown("loop_partition"), "loop_partition");
  EXPECT_EQ(shown("reorder_block_iter_var"), "reorder_block_iter_var");
  EXPECT_EQ(shown("reindex_cache_read"), "reverse-cache-read");
  EXPECT_EQ(shown("reindex_cache_write"), "reverse-cache-write");
  EXPECT_EQ(shown("cache_inplace"), "cache-buffer");
  EXPECT_EQ(shown("unsafe_set_dtype"), "set-dtype");
  EXPECT_EQ(shown("unsafe_hide_buffer_access"), "hide-buffer-access");
  EXPECT_EQ(shown("transform_layout"), "transform_layout");
  EXPECT_EQ(shown("transform_block_layout"), "transform_block_layout");
}

std::string default_text(const PrimitiveArg& arg) {
  const Operand& value = arg.default_value.at(0);
  switch (value.tag) {
    case Operand::Tag::Int:
      if (arg.type == ArgType::Bool) return value.integer ? "True" : "False";
      return std::to_string(value.integer);
    case Operand::Tag::Bool:
      return value.integer ? "True" : "False";
    case Operand::Tag::String:
      return '"' + value.text() + '"';
    default:
      return "None";
  }
}

std::string signature(const PrimitiveInfo& info) {
  std::string out = std::string(info.method) + "(";
  const char* separator = "";
  auto add = [&](const std::string& text) {
    out += separator + text;
    separator = ", ";
  };
  for (const PrimitiveArg& arg : info.args) {
    std::string name = arg.type == ArgType::Loops ? std::string("*") + arg.name : arg.name;
    add(arg.is(kOptional) && !arg.default_value.empty() ? name + "=" + default_text(arg) : name);
  }
  if (info.has_decision) add("decision=None");
  out += ")";
  switch (info.outputs) {
    case OutputType::None:
      return out;
    case OutputType::Block:
      return out + " -> block";
    case OutputType::Blocks:
      return out + " -> blocks";
    case OutputType::Loop:
      return out + " -> loop";
    case OutputType::Loops:
      return out + " -> loops";
    case OutputType::Number:
      return out + " -> number";
    case OutputType::Numbers:
      return out + " -> numbers";
  }
  return out;
}

std::string page() {
  std::string out =
      "# Primitives\n\n"
      "What the methods of a `Schedule` do and what they need; one that refuses changes nothing "
      "and "
      "raises `ScheduleError`\n"
      "(where another class is named, that one). This page is made of the table of primitives; "
      "`METASCHEDULE_UPDATE=1 ctest -L schedule` writes it.\n";
  for (const PrimitiveInfo& info : primitives()) {
    out += fmt::format("\n## {}\n\n`{}`\n\n", info.method, signature(info));
    out += fmt::format("- **rewrite**: {}\n- **needs**: {}\n", told(info, "rewrite"),
                       told(info, "needs"));
    out += fmt::format("- in errors: `{}`; in traces: `{}`\n", info.shown_name(), info.kind);
  }
  return out;
}

TEST(Documentation, ThePageOfPrimitivesIsWhatTheTableSays) {
  const std::string path = testing::source_dir() + "/docs/primitives.md";
  if (std::getenv("METASCHEDULE_UPDATE")) std::ofstream(path) << page();
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), page()) << "METASCHEDULE_UPDATE=1 writes docs/primitives.md anew";
}

}  // namespace
}  // namespace metaschedule
