# SPDX-License-Identifier: Apache-2.0
"""Small programs for tests."""

from metaschedule.script import from_source
from metaschedule.script import tir as T

MATMUL = """
@T.prim_func
def main(A: T.Buffer(({n}, {k}), "float32"), B: T.Buffer(({k}, {m}), "float32"),
         C: T.Buffer(({n}, {m}), "float32")):
    T.func_attr({{"tir.noalias": T.bool(True)}})
    for i, j, k in T.grid({n}, {m}, {k}):
        with T.block("C"):
            v_i, v_j, v_k = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[v_i, v_j] = T.float32(0)
            C[v_i, v_j] = C[v_i, v_j] + A[v_i, v_k] * B[v_k, v_j]
"""

SOFTMAX = """
@T.prim_func
def main(A: T.Buffer(({m}, {n}), "float32"), Y: T.Buffer(({m}, {n}), "float32")):
    T.func_attr({{"tir.noalias": T.bool(True)}})
    top = T.alloc_buffer(({m},))
    e = T.alloc_buffer(({m}, {n}))
    total = T.alloc_buffer(({m},))
    for i, k in T.grid({m}, {n}):
        with T.block("top"):
            v_i, v_k = T.axis.remap("SR", [i, k])
            with T.init():
                top[v_i] = T.float32(-3.4028234663852886e+38)
            top[v_i] = T.max(top[v_i], A[v_i, v_k])
    for i, j in T.grid({m}, {n}):
        with T.block("exp"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            e[v_i, v_j] = T.exp(A[v_i, v_j] - top[v_i])
    for i, k in T.grid({m}, {n}):
        with T.block("total"):
            v_i, v_k = T.axis.remap("SR", [i, k])
            with T.init():
                total[v_i] = T.float32(0)
            total[v_i] = total[v_i] + e[v_i, v_k]
    for i, j in T.grid({m}, {n}):
        with T.block("norm"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            Y[v_i, v_j] = e[v_i, v_j] / total[v_i]
"""

MATMUL_RELU = """
@T.prim_func
def main(A: T.Buffer(({n}, {k}), "float32"), B: T.Buffer(({k}, {m}), "float32"),
         D: T.Buffer(({n}, {m}), "float32")):
    T.func_attr({{"tir.noalias": T.bool(True)}})
    C = T.alloc_buffer(({n}, {m}))
    for i, j, k in T.grid({n}, {m}, {k}):
        with T.block("C"):
            v_i, v_j, v_k = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[v_i, v_j] = T.float32(0)
            C[v_i, v_j] = C[v_i, v_j] + A[v_i, v_k] * B[v_k, v_j]
    for i, j in T.grid({n}, {m}):
        with T.block("relu"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            D[v_i, v_j] = T.max(C[v_i, v_j], T.float32(0))
"""


@T.prim_func
def copy(a: T.handle, b: T.handle, n: T.int32):
    m = T.int32()
    A = T.match_buffer(a, (m, n))
    B = T.match_buffer(b, (m, n))
    for i, j in T.grid(m, n):
        with T.block("copy"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj]


def matmul(n=32, m=32, k=32):
    return from_source(MATMUL.format(n=n, m=m, k=k))


def softmax(m=8, n=16):
    return from_source(SOFTMAX.format(m=m, n=n))


def matmul_relu(n=32, m=32, k=32):
    return from_source(MATMUL_RELU.format(n=n, m=m, k=k))
