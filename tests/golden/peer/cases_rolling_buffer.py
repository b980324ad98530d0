# SPDX-License-Identifier: Apache-2.0
"""Cases of rolling_buffer."""

from cases import Cases

cases = Cases()


def chain(extent, tile, window, stride=1, first="A[vi]", second=None, extra=""):
    """B = f(A), C[i] = sum of B[i * stride + 0 .. window), tiled, with B computed under the tile."""
    terms = second or " + ".join(f"B[vi * {stride} + {w}]" for w in range(0, window))
    length = (extent - 1) * stride + window
    return f"""
@T.prim_func
def main(A: T.Buffer(({length},), "float32"), C: T.Buffer(({extent},), "float32")):
    B = T.alloc_buffer(({length},))
    for i in range({length}):
        with T.block("B"):
            vi = T.axis.spatial({length}, i)
            B[vi] = {first} * T.float32(2)
    for i in range({extent}):
        with T.block("C"):
            vi = T.axis.spatial({extent}, i)
            C[vi] = {terms}
"""


def roll(s, consumer, tile, producers):
    loops = s.loops(consumer)
    outer = s.split(loops[0], [None, tile])[0]
    for name in producers:
        s.compute_at(s.block(name), outer)
    for name in producers:
        s.rolling_buffer(s.block(name), 0)


for extent, tile, window, stride in [
    (12, 3, 3, 1),
    (16, 4, 2, 1),
    (12, 2, 5, 1),
    (8, 2, 4, 2),
    (9, 3, 5, 3),
    (12, 1, 3, 1),
    (10, 4, 3, 1),
]:

    @cases.add(
        chain(extent, tile, window, stride), f"rolling_buffer_{extent}_{tile}_{window}_{stride}"
    )
    def _(s, tile=tile):
        roll(s, "C", tile, ["B"])


TWO_STAGES = """
@T.prim_func
def main(A: T.Buffer((16, 8), "float32"), D: T.Buffer((12, 8), "float32")):
    B = T.alloc_buffer((16, 8))
    C = T.alloc_buffer((14, 8))
    for i, j in T.grid(16, 8):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(14, 8):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = B[vi, vj] + B[vi + 1, vj] + B[vi + 2, vj]
    for i, j in T.grid(12, 8):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = C[vi, vj] * C[vi + 2, vj]
"""


@cases.add(TWO_STAGES)
def rolling_buffer_of_the_middle(s):
    roll(s, "D", 4, ["C"])


@cases.add(TWO_STAGES)
def rolling_buffer_of_both(s):
    roll(s, "D", 3, ["C", "B"])


POOL = """
@T.prim_func
def main(A: T.Buffer((1, 12, 14, 4), "int8"), C: T.Buffer((1, 8, 8, 4), "int8")):
    B = T.alloc_buffer((1, 10, 12, 4), "int8")
    for n, h, w, c, kh, kw in T.grid(1, 10, 12, 4, 3, 3):
        with T.block("B"):
            vn, vh, vw, vc, vkh, vkw = T.axis.remap("SSSSRR", [n, h, w, c, kh, kw])
            with T.init():
                B[vn, vh, vw, vc] = T.int8(-128)
            B[vn, vh, vw, vc] = T.max(B[vn, vh, vw, vc], A[vn, vh + vkh, vw + vkw, vc])
    for n, h, w, c, kh, kw in T.grid(1, 8, 8, 4, 3, 5):
        with T.block("C"):
            vn, vh, vw, vc, vkh, vkw = T.axis.remap("SSSSRR", [n, h, w, c, kh, kw])
            with T.init():
                C[vn, vh, vw, vc] = T.int8(-128)
            C[vn, vh, vw, vc] = T.max(C[vn, vh, vw, vc], B[vn, vh + vkh, vw + vkw, vc])
"""


def tile_pool(s, rows, columns, at, first="rows"):
    _, h, w, _, _, _ = s.loops("C")
    ho, hi = s.split(h, [None, rows])
    wo, wi = s.split(w, [None, columns])
    order = [ho, wo] if first == "rows" else [wo, ho]
    s.reorder(*order, hi, wi)
    s.compute_at(s.block("B"), order[at])
    s.rolling_buffer(s.block("B"), 0)


for rows, columns, at, first in [
    (4, 8, 0, "rows"),
    (2, 4, 1, "rows"),
    (4, 2, 1, "columns"),
    (8, 2, 1, "rows"),
]:

    @cases.add(POOL, f"rolling_buffer_pool_{rows}_{columns}_{at}_{first}")
    def _(s, rows=rows, columns=columns, at=at, first=first):
        tile_pool(s, rows, columns, at, first)


# Refused.


@cases.add(TWO_STAGES)
def rolling_buffer_of_an_output(s):
    s.rolling_buffer(s.block("D"), 0)


@cases.add(TWO_STAGES)
def rolling_buffer_untiled(s):
    s.rolling_buffer(s.block("C"), 0)


@cases.add(TWO_STAGES)
def rolling_buffer_bad_index(s):
    s.rolling_buffer(s.block("C"), 1)


@cases.add(chain(12, 3, 1))
def rolling_buffer_no_overlap(s):
    roll(s, "C", 3, ["B"])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((12,), "float32"), C: T.Buffer((10,), "float32")):
    B = T.alloc_buffer((12,))
    for i in range(12):
        with T.block("B"):
            vi = T.axis.spatial(12, i)
            B[vi] = A[vi]
    for i in range(10):
        with T.block("C"):
            vi = T.axis.spatial(10, i)
            C[vi] = B[vi] + B[vi + 2]
    for i in range(12):
        with T.block("B2"):
            vi = T.axis.spatial(12, i)
            B[vi] = T.float32(0)
"""
)
def rolling_buffer_written_twice(s):
    s.rolling_buffer(s.block("B"), 0)


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((24,), "float32"), C: T.Buffer((10,), "float32")):
    B = T.alloc_buffer((24,))
    for io in range(5):
        for ax0 in range(4):
            with T.block("B"):
                vi = T.axis.spatial(24, io // 2 * 4 + io % 2 + ax0)
                B[vi] = A[vi]
        for ii in range(2):
            with T.block("C"):
                vi = T.axis.spatial(10, io * 2 + ii)
                C[vi] = B[vi] + B[vi + 2]
"""
)
def rolling_buffer_strange_start(s):
    s.rolling_buffer(s.block("B"), 0)
