// SPDX-License-Identifier: Apache-2.0
// RISC-V's vector extension: a vector against the rows of a matrix, each product summed up by a
// reduction. vscale is a register's length in units of 64 bits.
#pragma once

#include <fmt/format.h>

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// A dot product of `elements` with as many rows as a register has numbers of 32 bits.
inline IntrinScript rvv_dot(int64_t elements, int64_t register_bits, const std::string& a,
                            const std::string& b, const std::string& c) {
  const int rows = static_cast<int>(register_bits / 32), n = static_cast<int>(elements);
  const bool real = c.starts_with("float");
  // Groups as for the longest vectors, of which `n` elements are used: bytes become 16 bits in the
  // product, so they take half as many registers.
  const std::string lanes = a == "float32" ? "16" : "32", result_lanes = a == "float16" ? "4" : "2";
  const std::string product_type = real ? a : "int16";
  std::string zero = R"(T.Broadcast(T.$T(0), $N * T.vscale()))";
  auto zeros = [&](const std::string& type, const std::string& count) {
    return fill_script(zero, {{"$T", type}, {"$N", count}});
  };
  auto load = [&](const char* buffer, const std::string& type, const std::string& count,
                  const std::string& row, const std::string& length) {
    return fill_script(
        R"(T.call_llvm_intrin("$TYPExvscalex$COUNT", "llvm.riscv.vle", T.uint32(3), $ZERO, T.tvm_access_ptr(T.type_annotation("$TYPE"), $B.data, $B.elem_offset + $ROW, $LENGTH, 1), T.uint64($LENGTH)))",
        {{"$ZERO", zeros(type, count)},
         {"$TYPE", type},
         {"$COUNT", count},
         {"$B", buffer},
         {"$ROW", row},
         {"$LENGTH", length}});
  };
  const std::string length = std::to_string(n);
  // Floats take a rounding mode: 7 is that of the processor. Only the second factor of a product
  // of unequal signs may be unsigned.
  std::string body = fill_script(
      R"(        for i in range($ROWS):
            C[i] = T.call_llvm_intrin("$OUT", "llvm.riscv.$MOVE", T.uint32(1), T.call_llvm_intrin("$OUTxvscalex$FEW", "llvm.riscv.$SUM", T.uint32($ARGS), $NONE, T.call_llvm_intrin("$MIDxvscalex$LANES", "llvm.riscv.$MUL", T.uint32($ARGS), $EMPTY, $ROW_OF_B, $ALL_OF_A, $MODET.uint64($N)), $FIRST, $MODET.uint64($N)))
)",
      {{"$ROW_OF_B", load("B", b, lanes, "i * " + length, length)},
       {"$ALL_OF_A", load("A", a, lanes, "0", length)},
       {"$FIRST", load("C", c, result_lanes, "i", "1")},
       {"$NONE", zeros(c, result_lanes)},
       {"$EMPTY", zeros(product_type, lanes)},
       {"$MODE", real ? "T.uint64(7), " : ""},
       {"$ARGS", real ? "5" : "4"},
       {"$SUM", real ? "vfredusum" : "vwredsum"},
       {"$MUL", real           ? "vfmul"
                : a == "uint8" ? "vwmulsu"
                               : "vwmul"},
       {"$MOVE", real ? "vfmv.f.s" : "vmv.x.s"},
       {"$MID", product_type},
       {"$LANES", lanes},
       {"$FEW", result_lanes},
       {"$OUT", c},
       {"$ROWS", std::to_string(rows)},
       {"$N", length}});
  return {dot_product_desc(rows, n, a, b, c), dot_product_impl(rows, n, a, b, c, body)};
}

struct RvvTypes {
  const char *a, *b, *c, *name_a, *name_b, *name_c;
  int longest;  // what a group of registers holds, of a register's bits: one in so many
};
inline constexpr RvvTypes kRvvTypes[] = {
    {"uint8", "int8", "int32", "u8", "i8", "i32", 2},
    {"int8", "int8", "int32", "i8", "i8", "i32", 2},
    {"float16", "float16", "float16", "f16", "f16", "f16", 2},
    {"float32", "float32", "float32", "f32", "f32", "f32", 4},
};
/// Calls f(types, elements, name) for each dot product.
template <class F>
void for_rvv_dots(int64_t bits, const F& f) {
  check<ValueError>(bits >= 64 && bits <= 65536 && (bits & (bits - 1)) == 0,
                    "expected registers of a power of two of bits, 64 to 65536, found {}", bits);
  const int64_t rows = bits / 32;
  for (const RvvTypes& t : kRvvTypes)
    for (int64_t n = bits / t.longest; n >= 4; n /= 2)
      f(t, n,
        fmt::format("rvv_dot_{}{}_{}x{}{}_{}{}", n, t.name_a, rows, n, t.name_b, rows, t.name_c));
}

METASCHEDULE_INLINE void add_rvv_intrins(int64_t register_bits, const AddIntrin& add) {
  for_rvv_dots(register_bits, [&](const RvvTypes& t, int64_t n, std::string name) {
    add(std::move(name), [=] { return rvv_dot(n, register_bits, t.a, t.b, t.c); });
  });
}

}  // namespace metaschedule::detail

namespace metaschedule {

METASCHEDULE_INLINE std::vector<std::pair<std::string, int64_t>> rvv_intrins(
    int64_t register_bits) {
  std::vector<std::pair<std::string, int64_t>> out;
  detail::for_rvv_dots(register_bits, [&](const detail::RvvTypes&, int64_t n, std::string name) {
    out.emplace_back(std::move(name), n);
  });
  return out;
}

}  // namespace metaschedule
