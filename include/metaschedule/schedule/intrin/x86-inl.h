// SPDX-License-Identifier: Apache-2.0
// x86: four unsigned bytes against sixteen rows of four signed bytes, with AVX-512.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

METASCHEDULE_INLINE void add_x86_intrins(const AddIntrin& add) {
  auto dot = [&add](const char* name, const char* body) {
    add(name, [body] {
      return IntrinScript{dot_product_desc(16, 4, "uint8", "int8", "int32"),
                          dot_product_impl(16, 4, "uint8", "int8", "int32", body)};
    });
  };
  dot("dot_16x4_vnni", R"(        A_u8x4: T.uint8x4 = A[0:4]
        A_i32: T.int32 = T.reinterpret("int32", A_u8x4)
        B_i8x64: T.int8x64 = B[0, 0:64]
        B_i32x16: T.int32x16 = T.reinterpret("int32x16", B_i8x64)
        C_i32x16: T.int32x16 = C[0:16]
        C[0:16] = T.call_llvm_pure_intrin("int32x16", "llvm.x86.avx512.vpdpbusd.512", T.uint32(3), C_i32x16, T.Broadcast(A_i32, 16), B_i32x16)
)");
  // Products of bytes added in pairs to 16 bits (saturating), these in pairs to 32.
  dot("dot_16x4_avx512", R"(        A_u8x4: T.uint8x4 = A[0:4]
        A_i32: T.int32 = T.reinterpret("int32", A_u8x4)
        A_i32x16: T.int32x16 = T.Broadcast(A_i32, 16)
        A_u8x64: T.uint8x64 = T.reinterpret("uint8x64", A_i32x16)
        B_i8x64: T.int8x64 = B[0, 0:64]
        pairs: T.int16x32 = T.call_llvm_pure_intrin("int16x32", "llvm.x86.avx512.pmaddubs.w.512", T.uint32(2), A_u8x64, B_i8x64)
        C[0:16] = C[0:16] + T.call_llvm_pure_intrin("int32x16", "llvm.x86.avx512.pmaddw.d.512", T.uint32(2), pairs, T.Broadcast(T.int16(1), 32))
)");
}

}  // namespace metaschedule::detail
