// SPDX-License-Identifier: Apache-2.0
// x86: products of tiles of 16 rows of 64 bytes, with AMX. An extension: the original has none. B
// is packed as the instructions read it: what one sum of four bytes (two of 16 bits) takes lies
// together. See docs/decisions/0010-amx.md.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// The buffers of an implementation have rows that may lie apart; a description's are compact.
inline std::string amx_function(const char* what, bool product, const std::string& in_a,
                                const std::string& in_b, const std::string& out, int pack,
                                const std::string& body) {
  const bool strided = std::string(what) == "impl";
  auto buffer = [&](const char* name, const std::string& shape, const std::string& dtype,
                    const char* inner_strides) {
    return fill_script(
        R"(    $N = T.match_buffer(p_$N, ($SHAPE), "$TYPE", $LAYOUToffset_factor=1)
)",
        {{"$LAYOUT", strided ? std::string("strides=(\"$N_s\", ") + inner_strides + "), " : ""},
         {"$N", name},
         {"$SHAPE", shape},
         {"$TYPE", dtype}});
  };
  const std::string depth = std::to_string(16 * pack), packed = std::to_string(pack);
  std::string head = std::string("def ") + what + "(" +
                     (product ? "p_A: T.handle, p_B: T.handle, " : "") + "p_C: T.handle):\n";
  if (product) {
    head += buffer("A", "16, " + depth, in_a, "1");
    head += buffer("B", "16, 16, " + packed, in_b, (packed + ", 1").c_str());
  }
  head += buffer("C", "16, 16", out, "1");
  return head +
         fill_script(R"(    with T.block("root"):
        T.reads($READS)
        T.writes(C[0:16, 0:16])
)",
                     {{"$READS", product ? "C[0:16, 0:16], A[0:16, 0:" + depth +
                                               "], B[0:16, 0:16, 0:" + packed + "]"
                                         : std::string()}}) +
         body;
}

/// The first element of a buffer and how many elements its rows lie apart.
inline std::string amx_operand(const char* name, const std::string& dtype, int access) {
  return fill_script(
      R"(T.tvm_access_ptr(T.type_annotation("$TYPE"), $N.data, $N.elem_offset, $N.strides[0] * 16, $ACCESS), $N.strides[0])",
      {{"$TYPE", dtype}, {"$N", name}, {"$ACCESS", std::to_string(access)}});
}

inline void add_amx_product(const AddIntrin& add, const std::string& name, const std::string& in_a,
                            const std::string& in_b, const std::string& out,
                            const std::string& instruction) {
  add(name, [=] {
    const int pack = in_a == "bfloat16" ? 2 : 4;
    std::string desc = fill_script(
        R"(        for i, j, k in T.grid(16, 16, $DEPTH):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + T.cast(A[vi, vk], "$OUT") * T.cast(B[vk // $PACK, vj, vk % $PACK], "$OUT")
)",
        {{"$DEPTH", std::to_string(16 * pack)}, {"$PACK", std::to_string(pack)}, {"$OUT", out}});
    std::string impl = "        T.call_extern(\"void\", \"amx." + instruction + "\", " +
                       amx_operand("C", out, 3) + ", " + amx_operand("A", in_a, 1) + ", " +
                       amx_operand("B", in_b, 1) + ")\n";
    return IntrinScript{amx_function("desc", true, in_a, in_b, out, pack, desc),
                        amx_function("impl", true, in_a, in_b, out, pack, impl)};
  });
}

inline void add_amx_fill(const AddIntrin& add, const std::string& name, const std::string& out) {
  add(name, [=] {
    std::string desc = fill_script(R"(        for i, j in T.grid(16, 16):
            with T.block("fill"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[vi, vj] = $ZERO
)",
                                   {{"$ZERO", out == "int32" ? "0" : "T.float32(0)"}});
    std::string impl =
        "        T.call_extern(\"void\", \"amx.tilezero\", " + amx_operand("C", out, 2) + ")\n";
    return IntrinScript{amx_function("desc", false, "", "", out, 0, desc),
                        amx_function("impl", false, "", "", out, 0, impl)};
  });
}

METASCHEDULE_INLINE void add_amx_intrins(const AddIntrin& add) {
  for (const char* kinds : {"us", "ss", "su", "uu"}) {
    std::string a = kinds[0] == 's' ? "int8" : "uint8", b = kinds[1] == 's' ? "int8" : "uint8";
    add_amx_product(add, std::string("amx_16x16x64_") + kinds[0] + "8" + kinds[1] + "8s32", a, b,
                    "int32", std::string("tdpb") + kinds + "d");
  }
  add_amx_product(add, "amx_16x16x32_bf16bf16f32", "bfloat16", "bfloat16", "float32", "tdpbf16ps");
  add_amx_fill(add, "amx_fill_16x16_s32", "int32");
  add_amx_fill(add, "amx_fill_16x16_f32", "float32");
}

}  // namespace metaschedule::detail
