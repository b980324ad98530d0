# SPDX-License-Identifier: Apache-2.0
"""Programs that several files of cases schedule, and a way to tile them."""


def matmul(m, n, k, b="vk, vj"):
    rows, columns = (n, k) if b == "vj, vk" else (k, n)
    return f"""
@T.prim_func
def main(A: T.Buffer(({m}, {k}), "float32"), B: T.Buffer(({rows}, {columns}), "float32"),
         C: T.Buffer(({m}, {n}), "float32")):
    for i, j, k in T.grid({m}, {n}, {k}):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[{b}]
"""


BATCH = """
@T.prim_func
def main(A: T.Buffer((3, 8, 8), "float32"), B: T.Buffer((3, 8, 12), "float32"),
         C: T.Buffer((3, 8, 12), "float32")):
    for b, i, j, k in T.grid(3, 8, 12, 8):
        with T.block("C"):
            vb, vi, vj, vk = T.axis.remap("SSSR", [b, i, j, k])
            with T.init():
                C[vb, vi, vj] = T.float32(0)
            C[vb, vi, vj] = C[vb, vi, vj] + A[vb, vi, vk] * B[vb, vk, vj]
"""
CONV = """
@T.prim_func
def main(X: T.Buffer((1, 10, 8), "float32"), W: T.Buffer((3, 8, 4), "float32"),
         Y: T.Buffer((1, 8, 4), "float32")):
    for n, h, o, kh, c in T.grid(1, 8, 4, 3, 8):
        with T.block("Y"):
            vn, vh, vo, vkh, vc = T.axis.remap("SSSRR", [n, h, o, kh, c])
            with T.init():
                Y[vn, vh, vo] = T.float32(0)
            Y[vn, vh, vo] = Y[vn, vh, vo] + X[vn, vh + vkh, vc] * W[vkh, vc, vo]
"""
ROW_MAX = """
@T.prim_func
def main(A: T.Buffer((6, 32), "float32"), C: T.Buffer((6,), "float32")):
    for i, k in T.grid(6, 32):
        with T.block("C"):
            vi, vk = T.axis.remap("SR", [i, k])
            with T.init():
                C[vi] = T.min_value("float32")
            C[vi] = T.max(C[vi], A[vi, vk])
"""
MULTI_STAGE = """
@T.prim_func
def main(A: T.Buffer((64, 128), "float32"), E: T.Buffer((64, 128), "float32")):
    B = T.alloc_buffer((64, 128))
    S = T.alloc_buffer((64,))
    D = T.alloc_buffer((64, 128))
    for i, j in T.grid(64, 128):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = T.exp(A[vi, vj])
    for i, k in T.grid(64, 128):
        with T.block("S"):
            vi, vk = T.axis.remap("SR", [i, k])
            with T.init():
                S[vi] = T.float32(0)
            S[vi] = S[vi] + B[vi, vk]
    for i, j in T.grid(64, 128):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = B[vi, vj] / S[vi]
    for i, j in T.grid(64, 128):
        with T.block("E"):
            vi, vj = T.axis.remap("SS", [i, j])
            E[vi, vj] = T.max(D[vi, vj], T.float32(0))
"""
ROWS = """
@T.prim_func
def main(A: T.Buffer((8, 64), "float32"), C: T.Buffer((8, 64), "float32")):
    for i, j in T.grid(8, 64):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = A[vi, vj] + T.float32(1)
"""


def tile(s, name, **factors):
    """Splits the named loops by their inner extents and puts the inner loops last."""
    loops = s.loops(name)
    outer, inner = [], []
    for number, loop in enumerate(loops):
        factor = factors.get("ijk"[number] if number < 3 else "", None)
        if factor is None:
            outer.append(loop)
            continue
        o, i = s.split(loop, [None, factor])
        outer.append(o)
        inner.append(i)
    s.reorder(*outer, *inner)
    return outer, inner
