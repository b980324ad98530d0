// SPDX-License-Identifier: Apache-2.0
// Tensor expressions give the programs that the original makes of them.
#include <nlohmann/json.hpp>

#include "golden/golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/te/workload.h"

namespace metaschedule::testing {
namespace {

using namespace te;

/// C[i, j] = sum over k of A[i, k] * B[j, k], as bytes of two signs.
Tensors int8_product() {
  TensorRef a = placeholder({i32(128), i32(128)}, DType::uint(8), "A");
  TensorRef b = placeholder({i32(128), i32(128)}, DType::int_(8), "B");
  auto k = reduce_axis(i32(128), "k");
  auto value = [&](const Indices& i) {
    return sum(cast(kInt32, at(a, {i[0], k->var})) * cast(kInt32, at(b, {i[1], k->var})), {k});
  };
  return {a, b, compute({i32(128), i32(128)}, value, {.name = "C", .axes = {"i", "j"}})};
}

Tensors chain() {
  Exprs shape = {i32(64), i32(96)};
  TensorRef a = placeholder(shape, kFloat32, "A");
  auto stage = [&](const char* name, const TensorRef& x, Kind op, double value) {
    return compute(
        shape, [&](const Indices& i) { return binary(op, at(x, i), make_const(kFloat32, value)); },
        {.name = name, .axes = {"i", "j"}});
  };
  TensorRef b = stage("B", a, Kind::Mul, 2), c = stage("C", b, Kind::Add, 1);
  return {a, stage("D", c, Kind::Max, 0)};
}

Tensors rowsum() {
  TensorRef a = placeholder({i32(16), i32(512)}, kFloat32, "A");
  auto k = reduce_axis(i32(512), "k");
  auto value = [&](const Indices& i) { return sum(at(a, {i[0], k->var}), {k}); };
  return {a, compute({i32(16)}, value, {.name = "S", .axes = {"i"}})};
}

PrimFuncRef build(const std::string& name) {
  if (name == "int8") return create_prim_func(int8_product());
  if (name == "chain") return create_prim_func(chain());
  if (name == "rowsum") return create_prim_func(rowsum());
  if (name == "matmul_relu") return create_prim_func(matmul_relu(128, 128, 128));
  if (name == "matmul_odd") return create_prim_func(matmul(50, 77, 36));
  if (name == "f16") return create_prim_func(matmul(256, 256, 256, DType::float_(16), kFloat32));
  return create_te_workload(name, 0);
}

TEST(GoldenTe, Programs) {
  METASCHEDULE_GOLDEN_OR_SKIP("programs.json.gz");
  nlohmann::json golden = nlohmann::json::parse(read_golden("programs.json.gz"));
  GoldenRate rate("programs.json.gz", "te_programs");
  for (const auto& [name, text] : golden.items()) {
    ModuleRef want = parse_module(text.get<std::string>());
    ModuleRef have = make<IRModule>(NodePairs{{make<GlobalVar>("main"), build(name)}});
    bool same = structural_equal(have, want) && to_script(have) == text.get<std::string>();
    rate.add(same);
    EXPECT_TRUE(same) << name << "\n" << to_script(have) << "\n" << text.get<std::string>();
  }
  EXPECT_GE(rate.report(), 100.0);
}

}  // namespace
}  // namespace metaschedule::testing
