# SPDX-License-Identifier: Apache-2.0
"""Times a product of bytes by tiles of AMX beside the same by dot products of AVX-512 (VNNI), both
scheduled by hand on packed weights, one thread, in turns, least of all repeats.

    .venv/bin/python benchmarks/kernels/amx.py [SIZE]

SIZE is 512 unless given: C[SIZE, SIZE] of int32 is A of uint8 by W of int8, which lies as
W[n / 16, k / 4, 16, 4]. Needs a processor with amx_int8 and avx512_vnni; results are compared with
those of numpy.
"""

import sys

import metaschedule as ms
import numpy as np
from metaschedule import runtime
from metaschedule.script import from_source
from metaschedule.tir.tensor_intrin import x86

DENSE = """
@T.prim_func
def main(A: T.Buffer(({n}, {n}), "uint8"), W: T.Buffer(({n} // 16, {n} // 4, 16, 4), "int8"),
         C: T.Buffer(({n}, {n}), "int32")):
    T.func_attr({{"tir.noalias": T.bool(True)}})
    for i, j, k in T.grid({n}, {n}, {n}):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = 0
            C[vi, vj] = C[vi, vj] + T.Cast("int32", A[vi, vk]) * T.Cast(
                "int32", W[vj // 16, vk // 4, vj % 16, vk % 4])
"""


def by_tiles(func):
    """Four tiles of sums at once."""
    sch = ms.tir.Schedule(func)
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    i0, i1, i2 = sch.split(i, [None, 2, 16])
    j0, j1, j2 = sch.split(j, [None, 2, 16])
    k0, k1 = sch.split(k, [None, 64])
    sch.reorder(i0, j0, k0, i1, j1, i2, j2, k1)
    init = sch.decompose_reduction(block, k0)
    for loop in [i1, j1, *sch.get_loops(init)[-4:-2]]:
        sch.unroll(loop)
    sch.tensorize(i2, x86.AMX_16x16x64_U8S8S32_INTRIN)
    sch.tensorize(sch.get_loops(init)[-2], x86.AMX_FILL_16x16_S32_INTRIN)
    return sch


def by_dot_products(func, rows):
    """Sixteen columns of some rows at once."""
    sch = ms.tir.Schedule(func)
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    i0, i1 = sch.split(i, [None, rows])
    j0, j1 = sch.split(j, [None, 16])
    k0, k1 = sch.split(k, [None, 4])
    sch.reorder(j0, i0, k0, i1, j1, k1)
    init = sch.decompose_reduction(block, k0)
    sch.unroll(i1)
    sch.vectorize(sch.get_loops(init)[-1])
    sch.tensorize(j1, x86.VNNI_DOT_16x4_INTRIN)
    return sch


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    func = from_source(DENSE.format(n=n))
    rng = np.random.default_rng(0)
    a = rng.integers(0, 256, (n, n)).astype("uint8")
    w = rng.integers(-128, 128, (n, n)).astype("int8")
    packed = np.ascontiguousarray(w.reshape(n // 4, 4, n // 16, 16).transpose(2, 0, 3, 1))
    expected = a.astype("int32") @ w.astype("int32")
    schedules = {"AMX, 2 x 2 tiles": by_tiles(func)}
    for rows in (4, 8, 16):
        schedules[f"VNNI, {rows} rows"] = by_dot_products(func, rows)
    modules = {name: runtime.build(sch, "llvm -mcpu=native") for name, sch in schedules.items()}
    args = [runtime.array(a), runtime.array(packed), runtime.empty((n, n), "int32")]
    least = dict.fromkeys(modules, float("inf"))
    for _ in range(9):
        for name, module in modules.items():
            timed = module.time_evaluator(number=20, repeat=5)(*args)
            np.testing.assert_array_equal(args[2].numpy(), expected)
            least[name] = min(least[name], timed.min)
    for name, seconds in least.items():
        print(f"{name:18} {seconds * 1e6:9.1f} us {2e-9 * n**3 / seconds:9.0f} GOP/s")
    tiles, *dots = least.values()
    print(f"AMX is {min(dots) / tiles:.1f} times as fast as the fastest by VNNI")


if __name__ == "__main__":
    main()
