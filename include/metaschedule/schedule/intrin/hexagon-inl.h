// SPDX-License-Identifier: Apache-2.0
// Hexagon: dot products over vectors of 1024 bits, copies into the tightly coupled memory.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

METASCHEDULE_INLINE void add_hexagon_intrins(const AddIntrin& add) {
  auto dot = [&add](const char* name, int depth, std::string a, std::string b, std::string llvm,
                    std::string args, std::string scope) {
    add(name, [=] {
      std::string body = fill_script(
          R"(        A_x: T.$ATx$K = A[0:$K]
        A_i32: T.int32 = T.reinterpret("int32", A_x)
        B_x: T.$BTx$ALL = B[0, 0:$ALL]
        B_i32x32: T.int32x32 = T.reinterpret("int32x32", B_x)
        C_i32x32: T.int32x32 = C[0:32]
        C[0:32] = T.call_llvm_pure_intrin("int32x32", "llvm.hexagon.V6.$LLVM.acc.128B", T.uint32(3), C_i32x32, $ORDER)
)",
          {{"$ALL", std::to_string(32 * depth)},
           {"$ORDER", args},
           {"$K", std::to_string(depth)},
           {"$AT", a},
           {"$BT", b},
           {"$LLVM", llvm}});
      return IntrinScript{dot_product_desc(32, depth, a, b, "int32", scope),
                          dot_product_impl(32, depth, a, b, "int32", body, scope)};
    });
  };
  const char *scalar = "B_i32x32, A_i32", *vector = "T.Broadcast(A_i32, 32), B_i32x32";
  const char* vtcm = "global.vtcm";
  dot("dot_32x4_u8u8i32_vrmpy", 4, "uint8", "uint8", "vrmpyub", scalar, "global");
  dot("dot_32x4_u8i8i32_vrmpy", 4, "uint8", "int8", "vrmpybusv", vector, "global");
  dot("dot_product_32x2_i16i16i32_vdmpy", 2, "int16", "int16", "vdmpyhvsat",
      "B_i32x32, T.Broadcast(A_i32, 32)", "global");
  dot("dot_32x4_u8u8i32_vtcm_vrmpy", 4, "uint8", "uint8", "vrmpyub", scalar, vtcm);
  dot("dot_32x4_u8i8i32_vtcm_vrmpy", 4, "uint8", "int8", "vrmpybusv", vector, vtcm);
  for (const char* dtype : {"uint8", "int8"}) {
    std::string name = dtype[0] == 'u' ? "dma_read_128_u8" : "dma_read_128_i8";
    add(name, [dtype] {
      const char* head = R"(def $WHAT(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (128,), "$T", offset_factor=1, scope="global")
    C = T.match_buffer(c, (128,), "$T", offset_factor=1, scope="global.vtcm")
    with T.block("root"):
        T.reads(A[0:128])
        T.writes(C[0:128])
)";
      std::string desc = fill_script(head, {{"$WHAT", "desc"}, {"$T", dtype}}) +
                         R"(        for i in range(128):
            with T.block("copy"):
                vi = T.axis.spatial(128, i)
                C[vi] = A[vi]
)";
      std::string impl = fill_script(
          std::string(head) +
              R"(        T.evaluate(T.call_packed("device_api.hexagon.dma_copy_dltensor", T.tvm_stack_make_array(T.address_of(C[0]), T.tvm_stack_make_shape(128), 0, 1, C.dtype, 0), T.tvm_stack_make_array(T.address_of(A[0]), T.tvm_stack_make_shape(128), 0, 1, A.dtype, 0), T.Cast("int32", 128), T.bool(False)))
)",
          {{"C.dtype", std::string("T.") + dtype + "(0)"},
           {"A.dtype", std::string("T.") + dtype + "(0)"},
           {"$WHAT", "impl"},
           {"$T", dtype}});
      return IntrinScript{desc, impl};
    });
  }
}

}  // namespace metaschedule::detail
