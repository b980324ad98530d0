// SPDX-License-Identifier: Apache-2.0
// Short texts that stand for much: each is refused, or read, in no time and without much memory.
#include <gtest/gtest.h>

#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

/// The message of the error; "" where there is none.
std::string error_of(const std::string& text) {
  try {
    to_script(parse_script(text));
    return "";
  } catch (const ParseError& error) {
    return error.message();
  }
}
std::string function_of(const std::string& body) {
  std::string out = "@T.prim_func\ndef main(A: T.Buffer((16,), \"int32\"), n: T.int32):\n";
  for (size_t begin = 0; begin < body.size();) {
    size_t end = std::min(body.find('\n', begin), body.size());
    out += "    " + body.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return out;
}
/// `line` with {0} replaced by 1 … count and {1} by the number before, line by line.
std::string repeated(const std::string& first, const char* line, int count) {
  std::string out = first + "\n";
  for (int i = 1; i <= count; ++i) out += fmt::format(fmt::runtime(line), i, i - 1) + "\n";
  return out;
}
void refuses(const std::string& text, const std::string& reason) {
  std::string error = error_of(text);
  EXPECT_NE(error.find(reason), std::string::npos)
      << "expected an error about \"" << reason << "\", found \"" << error << "\"";
}

TEST(Limits, WhatDoublesLineByLineIsRefused) {
  const char* kTooLarge = "too large";
  refuses(function_of(repeated("x0 = T.meta_var([n])", "x{0} = T.meta_var(x{1} + x{1})", 60)),
          kTooLarge);
  refuses(function_of(repeated("x0 = T.meta_var([n])", "x{0} = T.meta_var([x{1}, x{1}])", 60)),
          kTooLarge);
  refuses(function_of(repeated("x0 = T.meta_var(n + 1)", "x{0} = T.meta_var(x{1} * x{1})", 60)),
          kTooLarge);
  refuses(function_of(repeated("x0 = T.meta_var(\"ab\")", "x{0} = T.meta_var(x{1} + x{1})", 60)),
          kTooLarge);
  refuses(function_of(repeated("f0 = lambda x: x + n", "f{0} = lambda x: f{1}(f{1}(x))", 30) +
                      "A[0] = f30(n)"),
          kTooLarge);
  refuses(function_of(repeated("B0 = T.Buffer((n + 1,))",
                               "B{0} = T.Buffer((B{1}.shape[0] * B{1}.shape[0],))", 60)),
          kTooLarge);
}

TEST(Limits, RegionsThatDoubleFromBlockToBlockBecomeTheWholeBuffer) {
  std::string body, indent;
  for (int i = 0; i < 40; ++i) {
    std::string before = i ? fmt::format("v{}", i - 1) : "n";
    body += fmt::format("{0}with T.block(\"b\"):\n{0}    v{1} = T.axis.opaque(4, {2} * {2} + 1)\n",
                        indent, i, before);
    indent += "    ";
  }
  body += indent + "A[v39] = 1\n";
  EXPECT_EQ(error_of(function_of(body)), "");
}

TEST(Limits, BindingsThatDoubleAreReadAndTheirRegionsAreNotGuessed) {
  std::string body = "with T.block(\"b\"):\n    v = T.axis.opaque(4, n)\n    x0: T.int32 = v + 1\n";
  for (int i = 1; i < 60; ++i) body += fmt::format("    x{0}: T.int32 = x{1} * x{1}\n", i, i - 1);
  body += "    A[x59] = 1\n";
  EXPECT_EQ(error_of(function_of(body)), "");
}

TEST(Limits, DeepNestingIsRefused) {
  const std::string many(100000, '(');
  refuses(function_of("A[0] = " + many), "bracket");
  refuses(function_of("A[0] = " + many + "n" + std::string(100000, ')')), "nested too deeply");
  std::string sum = "n";
  for (int i = 0; i < 100000; ++i) sum += " + n";
  refuses(function_of("A[0] = " + sum), "nested too deeply");
  std::string chain = "n";
  for (int i = 0; i < 100000; ++i) chain += ".astype(\"int64\").astype(\"int32\")";
  refuses(function_of("A[0] = " + chain), "nested too deeply");
  std::string minus(100000, '-');
  refuses(function_of("A[0] = " + minus + "n"), "nested too deeply");
  std::string nots;
  for (int i = 0; i < 100000; ++i) nots += "not ";
  refuses(function_of("T.evaluate(" + nots + "n < 1)"), "nested too deeply");
  refuses(function_of(repeated("x0 = T.meta_var(n)", "x{0} = T.meta_var(x{1} + 1)", 100000)),
          "nested too deeply");
  std::string attrs;
  for (int i = 0; i < 100000; ++i) attrs += "T.attr(0, \"k\", 1)\n";
  refuses(function_of(attrs + "A[0] = 1"), "nested too deeply");
  std::string suites, indent;
  for (int i = 0; i < 1000; ++i) suites += indent + "if n < 1:\n", indent += " ";
  refuses(function_of(suites + indent + "A[0] = 1"), "nested too deeply");
}

TEST(Limits, AProgramAsDeepAsAllowedIsPrintedAndReadAgain) {
  std::string sum = "n";
  for (int i = 0; i < 1500; ++i) sum += " + n";
  std::string body;
  for (int i = 0; i < 1500; ++i) body += "T.attr(0, \"k\", 1)\n";
  Ref<Node> program = parse_script(function_of(body + "A[0] = " + sum));
  EXPECT_EQ(to_script(parse_script(to_script(program))), to_script(program));
  EXPECT_EQ(to_script(load_json(save_json(*program))), to_script(program));
}

TEST(Limits, AFrameIsOpenedOnce) {
  refuses(function_of("f = T.meta_var(T.attr(0, \"k\", 1))\nwith f:\n    with f:\n        pass"),
          "opened already");
  refuses(function_of("f = [T.attr(0, \"k\", 1)]\nf[0]\nwith f[0]:\n    pass"), "opened already");
}

/// A graph of nodes given by what stands between the braces of each.
std::string graph(const std::vector<std::string>& nodes) {
  std::string out = "{\"root\": 1, \"nodes\": [{\"type_key\": \"\"}";
  for (const std::string& node : nodes) out += ", {" + node + "}";
  return out + "], \"b64ndarrays\": [], \"attrs\": {\"tvm_version\": \"0.19.0\"}}";
}
/// Nodes 1 … count, each of which has the next one twice; the last has nothing.
std::string doubling(int count, const char* node, const std::string& last) {
  std::vector<std::string> nodes;
  for (int i = 1; i < count; ++i) nodes.push_back(fmt::format(fmt::runtime(node), i + 1));
  nodes.push_back(last);
  return graph(nodes);
}
std::string json_error_of(const std::string& text) {
  try {
    to_script(load_json(text));
    return "";
  } catch (const ParseError& error) {
    return error.message();
  }
}

TEST(Limits, JsonThatSharesTooMuchOrIsTooDeepIsRefused) {
  const std::string imm =
      R"("type_key": "IntImm", "attrs": {"dtype": "int32", "span": "0", "value": "1"})";
  const char* add =
      "\"type_key\": \"tir.Add\", \"attrs\": {{\"a\": \"{0}\", \"b\": \"{0}\", \"dtype\": "
      "\"int32\", \"span\": \"0\"}}";
  const char* array = "\"type_key\": \"Array\", \"data\": [{0}, {0}]";
  const char* single = "\"type_key\": \"Array\", \"data\": [{0}]";
  EXPECT_EQ(json_error_of(doubling(12, add, imm)), "");
  EXPECT_NE(json_error_of(doubling(60, add, imm)).find("too large"), std::string::npos);
  EXPECT_NE(json_error_of(doubling(60, array, imm)).find("too large"), std::string::npos);
  EXPECT_NE(json_error_of(doubling(100000, single, imm)).find("nested too deeply"),
            std::string::npos);
  EXPECT_NE(json_error_of(std::string(1000000, '[')), "");
  EXPECT_NE(json_error_of(std::string(1000000, '[') + std::string(1000000, ']')), "");
}

}  // namespace
}  // namespace metaschedule
