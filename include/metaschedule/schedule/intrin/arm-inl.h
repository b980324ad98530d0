// SPDX-License-Identifier: Apache-2.0
// ARM: four bytes against four rows of four bytes, with NEON and its dot product extension.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

METASCHEDULE_INLINE void add_arm_intrins(const AddIntrin& add) {
  // Products to 16 bits, added in pairs to 32, these in pairs.
  add("dot_4x4_i8i8s32_neon", [] {
    return IntrinScript{dot_product_desc(4, 4, "int8", "int8", "int32"),
                        dot_product_impl(4, 4, "int8", "int8", "int32",
                                         R"(        A_i8x4: T.int8x4 = A[0:4]
        A_i32: T.int32 = T.reinterpret("int32", A_i8x4)
        A_i32x2: T.int32x2 = T.Broadcast(A_i32, 2)
        A_i8x8: T.int8x8 = T.reinterpret("int8x8", A_i32x2)
        B_i8x16: T.int8x16 = B[0, 0:16]
        low: T.int16x8 = T.call_llvm_pure_intrin("int16x8", "llvm.aarch64.neon.smull.v8i16", T.uint32(2), A_i8x8, T.vectorlow("int8x8", B_i8x16))
        high: T.int16x8 = T.call_llvm_pure_intrin("int16x8", "llvm.aarch64.neon.smull.v8i16", T.uint32(2), A_i8x8, T.vectorhigh("int8x8", B_i8x16))
        low_pairs: T.int32x4 = T.call_llvm_pure_intrin("int32x4", "llvm.aarch64.neon.saddlp.v4i32.v8i16", T.uint32(1), low)
        high_pairs: T.int32x4 = T.call_llvm_pure_intrin("int32x4", "llvm.aarch64.neon.saddlp.v4i32.v8i16", T.uint32(1), high)
        C[0:4] = C[0:4] + T.call_llvm_pure_intrin("int32x4", "llvm.aarch64.neon.addp.v4i32", T.uint32(2), low_pairs, high_pairs)
)")};
  });
  auto dot = [&add](const char* name, std::string in, std::string out, std::string op,
                    std::string acc) {
    add(name, [=] {
      std::string body = fill_script(
          R"(        A_x4: T.$INx4 = A[0:4]
        A_i32: T.$ACC = T.reinterpret("$ACC", A_x4)
        A_i32x4: T.$ACCx4 = T.Broadcast(A_i32, 4)
        A_x16: T.$INx16 = T.reinterpret("$INx16", A_i32x4)
        B_x16: T.$INx16 = B[0, 0:16]
        C_x4: T.$OUTx4 = C[0:4]
        C[0:4] = T.call_llvm_pure_intrin("$OUTx4", "llvm.aarch64.neon.$OP.v4i32.v16i8", T.uint32(3), C_x4, A_x16, B_x16)
)",
          {{"$IN", in}, {"$ACC", acc}, {"$OUT", out}, {"$OP", op}});
      return IntrinScript{dot_product_desc(4, 4, in, in, out),
                          dot_product_impl(4, 4, in, in, out, body)};
    });
  };
  dot("dot_4x4_i8i8s32_sdot", "int8", "int32", "sdot", "int32");
  dot("dot_4x4_u8u8u32_udot", "uint8", "uint32", "udot", "uint32");
  dot("dot_4x4_u8u8i32_hdot", "uint8", "int32", "udot", "int32");
}

}  // namespace metaschedule::detail
