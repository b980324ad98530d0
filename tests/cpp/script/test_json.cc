// SPDX-License-Identifier: Apache-2.0
// The JSON form: its layout, sharing, special values, and what is refused.
#include <gtest/gtest.h>

#include <random>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

TEST(Json, AnExpressionHasTheLayoutOfTheOriginal) {
  Expr x = make<Var>("x", kInt32);
  EXPECT_EQ(save_json(*make<Add>(x, make<IntImm>(kInt32, 1))), R"({
  "root": 1, 
  "nodes": [
    {
      "type_key": ""
    }, 
    {
      "type_key": "tir.Add", 
      "attrs": {
        "a": "2", 
        "b": "5", 
        "dtype": "int32", 
        "span": "0"
      }
    }, 
    {
      "type_key": "tir.Var", 
      "attrs": {
        "dtype": "int32", 
        "name": "3", 
        "span": "0", 
        "type_annotation": "4"
      }
    }, 
    {
      "type_key": "runtime.String", 
      "repr_str": "x"
    }, 
    {
      "type_key": "PrimType", 
      "attrs": {"dtype": "int32"}
    }, 
    {
      "type_key": "IntImm", 
      "attrs": {
        "dtype": "int32", 
        "span": "0", 
        "value": "1"
      }
    }
  ], 
  "b64ndarrays": [], 
  "attrs": {"tvm_version": "0.19.0"}
})");
}

TEST(Json, SharedNodesStayShared) {
  Expr x = make<Var>("x", kInt32);
  Ref<Node> out = load_json(save_json(*make<Mul>(x, x)));
  const auto& mul = *cast_to<Mul>(out);
  EXPECT_TRUE(mul.a.same_as(mul.b));
  EXPECT_EQ(as<Var>(mul.a)->name, "x");
}

TEST(Json, BoxesStringsConstantsAndInfinitiesSurvive) {
  std::vector<uint8_t> bytes = {1, 2, 3, 250};
  auto array = mutate(*make<NDArray>());
  array->dtype = DType::uint(8);
  array->shape = {2, 2};
  array->data = bytes;
  std::vector<Ref<Node>> items = {make<BoxInt>(-5),
                                  make<BoxFloat>(0.1),
                                  make<BoxBool>(true),
                                  make<String>("a\n\xc3\xa9"),
                                  make<String>(""),
                                  make<FloatImm>(kFloat32, 0.1),
                                  make<FloatImm>(kFloat32, -INFINITY),
                                  Ref<NDArray>(array)};
  Dict entries;
  for (size_t i = 0; i < items.size(); ++i) entries = entries.with(std::to_string(i), items[i]);
  Ref<Node> map = make<Map>(entries);
  Ref<Node> again = load_json(save_json(*map));
  std::optional<Mismatch> mismatch = first_mismatch(map.get(), again.get());
  EXPECT_FALSE(mismatch) << mismatch->lhs;
}

TEST(Json, WhatIsNoGraphIsRefused) {
  const char* const texts[] = {
      "",
      "{",
      "[]",
      R"({"root": 7, "nodes": [{"type_key": ""}]})",
      R"({"root": 1, "nodes": [{"type_key": ""}, {"type_key": "tir.Zzz"}]})",
      R"({"root": 1, "nodes": [{"type_key": ""}, {"type_key": "IntImm", "attrs": {"dtype": "int32"}}]})",
      R"({"root": 1, "nodes": [{"type_key": ""}, {"type_key": "tir.Not", "attrs": {"dtype": "bool", "a": "1"}}]})",
      R"({"root": 1, "nodes": [{"type_key": ""}, {"type_key": "tir.Not", "attrs": {"dtype": "bool", "a": "0"}}]})",
      R"({"root": 1, "nodes": [{"type_key": ""}, {"type_key": "Array", "data": ["x"]}]})",
  };
  for (const char* text : texts) EXPECT_THROW(load_json(text), ParseError) << text;
}

TEST(JsonFuzz, BrokenGraphsAreRefusedOrRead) {
  std::string text = save_json(*parse_func(R"(
@T.prim_func
def main(A: T.Buffer((8,), "float32"), B: T.Buffer((8,), "float32")):
    for i in T.serial(8, annotations={"k": 1}):
        with T.block("b"):
            vi = T.axis.spatial(8, i)
            with T.init():
                B[vi] = T.float32(0)
            B[vi] = B[vi] + T.exp(A[vi]) * T.float32(2))"));
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    // Digits are what links the nodes: change some.
    std::string broken = text;
    for (size_t k = 0; k < 1 + static_cast<size_t>(round % 3); ++k) {
      size_t at = random() % broken.size();
      at = broken.find_first_of("0123456789", at);
      if (at == std::string::npos) continue;
      broken[at] = static_cast<char>('0' + random() % 10);
    }
    try {
      load_json(broken);
    } catch (const ParseError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(Json, GlobalInfosHaveTheLayoutOfTheOriginal) {
  Ref<Node> mod = make<IRModule>(NodePairs{})
                      ->with_global_info("vdevice", {make<VDevice>(make_target("c"), 1, "local"),
                                                     make<DummyGlobalInfo>()});
  std::string text = save_json(*mod);
  EXPECT_NE(text.find(R"(      "type_key": "VDevice", 
      "attrs": {
        "memory_scope": ")"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(        "vdevice_id": "1"
      }
    }, )"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(    {
      "type_key": "DummyGlobalInfo"
    })"),
            std::string::npos)
      << text;
  EXPECT_TRUE(structural_equal(mod, load_json(text)));
  auto refuses = [&](const std::string& from, const std::string& to, const char* message) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    try {
      load_json(changed);
      ADD_FAILURE() << "nothing was raised for " << changed;
    } catch (const ParseError& error) {
      EXPECT_NE(error.message().find(message), std::string::npos) << error.message();
    }
  };
  refuses(R"("type_key": "DummyGlobalInfo")", R"("type_key": "Map")",
          "expected a VDevice or a DummyGlobalInfo, found a Map");
  refuses(R"("type_key": "Target")", R"("type_key": "DummyGlobalInfo")",
          "field target of a VDevice may not be a DummyGlobalInfo");
}

}  // namespace
}  // namespace metaschedule
