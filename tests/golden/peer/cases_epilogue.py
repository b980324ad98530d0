# SPDX-License-Identifier: Apache-2.0
"""Cases of fuse_reduction_epilogue."""

from cases import Cases
from programs import tile

cases = Cases()


def epilogue(value, update="C[vi, vj] + A[vi, vk] * B[vk, vj]", init="T.float32(0)", at="vi, vj"):
    return f"""
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), B: T.Buffer((16, 12), "float32"),
         bias: T.Buffer((12,), "float32"), R: T.Buffer((8, 12), "float32"),
         D: T.Buffer((8, 12), "float32")):
    C = T.alloc_buffer((8, 12))
    for i, j, k in T.grid(8, 12, 16):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = {init}
            C[vi, vj] = {update}
    for i, j in T.grid(8, 12):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[{at}] = {value}
"""


def fuse_epilogue(s):
    s.fuse_reduction_epilogue(s.block("C"), s.block("D"))


for name, program in {
    "bias": epilogue("C[vi, vj] + bias[vj]"),
    "bias_first": epilogue("bias[vj] + C[vi, vj]"),
    "residual": epilogue("C[vi, vj] + R[vi, vj]"),
    "constant": epilogue("C[vi, vj] + T.float32(3)"),
    "scaled_bias": epilogue("C[vi, vj] + bias[vj] * T.float32(2)"),
    "product_first": epilogue("C[vi, vj] + bias[vj]", "A[vi, vk] * B[vk, vj] + C[vi, vj]"),
    # These the peer fuses into programs that compute something else.
    "from_1": epilogue("C[vi, vj] + bias[vj]", init="T.float32(1)"),
    "turned": epilogue("C[vi, vj] + bias[vj]", at="7 - vi, vj"),
    "relu": epilogue("T.max(C[vi, vj] + bias[vj], T.float32(0))"),
    "clip": epilogue("T.min(T.max(C[vi, vj], T.float32(-1)), T.float32(6))"),
    "difference": epilogue("C[vi, vj] - bias[vj]"),
    "of_a_maximum": epilogue("C[vi, vj] + bias[vj]", "T.max(C[vi, vj], A[vi, vk])"),
    # Refused.
    "scale": epilogue("C[vi, vj] * bias[vj]"),
    "twice": epilogue("C[vi, vj] + C[vi, vj]"),
}.items():
    cases.add(program, f"fuse_reduction_epilogue_{name}")(fuse_epilogue)


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_tiled(s):
    outer, _ = tile(s, "C", i=4, j=4, k=4)
    s.reorder(outer[2], outer[0])
    fuse_epilogue(s)


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_then_decompose(s):
    fuse_epilogue(s)
    s.decompose_reduction(s.block("C"), s.loops("C")[2])


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_in_one_nest(s):
    s.reverse_compute_at(s.block("D"), s.loops("C")[0])
    fuse_epilogue(s)


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_computed_at(s):
    s.compute_at(s.block("C"), s.loops("D")[0])
    fuse_epilogue(s)


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_in_the_other_order(s):
    s.fuse_reduction_epilogue(s.block("D"), s.block("C"))


@cases.add(epilogue("C[vi, vj] + bias[vj]"))
def fuse_reduction_epilogue_decomposed(s):
    s.decompose_reduction(s.block("C"), s.loops("C")[2])
    s.fuse_reduction_epilogue(s.block("C_update"), s.block("D"))
