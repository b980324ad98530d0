// SPDX-License-Identifier: Apache-2.0
// Global infos of modules: what they say, where they may stand, and how they are compared.
#include <gtest/gtest.h>

#include "metaschedule/ir/ir.h"
#include "metaschedule/ir/target.h"

namespace metaschedule {
namespace {

VDeviceRef device(const char* target, int id = 0, const char* scope = "global") {
  return make<VDevice>(make_target(target), id, scope);
}

template <class Run>
std::string message_of(Run&& run) {
  try {
    run();
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(GlobalInfos, DevicesAreEqualWhenTargetNumberAndScopeAre) {
  VDeviceRef a = device("c", 1, "shared");
  EXPECT_TRUE(structural_equal(a, device("c", 1, "shared")));
  EXPECT_EQ(structural_hash(a), structural_hash(device("c", 1, "shared")));
  for (const VDeviceRef& other :
       {device("cuda", 1, "shared"), device("c", 2, "shared"), device("c", 1)}) {
    EXPECT_FALSE(structural_equal(a, other));
    EXPECT_NE(structural_hash(a), structural_hash(other));
  }
  EXPECT_TRUE(structural_equal(make<DummyGlobalInfo>(), make<DummyGlobalInfo>()));
  EXPECT_FALSE(structural_equal(Ref<Node>(make<DummyGlobalInfo>()), Ref<Node>(a)));
  EXPECT_EQ(type_key(Kind::VDevice), "VDevice");
  EXPECT_EQ(type_key(Kind::DummyGlobalInfo), "DummyGlobalInfo");
  EXPECT_TRUE(as<GlobalInfo>(a));
  EXPECT_FALSE(as<GlobalInfo>(a->target));
}

TEST(GlobalInfos, ADeviceNeedsATarget) {
  EXPECT_EQ(message_of([] { make<VDevice>(TargetRef()); }),
            "VDevice: expected a target, found none");
}

TEST(GlobalInfos, AModuleWithOthersIsAnotherModule) {
  ModuleRef mod = make<IRModule>(NodePairs{}, Dict{});
  ModuleRef with = mod->with_global_info("vdevice", {device("c"), device("cuda")});
  EXPECT_TRUE(mod->global_infos.empty());
  EXPECT_EQ(cast_to<Array>(*with->global_infos.find("vdevice")).items.size(), 2u);
  auto mismatch = first_mismatch(mod.get(), with.get());
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->rhs, "<root>.global_infos[\"vdevice\"]");
  ModuleRef other = with->with_global_info("vdevice", {device("c"), device("cuda", 1)});
  mismatch = first_mismatch(with.get(), other.get());
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->lhs, "<root>.global_infos[\"vdevice\"][1].vdevice_id");
  EXPECT_NE(structural_hash(with), structural_hash(other));
  EXPECT_TRUE(
      structural_equal(with, other->with_global_info("vdevice", {device("c"), device("cuda")})));
  ModuleRef filled = with->with_function("f", make<PrimFunc>(Vars(), make<Evaluate>(i32(0))));
  EXPECT_TRUE(filled->global_infos.shares(with->global_infos));
}

TEST(GlobalInfos, WhatIsNoneIsRefused) {
  auto module_with = [](Ref<Node> value) {
    return message_of([&] { make<IRModule>(NodePairs{}, Dict{}, Dict{{"x", value}}); });
  };
  EXPECT_EQ(module_with(device("c")),
            "global infos \"x\": expected a list of global infos, found a VDevice");
  EXPECT_EQ(module_with(nullptr),
            "global infos \"x\": expected a list of global infos, found none");
  EXPECT_EQ(module_with(make<Array>(List<Node>{device("c"), make_target("c")})),
            "global infos \"x\": expected a VDevice or a DummyGlobalInfo, found a Target");
  ModuleRef mod = make<IRModule>(NodePairs{});
  EXPECT_EQ(message_of([&] { mod->with_global_info("x", {VDeviceRef()}); }),
            "global infos \"x\": expected a VDevice or a DummyGlobalInfo, found none");
}

TEST(Dicts, AKeyWithTheValueNullIsThere) {
  Dict dict{{"a", nullptr}, {"b", i32(1)}};
  EXPECT_TRUE(dict.contains("a"));
  EXPECT_EQ(dict.find("a"), nullptr);
  EXPECT_FALSE(dict.contains("c"));
  Ref<Node> map = make<Map>(dict);
  EXPECT_TRUE(structural_equal(map, Ref<Node>(make<Map>(Dict{{"a", nullptr}, {"b", i32(1)}}))));
  EXPECT_FALSE(structural_equal(map, Ref<Node>(make<Map>(Dict{{"b", i32(1)}}))));
}

}  // namespace
}  // namespace metaschedule
