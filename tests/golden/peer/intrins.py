# SPDX-License-Identifier: Apache-2.0
"""Tensor intrinsics of ours: texts of description and implementation, in the earlier dialect."""

DOT = """
@T.prim_func
def dot(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (4,), "float32", offset_factor=1)
    B = T.match_buffer(b, (8, 4), "float32", offset_factor=1)
    C = T.match_buffer(c, (8,), "float32", offset_factor=1)
    with T.block("root"):
        T.reads(C[0:8], A[0:4], B[0:8, 0:4])
        T.writes(C[0:8])
        for i, k in T.grid(8, 4):
            with T.block("update"):
                vi, vk = T.axis.remap("SR", [i, k])
                C[vi] = C[vi] + A[vk] * B[vi, vk]
"""
DOT_CALL = """
@T.prim_func
def dot(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (4,), "float32", offset_factor=1)
    B = T.match_buffer(b, (8, 4), "float32", offset_factor=1)
    C = T.match_buffer(c, (8,), "float32", offset_factor=1)
    with T.block("root"):
        T.reads(C[0:8], A[0:4], B[0:8, 0:4])
        T.writes(C[0:8])
        T.evaluate(T.call_extern("int32", "dot_8x4", C.data, A.data, B.data, C.elem_offset))
"""
GEMM = """
@T.prim_func
def gemm(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (4, 4), "float32", align=64, offset_factor=4)
    B = T.match_buffer(b, (4, 4), "float32", align=64, offset_factor=4)
    C = T.match_buffer(c, (4, 4), "float32", align=64, offset_factor=4)
    with T.block("root"):
        T.reads(C[0:4, 0:4], A[0:4, 0:4], B[0:4, 0:4])
        T.writes(C[0:4, 0:4])
        for i, j, k in T.grid(4, 4, 4):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
"""
GEMM_STRIDES = """
@T.prim_func
def gemm(a: T.handle, b: T.handle, c: T.handle):
    s0 = T.int32()
    s1 = T.int32()
    s2 = T.int32()
    A = T.match_buffer(a, (4, 4), "float32", align=64, offset_factor=4, strides=[s0, 1])
    B = T.match_buffer(b, (4, 4), "float32", align=64, offset_factor=4, strides=[s1, 1])
    C = T.match_buffer(c, (4, 4), "float32", align=64, offset_factor=4, strides=[s2, 1])
    with T.block("root"):
        T.reads(C[0:4, 0:4], A[0:4, 0:4], B[0:4, 0:4])
        T.writes(C[0:4, 0:4])
        T.evaluate(
            T.call_extern("int32", "gemm_4x4x4", C.access_ptr("rw"), A.access_ptr("r"),
                          B.access_ptr("r"), s0, s1, s2)
        )
"""
FILL = """
@T.prim_func
def fill(c: T.handle):
    C = T.match_buffer(c, (4, 4), "float32", align=64, offset_factor=4)
    with T.block("root"):
        T.reads()
        T.writes(C[0:4, 0:4])
        for i, j in T.grid(4, 4):
            with T.block("init"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[vi, vj] = T.float32(0)
"""
FILL_ROWS = """
@T.prim_func
def fill(c: T.handle):
    C = T.match_buffer(c, (4, 4), "float32", align=64, offset_factor=4)
    with T.block("root"):
        T.reads()
        T.writes(C[0:4, 0:4])
        T.block_attr({"filled": 1})
        for i in range(4):
            for j in T.vectorized(4):
                C[i, j] = T.float32(0)
"""
COPY = """
@T.prim_func
def copy(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (16,), "float32", align=64, offset_factor=16, scope="{src}")
    C = T.match_buffer(c, (16,), "float32", align=64, offset_factor=16, scope="{dst}")
    with T.block("root"):
        T.reads(A[0:16])
        T.writes(C[0:16])
        for i in range(16):
            with T.block("copy"):
                vi = T.axis.spatial(16, i)
                C[vi] = A[vi]
"""
COPY_LANES = """
@T.prim_func
def copy(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (16,), "float32", align=64, offset_factor=16, scope="{src}")
    C = T.match_buffer(c, (16,), "float32", align=64, offset_factor=16, scope="{dst}")
    with T.block("root"):
        T.reads(A[0:16])
        T.writes(C[0:16])
        for lane in T.thread_binding(16, thread="threadIdx.x"):
            C[lane] = A[lane]
"""
MAX_REDUCE = """
@T.prim_func
def most(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (8,), "float32", offset_factor=1)
    C = T.match_buffer(c, (1,), "float32", offset_factor=1)
    with T.block("root"):
        T.reads(C[0], A[0:8])
        T.writes(C[0])
        for i in range(8):
            with T.block("update"):
                vi = T.axis.reduce(8, i)
                C[0] = T.max(C[0], A[vi])
"""
MAX_CALL = """
@T.prim_func
def most(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (8,), "float32", offset_factor=1)
    C = T.match_buffer(c, (1,), "float32", offset_factor=1)
    with T.block("root"):
        T.reads(C[0], A[0:8])
        T.writes(C[0])
        C[0] = T.max(C[0], T.call_extern("float32", "most_8", A.data, A.elem_offset))
"""


def scoped(text, src, dst):
    return text.format(src=src, dst=dst)


INTRINS = {
    "peer.dot": (DOT, DOT_CALL),
    "peer.gemm": (GEMM, GEMM_STRIDES),
    "peer.fill": (FILL, FILL_ROWS),
    "peer.max": (MAX_REDUCE, MAX_CALL),
    "peer.load": (scoped(COPY, "global", "shared"), scoped(COPY_LANES, "global", "shared")),
    "peer.store": (scoped(COPY, "local", "global"), scoped(COPY_LANES, "local", "global")),
}


def needs(*names):
    return {f"peer.{name}": INTRINS[f"peer.{name}"] for name in names}
