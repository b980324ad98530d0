# SPDX-License-Identifier: Apache-2.0
"""Cases of reindex_cache_read and reindex_cache_write."""

from cases import Cases

cases = Cases()


COPY = """
@T.prim_func
def main(A: T.Buffer((16, 32), "float32"), C: T.Buffer((16, 32), "float32")):
    for i, j in T.grid(16, 32):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = A[vi, vj] + T.float32(1)
"""
CONV = """
@T.prim_func
def main(X: T.Buffer((1, 10, 10, 4), "float32"), W: T.Buffer((3, 3, 4, 8), "float32"),
         Y: T.Buffer((1, 8, 8, 8), "float32")):
    for n, h, w, o, kh, kw, c in T.grid(1, 8, 8, 8, 3, 3, 4):
        with T.block("Y"):
            vn, vh, vw, vo, vkh, vkw, vc = T.axis.remap("SSSSRRR", [n, h, w, o, kh, kw, c])
            with T.init():
                Y[vn, vh, vw, vo] = T.float32(0)
            Y[vn, vh, vw, vo] = (
                Y[vn, vh, vw, vo] + X[vn, vh + vkh, vw + vkw, vc] * W[vkh, vkw, vc, vo]
            )
"""
MATMUL = """
@T.prim_func
def main(A: T.Buffer((16, 8), "float32"), B: T.Buffer((8, 12), "float32"),
         C: T.Buffer((16, 12), "float32")):
    for i, j, k in T.grid(16, 12, 8):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
"""
STAGES = """
@T.prim_func
def main(A: T.Buffer((16, 32), "float32"), E: T.Buffer((16, 32), "float32")):
    B = T.alloc_buffer((16, 32))
    C = T.alloc_buffer((16, 32))
    for i, j in T.grid(16, 32):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(16, 32):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = B[vi, vj] * T.float32(2)
    for i, j in T.grid(16, 32):
        with T.block("E"):
            vi, vj = T.axis.remap("SS", [i, j])
            E[vi, vj] = C[vi, vj] - B[vi, vj]
"""

for number, function in enumerate(
    [
        lambda i, j: (j, i),
        lambda i, j: (i * 32 + j,),
        lambda i, j: (i, j // 8, j % 8),
        lambda i, j: (j // 8, i // 4, i % 4, j % 8),
    ]
):

    @cases.add(COPY, f"reindex_cache_read_copy_{number}")
    def _(s, function=function):
        s.reindex_cache_read(s.block("C"), 0, "local", function)

    @cases.add(COPY, f"reindex_cache_write_copy_{number}")
    def _(s, function=function):
        s.reindex_cache_write(s.block("C"), 0, "shared", function)


@cases.add(CONV)
def reindex_cache_read_image(s):
    s.reindex_cache_read(
        s.block("Y"), 0, "shared", lambda n, h, w, o, kh, kw, c: (n, h, w, kh, kw, c)
    )


@cases.add(CONV)
def reindex_cache_read_im2col(s):
    s.reindex_cache_read(
        s.block("Y"),
        0,
        "shared",
        lambda n, h, w, o, kh, kw, c: (h * 8 + w, (kh * 3 + kw) * 4 + c, n),
    )


@cases.add(CONV)
def reindex_cache_read_weights(s):
    s.reindex_cache_read(
        s.block("Y"), 1, "local", lambda n, h, w, o, kh, kw, c: (o // 4, kh, kw, c, o % 4)
    )


@cases.add(CONV)
def reindex_cache_write_image(s):
    s.reindex_cache_write(
        s.block("Y"), 0, "local", lambda n, h, w, o, kh, kw, c: (n, o // 4, h, w, o % 4)
    )


@cases.add(MATMUL)
def reindex_cache_all_of_matmul(s):
    block = s.block("C")
    s.reindex_cache_read(block, 0, "shared", lambda i, j, k: (k, i))
    s.reindex_cache_read(block, 1, "shared", lambda i, j, k: (j, k))
    s.reindex_cache_write(block, 0, "local", lambda i, j, k: (j, i))


@cases.add(MATMUL)
def reindex_cache_write_then_tile(s):
    block = s.block("C")
    copy = s.reindex_cache_write(block, 0, "local", lambda i, j, k: (i // 4, j // 4, i % 4, j % 4))
    i, j, k = s.get_loops(block)
    s.split(i, [4, 4])
    s.vectorize(s.get_loops(copy)[-1])


@cases.add(MATMUL)
def reindex_cache_read_in_a_tile(s):
    block = s.block("C")
    i, j, k = s.get_loops(block)
    s.split(k, [None, 4])
    s.reindex_cache_read(block, 0, "local", lambda i, j, k: (i, k))


for block, index in [("C", 0), ("E", 0), ("E", 1)]:

    @cases.add(STAGES, f"reindex_cache_read_stages_{block}_{index}")
    def _(s, block=block, index=index):
        s.reindex_cache_read(s.block(block), index, "global", lambda i, j: (j, i))


for block in "BCE":

    @cases.add(STAGES, f"reindex_cache_write_stages_{block}")
    def _(s, block=block):
        s.reindex_cache_write(s.block(block), 0, "local", lambda i, j: (i, j // 4, j % 4))


CHAIN = STAGES.replace("C[vi, vj] - B[vi, vj]", "C[vi, vj] - T.float32(3)")


@cases.add(CHAIN)
def reindex_cache_write_computed_at(s):
    s.compute_at(s.block("B"), s.loops("C")[0])
    s.reindex_cache_write(s.block("C"), 0, "local", lambda i, j: (j, i))


@cases.add(CHAIN)
def reindex_cache_write_of_the_producer(s):
    s.compute_at(s.block("B"), s.loops("C")[0])
    s.reindex_cache_write(s.block("B"), 0, "local", lambda i, j: (i, j))


@cases.add(CHAIN)
def reindex_cache_read_computed_at(s):
    s.reverse_compute_at(s.block("C"), s.loops("B")[0])
    s.reindex_cache_read(s.block("C"), 0, "local", lambda i, j: (j, i))


# Refused.


@cases.add(COPY)
def reindex_cache_read_bad_index(s):
    s.reindex_cache_read(s.block("C"), 1, "local", lambda i, j: (j, i))


@cases.add(COPY)
def reindex_cache_write_bad_index(s):
    s.reindex_cache_write(s.block("C"), 1, "local", lambda i, j: (j, i))


@cases.add(COPY)
def reindex_cache_read_bad_scope(s):
    s.reindex_cache_read(s.block("C"), 0, "nonsense", lambda i, j: (j, i))


@cases.add(COPY)
def reindex_cache_write_bad_scope(s):
    s.reindex_cache_write(s.block("C"), 0, "nonsense", lambda i, j: (j, i))


@cases.add(MATMUL)
def reindex_cache_read_lacks_an_axis(s):
    s.reindex_cache_read(s.block("C"), 0, "local", lambda i, j, k: (i,))


@cases.add(MATMUL)
def reindex_cache_read_has_another_axis(s):
    s.reindex_cache_read(s.block("C"), 0, "local", lambda i, j, k: (i, j, k))


@cases.add(MATMUL)
def reindex_cache_write_lacks_an_axis(s):
    s.reindex_cache_write(s.block("C"), 0, "local", lambda i, j, k: (j,))


@cases.add(MATMUL)
def reindex_cache_write_has_another_axis(s):
    s.reindex_cache_write(s.block("C"), 0, "local", lambda i, j, k: (i, j, k))


WINDOW = """
@T.prim_func
def main(A: T.Buffer((18,), "float32"), C: T.Buffer((16,), "float32")):
    for i in range(16):
        with T.block("C"):
            vi = T.axis.spatial(16, i)
            C[vi] = A[vi] + A[vi + 2]
"""


@cases.add(WINDOW)
def reindex_cache_read_no_point(s):
    s.reindex_cache_read(s.block("C"), 0, "local", lambda i: (i,))


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((16,), "float32"), C: T.Buffer((17,), "float32")):
    for i in range(16):
        with T.block("C"):
            vi = T.axis.spatial(16, i)
            T.reads(A[vi])
            T.writes(C[vi : vi + 2])
            C[vi] = A[vi]
            C[vi + 1] = A[vi]
"""
)
def reindex_cache_write_no_point(s):
    s.reindex_cache_write(s.block("C"), 0, "local", lambda i: (i,))


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((16,), "float32"), C: T.Buffer((16,), "float32"), D: T.Buffer((16,), "float32")):
    for i in range(8):
        with T.block("C"):
            vi = T.axis.spatial(8, i)
            C[vi] = A[vi]
    for i in range(8):
        with T.block("C2"):
            vi = T.axis.spatial(8, i)
            C[vi + 8] = A[vi]
    for i in range(16):
        with T.block("D"):
            vi = T.axis.spatial(16, i)
            D[vi] = C[vi]
"""
)
def reindex_cache_of_what_two_blocks_write(s):
    s.reindex_cache_write(s.block("C"), 0, "local", lambda i: (i,))
    s.reindex_cache_read(s.block("D"), 0, "local", lambda i: (i,))
