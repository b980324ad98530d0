# SPDX-License-Identifier: Apache-2.0
"""Cases of cache_inplace and cache_index."""

from cases import Cases

cases = Cases()

# ---- cache_inplace


def update(
    shape="64",
    region="0:64",
    dtype="float32",
    body='T.evaluate(T.call_extern("int32", "work", A.data))',
    more="",
):
    """A block without axes that reads and writes a region of A."""
    return f"""
@T.prim_func
def main(A: T.Buffer(({shape},), "{dtype}"), D: T.Buffer((8,), "{dtype}")):
    with T.block("work"):
        T.reads(A[{region}]{more})
        T.writes(A[{region}]{more})
        {body}
    for i in range(8):
        with T.block("D"):
            vi = T.axis.spatial(8, i)
            D[vi] = D[vi] + T.{dtype}(1)
"""


for scope in ["local", "shared", "global", "shared.dyn", "global.vtcm"]:

    @cases.add(update(), f"cache_inplace_whole_{scope}")
    def _(s, scope=scope):
        s.cache_inplace(s.block("work"), 0, scope)


@cases.add(update(region="8:24"))
def cache_inplace_part(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(update("4, 16", "0:4, 0:16", "int8"))
def cache_inplace_two_dimensions(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(update("4, 16", "1:3, 5"))
def cache_inplace_a_column(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(update(more=", D[0:8]"))
def cache_inplace_the_second(s):
    s.cache_inplace(s.block("work"), 1, "shared")


@cases.add(update(more=", D[0:8]"))
def cache_inplace_both(s):
    s.cache_inplace(s.block("work"), 0, "local")
    s.cache_inplace(s.block("work"), 1, "shared")


@cases.add(update())
def cache_inplace_twice(s):
    s.cache_inplace(s.block("work"), 0, "shared")
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(update())
def cache_inplace_then_go_on(s):
    read, write = s.cache_inplace(s.block("work"), 0, "local")
    s.vectorize(s.get_loops(read)[0])
    s.split(s.get_loops(write)[0], [None, 8])


LOOPS_INSIDE = """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), B: T.Buffer((16,), "float32"),
         D: T.Buffer((8,), "float32")):
    for i in range(8):
        with T.block("D"):
            vi = T.axis.spatial(8, i)
            D[vi] = D[vi] + A[vi, 0]
    with T.block("scale"):
        T.reads(A[0:8, 0:16], B[0:16])
        T.writes(A[0:8, 0:16])
        for i, j in T.grid(8, 16):
            with T.block("inner"):
                vi, vj = T.axis.remap("SS", [i, j])
                A[vi, vj] = A[vi, vj] * B[vj]
"""


@cases.add(LOOPS_INSIDE)
def cache_inplace_around_loops(s):
    s.cache_inplace(s.block("scale"), 0, "local")


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((64,), "float32")):
    for r in range(4):
        with T.block("work"):
            T.reads(A[0:64])
            T.writes(A[0:64])
            T.evaluate(T.call_extern("int32", "work", A.data, r))
"""
)
def cache_inplace_in_a_loop(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((64,), "float32"), C: T.Buffer((64,), "float32")):
    B = T.alloc_buffer((64,))
    for i in range(64):
        with T.block("B"):
            vi = T.axis.spatial(64, i)
            B[vi] = A[vi]
    with T.block("work"):
        T.reads(B[0:64])
        T.writes(B[0:64])
        T.evaluate(T.call_extern("int32", "work", B.data))
    for i in range(64):
        with T.block("C"):
            vi = T.axis.spatial(64, i)
            C[vi] = B[vi]
"""
)
def cache_inplace_between_stages(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((64,), "float32")):
    for i in range(4):
        with T.block("outer"):
            vi = T.axis.spatial(4, i)
            T.reads(A[0:64])
            T.writes(A[0:64])
            with T.block("work"):
                T.reads(A[16:32])
                T.writes(A[16:32])
                T.evaluate(T.call_extern("int32", "work", A.data, vi))
"""
)
def cache_inplace_inside_a_block(s):
    s.cache_inplace(s.block("work"), 0, "local")


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32")):
    for i, j in T.grid(8, 16):
        with T.block("A"):
            vi, vj = T.axis.remap("SS", [i, j])
            A[vi, vj] = A[vi, vj] + T.float32(1)
"""
)
def cache_inplace_of_what_axes_touch(s):
    s.cache_inplace(s.block("A"), 0, "local")


# Refused.


@cases.add(LOOPS_INSIDE)
def cache_inplace_only_read(s):
    s.cache_inplace(s.block("scale"), 1, "local")


@cases.add(update())
def cache_inplace_not_read(s):
    s.cache_inplace(s.block("work"), 1, "local")


@cases.add(update())
def cache_inplace_bad_scope(s):
    s.cache_inplace(s.block("work"), 0, "nonsense")


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((16,), "float32"), C: T.Buffer((16,), "float32")):
    for i in range(16):
        with T.block("C"):
            vi = T.axis.spatial(16, i)
            C[vi] = A[vi]
"""
)
def cache_inplace_of_a_copy(s):
    s.cache_inplace(s.block("C"), 0, "local")


# ---- cache_index


def gather(left, right=None, extent=256, size=256, operator="+"):
    value = f"A[{left}]" + (f" {operator} A[{right}]" if right else "")
    return f"""
@T.prim_func
def main(A: T.Buffer(({size},), "float32"), C: T.Buffer(({extent},), "float32")):
    for i in range({extent}):
        with T.block("C"):
            vi = T.axis.spatial({extent}, i)
            C[vi] = {value}
"""


# Where a single expression, or none, is cached, the peer fails of an internal check.
for threshold in range(4):

    @cases.add(
        gather("vi // 16 * 4 + vi % 4", "vi // 16 * 4"), f"cache_index_threshold_{threshold}"
    )
    def _(s, threshold=threshold):
        s.cache_index(s.block("C"), "global", threshold)


for name, program in {
    "shared_part": gather("vi // 3 + 1", "vi // 3 + 2"),
    "moduli": gather("vi % 7 * 3", "vi * 5 % 11", operator="*"),
    "bounds": gather("T.min(vi * 2, 255)", "T.max(vi - 1, 0)"),
    "choices": gather("T.if_then_else(vi < 100, vi, 0)", "T.Select(vi < 100, vi * 2, 3)"),
    "comparisons": gather("vi * 3 % 256", "vi // 2 * 2", operator="<")
    .replace("C[vi] = ", 'C[vi] = T.Cast("float32", ')
    .replace("// 2 * 2]", "// 2 * 2])"),
}.items():

    @cases.add(program, f"cache_index_{name}")
    def _(s):
        s.cache_index(s.block("C"), "local", 1)


for threshold in [2, 3]:

    @cases.add(
        gather("(vi * 3 + 1) % 64 + vi // 5", "(vi * 3 + 1) % 64 * vi // 5").replace(
            "// 5]\n", "// 5] + A[(vi * 3 + 1) % 64] + A[vi // 5]\n"
        ),
        f"cache_index_often_{threshold}",
    )
    def _(s, threshold=threshold):
        s.cache_index(s.block("C"), "global", threshold)


RESIZE = """
@T.prim_func
def main(A: T.Buffer((1, 3, 40, 40), "float32"), C: T.Buffer((1, 3, 80, 80), "float32")):
    for n, c, h, w in T.grid(1, 3, 80, 80):
        with T.block("C"):
            vn, vc, vh, vw = T.axis.remap("SSSS", [n, c, h, w])
            C[vn, vc, vh, vw] = A[
                vn,
                vc,
                T.max(T.min(T.Div(vh, 2), 39), 0),
                T.max(T.min(vw // 2, 39), 0),
            ]
"""


@cases.add(RESIZE)
def cache_index_resize(s):
    s.cache_index(s.block("C"), "global", 1)


@cases.add(RESIZE)
def cache_index_resize_shared(s):
    first = s.cache_index(s.block("C"), "shared", 1)
    if first:
        s.parallel(s.get_loops(first[0])[0])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((64, 64), "float32"), C: T.Buffer((32, 48), "float32")):
    for i, j in T.grid(32, 48):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = A[(vi * 3 + vj) % 64, (vi + vj * 5) % 64] * A[(vi * 3 + vj) % 64, 7]
"""
)
def cache_index_two_axes(s):
    s.cache_index(s.block("C"), "global", 1)


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((512,), "float32"), C: T.Buffer((64,), "float32")):
    B = T.alloc_buffer((64,))
    for i in range(64):
        with T.block("B"):
            vi = T.axis.spatial(64, i)
            B[vi] = A[vi * 2]
    for i in range(64):
        with T.block("C"):
            vi = T.axis.spatial(64, i)
            C[vi] = B[(vi * 5 + 3) % 64] + B[vi // 2 * 2]
"""
)
def cache_index_of_the_second_stage(s):
    s.cache_index(s.block("C"), "global", 1)


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((256,), "float32"), C: T.Buffer((256,), "float32")):
    for io, ii in T.grid(16, 16):
        with T.block("C"):
            vi = T.axis.spatial(256, io * 16 + ii)
            C[vi] = A[vi * 7 % 256] + A[vi // 2 + 5]
"""
)
def cache_index_of_a_tiled_nest(s):
    s.cache_index(s.block("C"), "global", 1)


@cases.add(gather("vi // 3 + 1", "vi // 3 + 2"))
def cache_index_of_the_root(s):
    s.cache_index(s.block("root"), "global", 1)


@cases.add(gather("vi // 3 + 1", "vi // 3 + 2"))
def cache_index_bad_scope(s):
    s.cache_index(s.block("C"), "nonsense", 1)
