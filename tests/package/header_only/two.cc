// SPDX-License-Identifier: Apache-2.0
// The other translation unit: what main tunes.
#include "metaschedule/metaschedule.h"

metaschedule::ModuleRef program();

metaschedule::ModuleRef program() {
  return metaschedule::parse_module(R"(
@T.prim_func
def main(A: T.Buffer((16, 16)), B: T.Buffer((16, 16)), C: T.Buffer((16, 16))):
    for i, j, k in T.grid(16, 16, 16):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)");
}
