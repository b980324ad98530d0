// SPDX-License-Identifier: Apache-2.0
// Arithmetic of small floats after legalize_small_floats against that of the interpreter, for all
// pairs of values of eight bits, and for the conversions of sixteen.
#include <gtest/gtest.h>

#include "metaschedule/interp/interpreter.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"

namespace metaschedule::lower {
namespace {

using testing::TestTensor;
using testing::TestTensors;

/// Runs the program as it is and legalised on the same arguments; what differs.
std::string difference(const PrimFuncRef& func, bool native_half, const TestTensors& start) {
  const PrimFuncRef legal = legalize_small_floats(func, native_half);
  EXPECT_FALSE(any_node(*legal->body, [&](const Node& n) {
    const ExprNode* e = as<ExprNode>(&n);
    return e && (e->dtype.is_float8() || (!native_half && e->dtype == DType::float_(16)));
  })) << to_script(*legal);
  TestTensors expected = start, found = start;
  interp::run(*func, testing::views(expected));
  interp::run(*legal, testing::views(found));
  return testing::difference(expected, found, false);
}

TestTensor tensor(DType dtype, std::vector<int64_t> shape) {
  TestTensor t{dtype, std::move(shape), {}};
  t.data.resize(static_cast<size_t>(t.size() * dtype.bytes()));
  return t;
}

TEST(SmallFloats, ComputeWithAllPairsOfEightBits) {
  for (const char* dtype : {"e4m3_float8", "e5m2_float8"}) {
    const DType t = DType::parse(dtype);
    TestTensor a = tensor(t, {256});
    for (int i = 0; i < 256; ++i) a.data[static_cast<size_t>(i)] = static_cast<uint8_t>(i);
    const TestTensor out = tensor(t, {256, 256});
    for (const char* value :
         {"A[i] + A[j]", "A[i] - A[j]", "A[i] * A[j]", "A[i] / A[j]", "T.max(A[i], A[j])",
          "T.if_then_else(A[i] < A[j], A[i], A[i] * A[j])"}) {
      const PrimFuncRef func = parse_func(
          fmt::format("@T.prim_func\n"
                      "def main(A: T.Buffer((256,), \"{0}\"), C: T.Buffer((256, 256), \"{0}\")):\n"
                      "    for i, j in T.grid(256, 256):\n        C[i, j] = {1}\n",
                      dtype, value));
      EXPECT_EQ(difference(func, true, {a, out}), "") << dtype << " " << value;
    }
  }
}

TEST(SmallFloats, ConvertAllOfSixteenBits) {
  const PrimFuncRef func = parse_func(R"(
@T.prim_func
def main(A: T.Buffer((65536,), "float16"), B: T.Buffer((65536,), "float32"), C: T.Buffer((65536,), "float16"),
         D: T.Buffer((65536,), "float16"), E: T.Buffer((65536,), "int32")):
    for i in range(65536):
        B[i] = T.Cast("float32", A[i])
        C[i] = T.Cast("float16", B[i] * T.float32(0.999755859375))
        D[i] = A[i] * A[i] + T.float16(1.5)
        E[i] = T.Cast("int32", A[i] > T.float16(0.5))
)");
  TestTensor a = tensor(DType::float_(16), {65536});
  for (uint32_t i = 0; i < 65536; ++i) {
    a.data[2 * i] = static_cast<uint8_t>(i);
    a.data[2 * i + 1] = static_cast<uint8_t>(i >> 8);
  }
  EXPECT_EQ(difference(func, false,
                       {a, tensor(kFloat32, {65536}), tensor(DType::float_(16), {65536}),
                        tensor(DType::float_(16), {65536}), tensor(kInt32, {65536})}),
            "");
}

}  // namespace
}  // namespace metaschedule::lower
