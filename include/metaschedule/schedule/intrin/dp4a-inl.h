// SPDX-License-Identifier: Apache-2.0
// GPUs: the dot product of four bytes, one thread's worth.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

METASCHEDULE_INLINE void add_dp4a_intrins(const AddIntrin& add) {
  auto dot = [&add](const std::string& name, std::string a, std::string b, std::string c,
                    std::string value) {
    add(name, [=] {
      std::string head = fill_script(R"(def $WHAT(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (4,), "$AT", offset_factor=1, align=4, scope="shared")
    B = T.match_buffer(b, (4,), "$BT", offset_factor=1, align=4, scope="shared")
    C = T.match_buffer(c, (1,), "$CT", offset_factor=1, align=4, scope="local")
    with T.block("root"):
        T.reads(C[0], A[0:4], B[0:4])
        T.writes(C[0])
)",
                                     {{"$AT", a}, {"$BT", b}, {"$CT", c}});
      std::string loop = R"(        for i in range(4):
            with T.block("update"):
                vi = T.axis.remap("R", [i])
                C[0] = C[0] + T.cast(A[vi], "$CT") * T.cast(B[vi], "$CT")
)";
      return IntrinScript{fill_script(head + loop, {{"$WHAT", "desc"}, {"$CT", c}}),
                          fill_script(head + "        C[0] = C[0] + " + value + "\n",
                                      {{"$WHAT", "impl"}, {"$AT", a}, {"$BT", b}, {"$CT", c}})};
    });
  };
  for (const char* kinds : {"ss", "us", "su", "uu"}) {
    std::string a = kinds[0] == 's' ? "int8" : "uint8", b = kinds[1] == 's' ? "int8" : "uint8";
    std::string both_unsigned = kinds[0] == 'u' && kinds[1] == 'u' ? "uint32" : "int32";
    std::string name = std::string("dp4a_") + kinds[0] + "8" + kinds[1] + "8" +
                       (both_unsigned == "uint32" ? "u32" : "s32");
    dot(name, a, b, both_unsigned,
        R"(T.call_pure_extern("$CT", "__dp4a", A[0:4], B[0:4], T.$CT(0)))");
  }
  dot("sdot4", "int8", "int8", "int32",
      R"(T.call_llvm_pure_intrin("int32", "llvm.amdgcn.sdot4", T.uint32(4), T.reinterpret("int32", A[0:4]), T.reinterpret("int32", B[0:4]), T.int32(0), T.bool(True)))");
}

}  // namespace metaschedule::detail
