# SPDX-License-Identifier: Apache-2.0
"""Cases of decompose_padding."""

from cases import Cases

cases = Cases()


def padded(
    extent=16, low=1, high=15, value="A[vi - 1]", pad="T.float32(0)", size=14, condition=None
):
    condition = condition or f"{low} <= vi and vi < {high}"
    return f"""
@T.prim_func
def main(A: T.Buffer(({size},), "float32"), P: T.Buffer(({extent},), "float32")):
    for i in range({extent}):
        with T.block("P"):
            vi = T.axis.spatial({extent}, i)
            P[vi] = T.if_then_else({condition}, {value}, {pad})
"""


IMAGE = """
@T.prim_func
def main(A: T.Buffer((1, 4, 14, 14), "float32"), E: T.Buffer((1, 4, 16, 16), "float32")):
    P = T.alloc_buffer((1, 4, 16, 16))
    for n, c, h, w in T.grid(1, 4, 16, 16):
        with T.block("P"):
            vn, vc, vh, vw = T.axis.remap("SSSS", [n, c, h, w])
            P[vn, vc, vh, vw] = T.if_then_else(
                1 <= vh and vh < 15 and 1 <= vw and vw < 15, A[vn, vc, vh - 1, vw - 1], T.float32(0)
            )
    for n, c, h, w in T.grid(1, 4, 16, 16):
        with T.block("E"):
            vn, vc, vh, vw = T.axis.remap("SSSS", [n, c, h, w])
            E[vn, vc, vh, vw] = P[vn, vc, vh, vw] + T.float32(1)
"""


@cases.add(padded())
def decompose_padding_both_ends(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(padded(low=0, high=10, condition="vi < 10", value="A[vi]", pad="T.float32(1.5)"))
def decompose_padding_right(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(padded(condition="3 <= vi", value="A[vi - 3] * T.float32(2)"))
def decompose_padding_left(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


for level in range(4):

    @cases.add(IMAGE, f"decompose_padding_image_{level}")
    def _(s, level=level):
        s.decompose_padding(s.block("P"), s.loops("P")[level])


@cases.add(IMAGE)
def decompose_padding_then_go_on(s):
    loops = s.loops("P")
    const = s.decompose_padding(s.block("P"), loops[2])
    s.vectorize(s.get_loops(const)[-1])
    s.fuse(*loops[:2])


@cases.add(padded())
def decompose_padding_split(s):
    outer, _ = s.split(s.loops("P")[0], [None, 5])
    s.decompose_padding(s.block("P"), outer)


@cases.add(padded())
def decompose_padding_split_evenly(s):
    _, inner = s.split(s.loops("P")[0], [4, 4])
    s.decompose_padding(s.block("P"), inner)


@cases.add(padded())
def decompose_padding_split_inside(s):
    _, inner = s.split(s.loops("P")[0], [None, 5])
    s.decompose_padding(s.block("P"), inner)


@cases.add(IMAGE)
def decompose_padding_under_a_tile(s):
    h = s.loops("P")[2]
    s.split(h, [4, 4])
    s.decompose_padding(s.block("P"), s.loops("P")[3])


@cases.add(IMAGE)
def decompose_padding_fused(s):
    loops = s.loops("P")
    fused = s.fuse(*loops[:2])
    s.decompose_padding(s.block("P"), fused)


@cases.add(IMAGE)
def decompose_padding_reordered(s):
    n, c, h, w = s.loops("P")
    s.reorder(h, w, c)
    s.decompose_padding(s.block("P"), h)


@cases.add(IMAGE)
def decompose_padding_kinds_of_loops(s):
    n, c, h, w = s.loops("P")
    s.parallel(c)
    s.vectorize(w)
    s.decompose_padding(s.block("P"), h)


@cases.add(IMAGE)
def decompose_padding_computed_at(s):
    loops = s.loops("E")
    s.compute_at(s.block("P"), loops[1])
    s.decompose_padding(s.block("P"), s.loops("P")[2])


@cases.add(IMAGE)
def decompose_padding_computed_at_a_tile(s):
    _, _, h, w = s.loops("E")
    outer, _ = s.split(h, [4, 4])
    s.compute_at(s.block("P"), outer)
    s.decompose_padding(s.block("P"), s.loops("P")[3])


@cases.add(
    padded(
        extent=20,
        condition="2 <= vi and vi < 12 and vi < 15",
        value="A[vi - 2]",
        pad="T.float32(-1)",
    )
)
def decompose_padding_more_conditions(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((8, 12), "int8"), P: T.Buffer((10, 16), "int8")):
    for i, j in T.grid(10, 16):
        with T.block("P"):
            T.where(j < 14)
            vi, vj = T.axis.remap("SS", [i, j])
            P[vi, vj] = T.if_then_else(1 <= vi and vi < 9 and vj < 12, A[vi - 1, vj], T.int8(0))
"""
)
def decompose_padding_of_a_predicated_block(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


# Refused.


@cases.add(padded(condition="0 <= vi", value="A[vi]", size=16))
def decompose_padding_trivial(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(padded(pad="A[0]"))
def decompose_padding_not_constant(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(padded().replace("T.if_then_else", "T.Select"))
def decompose_padding_select(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(padded(condition="vi % 2 == 0 and vi < 14", value="A[vi]"))
def decompose_padding_strided(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])


@cases.add(IMAGE)
def decompose_padding_of_no_padding(s):
    s.decompose_padding(s.block("E"), s.loops("E")[0])


@cases.add(IMAGE)
def decompose_padding_foreign_loop(s):
    s.decompose_padding(s.block("P"), s.loops("E")[0])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((14,), "float32"), P: T.Buffer((1,), "float32")):
    for i in range(16):
        with T.block("P"):
            vi = T.axis.reduce(16, i)
            with T.init():
                P[0] = T.float32(0)
            P[0] = P[0] + T.if_then_else(1 <= vi and vi < 15, A[vi - 1], T.float32(0))
"""
)
def decompose_padding_of_a_reduction(s):
    s.decompose_padding(s.block("P"), s.loops("P")[0])
