// SPDX-License-Identifier: Apache-2.0
// Broken texts: cut short, with characters, tokens or lines changed. The parser may accept or
// refuse them with an error of ours; it may not crash, hang or let anything else out.
#include <gtest/gtest.h>

#include <random>

#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace {

const char* const kPrograms[] = {
    R"(@T.prim_func
def main(a: T.handle, b: T.handle, X: T.Buffer((1, 8, 8, 4), "float32"), n: T.int64):
    T.func_attr({"layout_free_buffers": [1], "tir.noalias": T.bool(True), "x": {"a": [1, 2.5, "s"]}})
    m, k = T.int32(), T.int32(is_size_var=True)
    A = T.match_buffer(a, (m, k), "int8", strides=("s0", 1), offset_factor=2)
    B = T.match_buffer(b, (8, 8))
    P = T.alloc_buffer((1, 10, 10, 4), scope="shared")
    for i0, i1, i2, i3 in T.grid(1, 10, 10, 4):
        with T.block("PadInput"):
            n0, h, w, c = T.axis.remap("SSSS", [i0, i1, i2, i3])
            T.where(i1 < 9)
            T.block_attr({"k": 1})
            P[n0, h, w, c] = T.if_then_else(1 <= h and h < 9 and not w == 3, X[n0, h - 1, w, c], T.float32(0))
    for i, j in T.grid(8, 8):
        with T.block("r"):
            vi = T.axis.spatial(8, i)
            vj = T.axis.reduce((0, 8), j)
            with T.init():
                B[vi, 0] = 0.0
            B[vi, 0] += P[0, vi, vj, 0] * 2 - T.max(P[0, 0, 0, 1], T.exp(P[0, vi, 0, 0]))
)",
    R"(@I.ir_module
class Module:
    I.module_attrs({"name": "abc", "z": 1})
    @T.prim_func(private=True)
    def helper(x: T.float32) -> T.float32:
        return x + T.float32(1.0)

    @T.prim_func
    def main(A: T.Buffer((16,), "float32"), C: T.handle("float32", "shared")):
        y: T.int32 = 3 // 2 % 7
        z = y * -2 ** 2 + (1 << 4)
        assert z > 3, "bad \x41 'm'"
        D = T.allocate([4, 4], "float32", "local")
        D_1 = T.Buffer((4, 4), data=D, scope="local")
        bx = T.launch_thread("blockIdx.x", 2)
        while A[0] < T.float32(3):
            A[bx] = Module.helper(A[z]) + D_1[0, 0]
        A[0:8] = T.Broadcast(T.float32("inf"), 8)
        A[0:16:2] = A[1:9] * T.Cast("float32x8", T.Ramp(0, 1, 8))
        T.evaluate(T.Let(y + 1, where={T.int32(): 2}))
        E = T.decl_buffer((8,), "int32", scope="local")
        E[0] = T.call_extern("int32", "foo", A.data, T.address_of(A[0]), "str")
        for i in T.thread_binding(8, thread="threadIdx.x", annotations={"a": [1]}):
            for j in T.serial(1, 5):
                if i < j:
                    E[i] = j
                elif j == 2:
                    E[i] = 1
                else:
                    pass
)",
};

/// One broken variant of a text.
std::string broken(std::string text, std::mt19937& random) {
  auto below = [&](size_t n) { return random() % n; };
  static const char* const kWords[] = {
      "(",       ")",     "[", "]",  ":",  ",",        "\n",  "    ",        "if ",
      "T.",      "for ",  "-", "**", "=",  "\"",       "0",   "99999999999", "\\",
      "lambda ", "with ", "#", "@",  "\t", "T.int32(", "None"};
  size_t changes = 1 + below(3);
  for (size_t k = 0; k < changes && !text.empty(); ++k) {
    size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text[at] = static_cast<char>(below(256));
        break;
      case 3:
        text.insert(at, kWords[below(std::size(kWords))]);
        break;
      case 4: {  // move a piece
        size_t length = 1 + below(30);
        std::string piece = text.substr(at, length);
        text.erase(at, length);
        text.insert(below(text.size() + 1), piece);
        break;
      }
      default: {  // swap two pieces of one length
        size_t length = 1 + below(12), other = below(text.size());
        if (at + length > text.size() || other + length > text.size()) break;
        for (size_t i = 0; i < length; ++i) std::swap(text[at + i], text[other + i]);
      }
    }
  }
  return text;
}

TEST(ParserFuzz, BrokenTextsAreRefusedOrRead) {
  std::mt19937 random(1234);
  int refused = 0, read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = broken(kPrograms[round % 2], random);
    try {
      Ref<Node> out = parse_script(text);
      to_script(out);
      ++read;
    } catch (const ParseError&) {
      ++refused;
    } catch (const Error& e) {
      ADD_FAILURE() << e.render() << "\n" << text;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace metaschedule
