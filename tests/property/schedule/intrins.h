// SPDX-License-Identifier: Apache-2.0
// Tensor intrinsics for random schedules: small ones for each type of numbers, whose
// implementations go another way than their descriptions, and the dot product of a CPU that the
// interpreter knows.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/script/parser.h"

namespace metaschedule::testing {

/// Registers an intrinsic unless it is known; both sides get the same buffers and regions.
inline void register_intrin(const std::string& name, const std::string& head,
                            const std::string& described, const std::string& implemented) {
  if (find_tensor_intrin(name)) return;
  register_tensor_intrin(
      name, make_tensor_intrin(parse_func(head + described), parse_func(head + implemented)));
}

/// Rows of `width` numbers, each a function of one number.
inline void register_row_intrin(const std::string& name, const std::string& dtype, int width,
                                const std::string& value) {
  const std::string n = std::to_string(width);
  auto of = [&](const std::string& at) {
    std::string text = value;
    for (size_t x = text.find('@'); x != text.npos; x = text.find('@')) text.replace(x, 1, at);
    return text;
  };
  auto buffer = [&](const char* upper, const char* lower) {
    return fmt::format("    {} = T.match_buffer({}, ({},), \"{}\", offset_factor=1)\n", upper,
                       lower, n, dtype);
  };
  const bool reads = value.find('@') != value.npos;
  const std::string head =
      fmt::format("@T.prim_func\ndef f({}b: T.handle):\n", reads ? "a: T.handle, " : "") +
      (reads ? buffer("A", "a") : "") + buffer("B", "b") + "    with T.block(\"root\"):\n" +
      fmt::format("        T.reads({})\n        T.writes(B[0:{}])\n",
                  reads ? fmt::format("A[0:{}]", n) : "", n);
  const std::string last = std::to_string(width - 1);
  register_intrin(name, head,
                  fmt::format("        for i in range({0}):\n"
                              "            with T.block(\"one\"):\n"
                              "                vi = T.axis.spatial({0}, i)\n"
                              "                B[vi] = {1}\n",
                              n, of("A[vi]")),
                  fmt::format("        for i in range({}):\n            B[{} - i] = {}\n", n, last,
                              of(fmt::format("A[{} - i]", last))));
}

/// Adds the product of two tiles to a third.
inline void register_product_intrin(const std::string& name, const std::string& dtype, int m, int n,
                                    int k) {
  const std::string head = fmt::format(
      "@T.prim_func\ndef f(a: T.handle, b: T.handle, c: T.handle):\n"
      "    A = T.match_buffer(a, ({0}, {2}), \"{3}\", strides=[T.int32(), 1], offset_factor=1)\n"
      "    B = T.match_buffer(b, ({2}, {1}), \"{3}\", strides=[T.int32(), 1], offset_factor=1)\n"
      "    C = T.match_buffer(c, ({0}, {1}), \"{3}\", strides=[T.int32(), 1], offset_factor=1)\n"
      "    with T.block(\"root\"):\n"
      "        T.reads(C[0:{0}, 0:{1}], A[0:{0}, 0:{2}], B[0:{2}, 0:{1}])\n"
      "        T.writes(C[0:{0}, 0:{1}])\n",
      m, n, k, dtype);
  register_intrin(name, head,
                  fmt::format("        for i, j, k in T.grid({}, {}, {}):\n"
                              "            with T.block(\"one\"):\n"
                              "                vi, vj, vk = T.axis.remap(\"SSR\", [i, j, k])\n"
                              "                C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]\n",
                              m, n, k),
                  fmt::format("        for k, j, i in T.grid({}, {}, {}):\n"
                              "            C[i, j] = C[i, j] + B[k, j] * A[i, k]\n",
                              k, n, m));
}

/// The names of those that fit programs of a type of numbers, registered.
inline std::vector<std::string> intrins_for(const std::string& dtype) {
  const std::string number = fmt::format("T.{}", dtype);
  std::vector<std::string> out;
  auto name = [&](const char* what) {
    return out.emplace_back(fmt::format("test.{}_{}", what, dtype));
  };
  register_row_intrin(name("copy_2"), dtype, 2, "@");
  register_row_intrin(name("add_one_4"), dtype, 4, fmt::format("@ + {}(1)", number));
  register_row_intrin(name("add_one_2"), dtype, 2, fmt::format("@ + {}(1)", number));
  register_row_intrin(name("twice_2"), dtype, 2, fmt::format("@ * {}(2)", number));
  register_row_intrin(name("positive_2"), dtype, 2, fmt::format("T.max(@, {}(0))", number));
  register_row_intrin(name("zero_2"), dtype, 2, fmt::format("{}(0)", number));
  register_product_intrin(name("product_2x2x2"), dtype, 2, 2, 2);
  register_product_intrin(name("product_1x4x2"), dtype, 1, 4, 2);
  return out;
}

/// What the blocks `dot` of programs are tiled by.
inline constexpr const char* kDotIntrin = "dot_16x4_vnni";

}  // namespace metaschedule::testing
