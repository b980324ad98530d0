# SPDX-License-Identifier: Apache-2.0
"""Cases of merge."""

from cases import Cases

cases = Cases()


def stages(*blocks, shape=(8, 16), kinds=None):
    """Element-wise stages, each in a nest of its own: (name, reads, expression of the indices)."""
    names = [name for name, *_ in blocks]
    dims = ", ".join(str(n) for n in shape)
    inner = [n for n in names[:-1]]
    iters = ["vi", "vj", "vk"][: len(shape)]
    loops = ["i", "j", "k"][: len(shape)]
    lines = [
        "@T.prim_func",
        f'def main(A: T.Buffer(({dims},), "float32"), {names[-1]}: T.Buffer(({dims},), "float32")):',
    ]
    lines += [f"    {name} = T.alloc_buffer(({dims},))" for name in inner]
    for name, expression in blocks:
        pad = "    "
        for d, (loop, extent) in enumerate(zip(loops, shape)):
            kind = (kinds or {}).get((name, d), "T.serial({})").format(extent)
            lines.append(f"{pad}for {loop} in {kind}:")
            pad += "    "
        lines.append(f'{pad}with T.block("{name}"):')
        pad += "    "
        for iter_var, loop, extent in zip(iters, loops, shape):
            lines.append(f"{pad}{iter_var} = T.axis.spatial({extent}, {loop})")
        lines.append(f"{pad}{name}[{', '.join(iters)}] = {expression}")
    return "\n".join(lines) + "\n"


THREE = stages(
    ("B", "A[vi, vj] + T.float32(1)"),
    ("C", "B[vi, vj] * T.float32(2)"),
    ("E", "C[vi, vj] - T.float32(3)"),
)
FOUR = stages(
    ("B", "A[vi, vj] + T.float32(1)"),
    ("C", "A[vi, vj] * T.float32(2)"),
    ("D", "B[vi, vj] - C[vi, vj]"),
    ("E", "D[vi, vj] - C[vi, vj]"),
)
DEEP = stages(
    ("B", "A[vi, vj, vk] + T.float32(1)"),
    ("C", "B[vi, vj, vk] * T.float32(2)"),
    ("E", "C[vi, vj, vk] * B[vi, vj, vk]"),
    shape=(4, 6, 8),
)


@cases.add(THREE)
def merge_first_two_of_three(s):
    s.merge(s.loops("B")[-1], s.loops("C")[-1])


@cases.add(THREE)
def merge_last_two_of_three(s):
    s.merge(s.loops("C")[-1], s.loops("E")[-1])


@cases.add(FOUR)
def merge_independent_in_the_other_order(s):
    s.merge(s.loops("C")[-1], s.loops("B")[-1])


@cases.add(FOUR)
def merge_three_of_four(s):
    s.merge(s.loops("B")[-1], s.loops("C")[-1], s.loops("D")[-1])


@cases.add(FOUR)
def merge_twice(s):
    inner = s.merge(s.loops("B")[-1], s.loops("C")[-1])
    s.merge(inner, s.loops("D")[-1])


@cases.add(FOUR)
def merge_apart(s):
    s.merge(s.loops("B")[-1], s.loops("D")[-1])


@cases.add(DEEP)
def merge_three_deep(s):
    s.merge(s.loops("B")[-1], s.loops("C")[-1])


@cases.add(DEEP)
def merge_the_outer_loops_only(s):
    s.merge(s.loops("B")[0], s.loops("C")[0])


@cases.add(DEEP)
def merge_two_of_three_levels_then_go_on(s):
    inner = s.merge(s.loops("B")[1], s.loops("C")[1])
    s.parallel(s.loops("B")[0])
    s.split(inner, [2, 3])


@cases.add(DEEP)
def merge_after_split(s):
    s.split(s.loops("B")[0], [2, 2])
    s.split(s.loops("C")[0], [2, 2])
    s.merge(s.loops("B")[1], s.loops("C")[1])


@cases.add(DEEP)
def merge_after_fuse(s):
    for name in "BC":
        s.fuse(*s.loops(name)[1:])
    s.merge(s.loops("B")[1], s.loops("C")[1])


@cases.add(
    stages(("B", "A[vi] + T.float32(1)"), ("C", "A[vi]"), ("E", "C[vi] * B[vi]"), shape=(7,))
)
def merge_one_deep(s):
    s.merge(s.loops("B")[0], s.loops("C")[0])


UNDER_A_LOOP = """
@T.prim_func
def main(A: T.Buffer((4, 8), "float32"), E: T.Buffer((4, 8), "float32")):
    B = T.alloc_buffer((4, 8))
    C = T.alloc_buffer((4, 8))
    for i in range(4):
        for j in range(8):
            with T.block("B"):
                vi, vj = T.axis.remap("SS", [i, j])
                B[vi, vj] = A[vi, vj] + T.float32(1)
        for jj in range(8):
            with T.block("C"):
                vi, vj = T.axis.remap("SS", [i, jj])
                C[vi, vj] = B[vi, vj] * T.float32(2)
        for k in range(8):
            with T.block("E"):
                vi, vj = T.axis.remap("SS", [i, k])
                E[vi, vj] = C[vi, vj] + A[vi, vj]
"""


@cases.add(UNDER_A_LOOP)
def merge_under_a_loop(s):
    s.merge(s.loops("B")[1], s.loops("C")[1])


@cases.add(UNDER_A_LOOP)
def merge_all_children_of_a_loop(s):
    s.merge(s.loops("B")[1], s.loops("C")[1], s.loops("E")[1])


REDUCTIONS = """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), S: T.Buffer((8,), "float32"), M: T.Buffer((8,), "float32"),
         E: T.Buffer((8,), "float32")):
    for i, k in T.grid(8, 16):
        with T.block("S"):
            vi, vk = T.axis.remap("SR", [i, k])
            with T.init():
                S[vi] = T.float32(0)
            S[vi] = S[vi] + A[vi, vk]
    for i, k in T.grid(8, 16):
        with T.block("M"):
            vi, vk = T.axis.remap("SR", [i, k])
            with T.init():
                M[vi] = T.min_value("float32")
            M[vi] = T.max(M[vi], A[vi, vk])
    for i in range(8):
        with T.block("E"):
            vi = T.axis.spatial(8, i)
            E[vi] = S[vi] * M[vi]
"""


@cases.add(REDUCTIONS)
def merge_reductions(s):
    s.merge(s.loops("S")[1], s.loops("M")[1])


@cases.add(REDUCTIONS)
def merge_outer_loops_of_reductions(s):
    s.merge(s.loops("S")[0], s.loops("M")[0])


PREDICATES = """
@T.prim_func
def main(A: T.Buffer((10,), "float32"), E: T.Buffer((10,), "float32")):
    B = T.alloc_buffer((10,))
    C = T.alloc_buffer((10,))
    for i, j in T.grid(3, 4):
        with T.block("B"):
            vi = T.axis.spatial(10, i * 4 + j)
            T.where(i * 4 + j < 10)
            B[vi] = A[vi] + T.float32(1)
    for i, j in T.grid(3, 4):
        with T.block("C"):
            vi = T.axis.spatial(10, i * 4 + j)
            T.where(i * 4 + j < 10)
            C[vi] = A[vi] * T.float32(2)
    for i in range(10):
        with T.block("E"):
            vi = T.axis.spatial(10, i)
            E[vi] = B[vi] + C[vi]
"""


@cases.add(PREDICATES)
def merge_with_predicates(s):
    s.merge(s.loops("B")[1], s.loops("C")[1])


@cases.add(
    """
@T.prim_func
def main(n: T.int32, a: T.handle, e: T.handle):
    A = T.match_buffer(a, (n, 16))
    E = T.match_buffer(e, (n, 16))
    B = T.alloc_buffer((n, 16))
    C = T.alloc_buffer((n, 16))
    for i, j in T.grid(n, 16):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(n, 16):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = B[vi, vj] * T.float32(2)
    for i, j in T.grid(n, 16):
        with T.block("E"):
            vi, vj = T.axis.remap("SS", [i, j])
            E[vi, vj] = C[vi, vj] - T.float32(3)
"""
)
def merge_symbolic(s):
    s.merge(s.loops("B")[1], s.loops("C")[1])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((4, 8), "float32"), E: T.Buffer((4, 8), "float32")):
    for i in range(4):
        with T.block("outer"):
            vo = T.axis.spatial(4, i)
            B = T.alloc_buffer((8,))
            C = T.alloc_buffer((8,))
            for j in range(8):
                with T.block("B"):
                    vj = T.axis.spatial(8, j)
                    B[vj] = A[vo, vj] + T.float32(1)
            for j in range(8):
                with T.block("C"):
                    vj = T.axis.spatial(8, j)
                    C[vj] = B[vj] * T.float32(2)
            for j in range(8):
                with T.block("E"):
                    vj = T.axis.spatial(8, j)
                    E[vo, vj] = C[vj] - T.float32(3)
"""
)
def merge_inside_a_block(s):
    s.merge(s.loops("B")[0], s.loops("C")[0])


# Refused.


@cases.add(THREE)
def merge_one_loop(s):
    s.merge(s.loops("B")[-1])


@cases.add(THREE)
def merge_other_depth(s):
    s.merge(s.loops("B")[-1], s.loops("C")[0])


@cases.add(THREE)
def merge_other_extents(s):
    s.split(s.loops("C")[1], [4, 4])
    b, c = s.loops("B"), s.loops("C")
    s.merge(b[1], c[1])


@cases.add(THREE)
def merge_annotated(s):
    b, c = s.loops("B"), s.loops("C")
    s.annotate(c[0], "mark", 1)
    s.merge(b[1], c[1])


@cases.add(THREE)
def merge_bound(s):
    b, c = s.loops("B"), s.loops("C")
    s.bind(b[0], "blockIdx.x")
    s.merge(b[1], c[1])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((4, 8), "float32"), C: T.Buffer((4, 8), "float32")):
    B = T.alloc_buffer((4, 8))
    for i in range(4):
        for j in range(8):
            with T.block("B"):
                vi, vj = T.axis.remap("SS", [i, j])
                B[vi, vj] = A[vi, vj]
        for j in range(8):
            with T.block("B2"):
                vi, vj = T.axis.remap("SS", [i, j])
                B[vi, vj] = B[vi, vj] + T.float32(1)
    for i, j in T.grid(4, 8):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = B[vi, vj]
"""
)
def merge_not_an_only_child(s):
    s.merge(s.loops("B2")[1], s.loops("C")[1])


@cases.add(
    stages(
        ("B", "A[vi] + T.float32(1)"),
        ("C", "A[vi]"),
        ("E", "C[vi] * B[vi]"),
        shape=(7,),
        kinds={("C", 0): "T.serial(1, 8)"},
    ).replace("T.axis.spatial(7, i)\n        C", "T.axis.spatial(7, i - 1)\n        C")
)
def merge_not_from_0(s):
    s.merge(s.loops("B")[0], s.loops("C")[0])


@cases.add(
    """
@T.prim_func
def main(A: T.Buffer((4, 8), "float32"), E: T.Buffer((8,), "float32")):
    B = T.alloc_buffer((8,))
    for j in range(8):
        with T.block("B"):
            vj = T.axis.spatial(8, j)
            B[vj] = A[0, vj]
    for i in range(1):
        with T.block("outer"):
            vo = T.axis.spatial(1, i)
            for j in range(8):
                with T.block("E"):
                    vj = T.axis.spatial(8, j)
                    E[vj] = B[vj] + A[vo, vj]
"""
)
def merge_other_scopes(s):
    s.merge(s.loops("B")[0], s.loops("E")[0])
