// SPDX-License-Identifier: Apache-2.0
// The regions that the parser finds for blocks without T.reads and T.writes.
#include <gtest/gtest.h>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

/// The printed reads and writes of block `b` with this body; vi is over 0..4.
std::string regions(const std::string& body) {
  std::string text =
      R"(@T.prim_func
def main(A: T.Buffer((16,), "float32"), B: T.Buffer((16,), "float32"), K: T.Buffer((16,), "int32"), J: T.Buffer((16,), "int32"), n: T.int32):
    for i in range(4):
        with T.block("b"):
            vi = T.axis.spatial(4, i)
)";
  size_t begin = 0;
  while (begin < body.size()) {
    size_t end = std::min(body.find('\n', begin), body.size());
    text += "            " + body.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  std::string printed;
  try {
    printed = to_script(parse_func(text));
  } catch (const Error& e) {
    return e.render();
  }
  size_t block = printed.find("T.block(\"b\")");
  size_t reads = printed.find("T.reads(", block), end = printed.find("\n", reads);
  size_t writes = printed.find("T.writes(", end), writes_end = printed.find("\n", writes);
  return printed.substr(reads + 2, end - reads - 2) + " " +
         printed.substr(writes + 2, writes_end - writes - 2);
}

struct Case {
  const char* body;
  const char* expected;
};

TEST(AccessRegion, CoversWhatTheBodyTouches) {
  const Case cases[] = {
      {"for j in range(8):\n    B[vi] = A[(vi * 8 + j) // 2]",
       "reads(A[vi * 4:vi * 4 + 4]) writes(B[vi])"},
      {"for j in range(4):\n    B[vi] = A[j * 3]", "reads(A[0:10]) writes(B[vi])"},
      {"for j in range(4):\n    B[vi] = A[7 - j]", "reads(A[4:8]) writes(B[vi])"},
      {"for j in range(8):\n    B[vi * 4 + j - 2] = A[j * 3 - 4]",
       "reads(A[-4:18]) writes(B[vi * 4 - 2:vi * 4 - 2 + 8])"},
      {"for j in range(8):\n    B[vi] = A[K[j]]", "reads(A[0:16], K[0:8]) writes(B[vi])"},
      {"for j in range(n):\n    B[vi] = A[j]", "reads(A[0:n]) writes(B[vi])"},
      {"for j in range(vi + 1):\n    B[vi] = A[j]", "reads(A[0:vi + 1]) writes(B[vi])"},
      {"for j in range(4):\n    for k in range(j, 4):\n        B[vi] = A[k]",
       "reads(A[0:7]) writes(B[vi])"},
      {"B[vi] = A[vi] + A[vi + 2]", "reads(A[vi:vi + 3]) writes(B[vi])"},
      {"B[vi] = A[vi] + A[n]",
       "reads(A[T.min(vi, n):T.min(vi, n) + (T.max(vi, n) + 1 - T.min(vi, n))]) writes(B[vi])"},
      {"B[vi] = T.if_then_else(vi > 0, A[vi - 1], T.float32(0)) + A[vi + 1]",
       "reads(A[vi - 1:vi - 1 + 3]) writes(B[vi])"},
      {"for j in range(8):\n    if j * 2 < 5:\n        B[vi] = A[j]",
       "reads(A[0:3]) writes(B[vi])"},
      {"for j in range(8):\n    if j == 3:\n        B[vi] = A[j]", "reads(A[3]) writes(B[vi])"},
      {"for j in range(8):\n    if j != 0:\n        B[vi] = A[j - 1]",
       "reads(A[0:7]) writes(B[vi])"},
      {"for j in range(8):\n    if vi * 4 + j < 10:\n        B[vi] = A[vi * 4 + j]",
       "reads(A[vi * 4:vi * 4 + 8]) writes(B[vi])"},
      {"for j in range(8):\n    if j < 2 or j > 5:\n        B[vi] = A[j]",
       "reads(A[0:8]) writes(B[vi])"},
      {"for j in range(8):\n    if j % 2 == 0:\n        B[vi] = A[j]",
       "reads(A[0:8]) writes(B[vi])"},
      {"for j in range(8):\n    B[vi] = T.if_then_else(j > 2, A[j - 3], A[j])",
       "reads(A[0:5]) writes(B[vi])"},
      {"for j in range(8):\n    B[vi] = T.Select(j > 2, A[j - 3], A[j])",
       "reads(A[-3:8]) writes(B[vi])"},
      {"for j in range(8):\n    with T.block(\"c\"):\n        vj = T.axis.spatial(16, vi * 4 + j)\n"
       "        T.where(j < 4)\n        B[vj] = A[vj]",
       "reads(A[vi * 4:vi * 4 + 8]) writes(B[vi * 4:vi * 4 + 8])"},
      {"S = T.match_buffer(A[vi * 4:vi * 4 + 4], (4,))\nB[vi] = S[1]",
       "reads(A[vi * 4 + 1]) writes(B[vi])"},
      {"B[0:8:2] = A[vi * 4:vi * 4 + 4]", "reads(A[vi * 4:vi * 4 + 4]) writes(B[0:7])"},
      {"x = K[vi]\nB[vi] = A[x]", "reads(K[vi], A[K[vi]]) writes(B[vi])"},
      {"B[vi] = A[vi]\nA[vi] = B[vi]", "reads(A[vi], B[vi]) writes(B[vi], A[vi])"},
      {"B[J[vi]] = A[K[vi]]", "reads(A[K[vi]], K[vi], J[vi]) writes(B[J[vi]])"},
      {"with T.init():\n    B[vi] = T.float32(0)\nB[vi] = B[vi] + A[vi]",
       "reads(A[vi]) writes(B[vi])"},
      {"T.evaluate(T.address_of(A[vi]))", "reads(A[vi]) writes()"},
  };
  for (const Case& c : cases) EXPECT_EQ(regions(c.body), c.expected) << c.body;
}

TEST(AccessRegion, ADataPointerIsRefused) {
  std::string error = regions("T.evaluate(T.call_extern(\"int32\", \"f\", A.data))");
  EXPECT_NE(error.find("Can not auto detect buffer access region"), std::string::npos) << error;
}

TEST(AccessRegion, TheRootKeepsEmptyRegions) {
  PrimFuncRef func = parse_func(R"(
@T.prim_func
def main(A: T.Buffer((16,), "float32")):
    with T.block("root"):
        A[0] = A[1])");
  const Block& root = *as<BlockRealize>(func->body)->block;
  EXPECT_TRUE(root.reads.empty() && root.writes.empty());
}

}  // namespace
}  // namespace metaschedule
