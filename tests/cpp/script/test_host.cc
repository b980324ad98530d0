// SPDX-License-Identifier: Apache-2.0
// What the parser asks of the host language, and what it makes of the answers.
#include <gtest/gtest.h>

#include <map>

#include "metaschedule/ir/structural.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

/// A host that knows some texts by heart.
class FakeHost : public HostEnv {
 public:
  std::map<std::string, Ref<Node>, std::less<>> values;
  std::map<std::string, ScriptMacro, std::less<>> macros;
  std::vector<std::string> asked;
  ScriptNames last_names;

  std::optional<Ref<Node>> evaluate(std::string_view text, const ScriptNames& names) override {
    asked.emplace_back(text);
    last_names = names;
    auto it = values.find(text);
    if (it == values.end()) return std::nullopt;
    return it->second;
  }
  std::optional<ScriptMacro> macro(std::string_view name) override {
    auto it = macros.find(name);
    if (it == macros.end()) return std::nullopt;
    return it->second;
  }
};

std::string body_of(const std::string& text, FakeHost& host) {
  ParseOptions options;
  options.host = &host;
  std::string printed = to_script(parse_func(text, options));
  return printed.substr(printed.find("def "));
}

TEST(Host, CapturedNumbersAndShapesAreConstants) {
  FakeHost host;
  host.values["N"] = make<BoxInt>(16);
  host.values["scale"] = make<BoxFloat>(0.5);
  host.values["shape"] = make<Array>(List<Node>{make<BoxInt>(16), make<BoxInt>(4)});
  host.values["cfg.dtype"] = make<String>("float32");
  EXPECT_EQ(body_of(R"(
@T.prim_func
def main(A: T.Buffer(shape, cfg.dtype)):
    for i, j in T.grid(N, N // 4):
        A[i, j] = A[i, j] * scale
)",
                    host),
            R"(def main(A: T.Buffer((16, 4), "float32")):
    for i, j in T.grid(16, 4):
        A[i, j] = A[i, j] * T.float32(0.5))");
}

TEST(Host, AnIfOverAHostValueReadsOnlyTheBranchTaken) {
  FakeHost host;
  host.values["flag"] = make<BoxBool>(false);
  EXPECT_EQ(body_of(R"(
@T.prim_func
def main(A: T.Buffer((4,), "int32")):
    if flag:
        A[0] = this_does_not_exist
    elif not flag:
        A[1] = 1
    else:
        A[2] = nor_does_this
    A[3] = 3 if flag else 4
)",
                    host),
            R"(def main(A: T.Buffer((4,), "int32")):
    A[1] = 1
    A[3] = 4)");
}

TEST(Host, ACallOfAHostFunctionGetsTheNamesItMentions) {
  FakeHost host;
  host.values["f(i + 1, [k for k in xs])"] = make<IntImm>(kInt32, 7);
  EXPECT_NE(body_of(R"(
@T.prim_func
def main(A: T.Buffer((8,), "int32")):
    for i in range(8):
        A[i] = f(i + 1, [k for k in xs])
)",
                    host)
                .find("A[i] = 7"),
            std::string::npos);
  ASSERT_EQ(host.last_names.size(), 1u);
  EXPECT_EQ(host.last_names[0].first, "i");
  EXPECT_TRUE(as<Var>(host.last_names[0].second));
}

TEST(Host, AMacroIsExpandedWhereItIsCalled) {
  FakeHost host;
  host.macros["clear"] = {R"(
@T.macro
def clear(X, value=0, *rest):
    for i in range(4):
        with T.block("clear"):
            vi = T.axis.spatial(4, i)
            X[vi] = value
)",
                          "<macro>", 1, true};
  EXPECT_EQ(body_of(R"(
@T.prim_func
def main(A: T.Buffer((4,), "int32")):
    clear(A)
    clear(A, value=2)
)",
                    host),
            R"(def main(A: T.Buffer((4,), "int32")):
    # with T.block("root"):
    for i in range(4):
        with T.block("clear"):
            vi = T.axis.spatial(4, i)
            T.reads()
            T.writes(A[vi])
            A[vi] = 0
    for i in range(4):
        with T.block("clear"):
            vi = T.axis.spatial(4, i)
            T.reads()
            T.writes(A[vi])
            A[vi] = 2)");
}

TEST(Host, ANameThatNobodyKnowsIsUndefined) {
  FakeHost host;
  ParseOptions options;
  options.host = &host;
  try {
    parse_func("@T.prim_func\ndef main():\n    T.evaluate(nobody)\n", options);
    FAIL();
  } catch (const ParseError& e) {
    EXPECT_NE(e.message().find("Undefined variable: nobody"), std::string::npos);
    EXPECT_EQ(e.where().line, 3);
  }
}

TEST(Host, BuiltinsAreNotAskedFor) {
  FakeHost host;
  body_of(R"(
@T.prim_func
def main(A: T.Buffer((4,), "int32")):
    for i in range(4):
        with T.block("b"):
            vi = T.axis.spatial(4, i)
            T.reads(A[vi])
            T.writes(A[vi])
            A[vi] = A[vi] + 1
)",
          host);
  EXPECT_TRUE(host.asked.empty());
}

}  // namespace
}  // namespace metaschedule
