# SPDX-License-Identifier: Apache-2.0
"""One call of each primitive on a program of any number of blocks, for either package.

The program is a chain of element-wise blocks with a padded product and a stencil in its middle; a
call works in the middle, so that what grows with the number of blocks is not its own work.
"""

SIZE = 64
MIDDLE = 5  # blocks of their own: pad, mm, relu, sten, sum


def program(blocks):
    """TVMScript, as TVM 0.19 writes it, of a function with so many blocks besides the root."""
    ahead = max((blocks - MIDDLE) // 2, 1)
    behind = max(blocks - MIDDLE - ahead, 1)
    full = f"({SIZE}, {SIZE})"
    x = [f"X{i}" for i in range(ahead)]
    y = [f"Y{i}" for i in range(behind - 1)] + ["OUT"]
    lines = [
        "# from tvm.script import tir as T",
        "@T.prim_func",
        f'def main(A: T.Buffer({full}, "float32"), W: T.Buffer({full}, "float32"), '
        f'OUT: T.Buffer({full}, "float32")):',
        '    T.func_attr({"tir.noalias": T.bool(True)})',
        *(f"    {name} = T.alloc_buffer({full})" for name in [*x, *y[:-1]]),
        *(f"    {name} = T.alloc_buffer({full})" for name in ("P", "C", "R", "Q")),
        f"    S = T.alloc_buffer(({SIZE + 2}, {SIZE}))",
    ]

    def block(name, shape, reads, write, value, kinds="SS", init=None):
        axes = "ijk"[: len(shape)]
        loops = ", ".join(axes)
        lines.extend(
            [
                f"    for {loops} in T.grid({', '.join(map(str, shape))}):",
                f'        with T.block("{name}"):',
                f"            {', '.join('v' + a for a in axes)} = "
                f'T.axis.remap("{kinds}", [{loops}])',
                f"            T.reads({reads})",
                f"            T.writes({write})",
            ]
        )
        if init:
            lines.extend(["            with T.init():", f"                {write} = {init}"])
        lines.append(f"            {write} = {value}")

    def element_wise(name, source, target):
        read, write = f"{source}[vi, vj]", f"{target}[vi, vj]"
        block(name, (SIZE, SIZE), read, write, f"{read} + T.float32(1)")

    for i, (source, target) in enumerate(zip(["A", *x], x)):
        element_wise(f"x{i}", source, target)
    last = f"{x[-1]}[vi, vj]"
    inside = f"T.if_then_else(vj < {SIZE - 4}, {last}, T.float32(0))"
    block("pad", (SIZE, SIZE), last, "P[vi, vj]", inside)
    product = "C[vi, vj] + P[vi, vk] * W[vk, vj]"
    reads = "P[vi, vk], W[vk, vj]"
    block("mm", (SIZE,) * 3, reads, "C[vi, vj]", product, "SSR", "T.float32(0)")
    block("relu", (SIZE, SIZE), "C[vi, vj]", "R[vi, vj]", "T.max(C[vi, vj], T.float32(0))")
    edge = f"R[T.min(vi, {SIZE - 1}), vj]"
    block("sten", (SIZE + 2, SIZE), f"R[0:{SIZE}, vj]", "S[vi, vj]", edge)
    total = "S[vi, vj] + S[vi + 1, vj] + S[vi + 2, vj]"
    block("sum", (SIZE, SIZE), "S[vi:vi + 3, vj]", "Q[vi, vj]", total)
    for i, (source, target) in enumerate(zip(["Q", *y], y)):
        element_wise(f"y{i}", source, target)
    return "\n".join(lines) + "\n"


INTRIN = "add_one_16"


def intrin_text(body):
    """One side of a tensor intrinsic: a row of 16 numbers, one more each."""
    row = '(A: T.Buffer((16,), "float32", offset_factor=1), B: T.Buffer((16,), "float32", '
    head = f"def main{row}offset_factor=1)) -> None:"
    lines = ["# from tvm.script import tir as T", "@T.prim_func", head, '    with T.block("root"):']
    lines += ["        T.reads(A[0:16])", "        T.writes(B[0:16])"]
    return "\n".join(lines + [f"        {line}" for line in body]) + "\n"


DESCRIBED = intrin_text(
    [
        "for i in range(16):",
        '    with T.block("row"):',
        '        vi = T.axis.remap("S", [i])',
        "        B[vi] = A[vi] + T.float32(1)",
    ]
)
IMPLEMENTED = intrin_text(
    ["for i in T.vectorized(16):", "    B[i] = A[i] + T.float32(1)"],
)


def _loop(s, name, at):
    return s.get_loops(s.get_block(name))[at]


def _with_loop(call, name="mm", at=0):
    def case(s):
        loop = _loop(s, name, at)
        return lambda t: call(t, loop)

    return case


def _with_block(call, name="mm"):
    def case(s):
        block = s.get_block(name)
        return lambda t: call(t, block)

    return case


def _with_block_and_loop(call, name, other, at):
    def case(s):
        block, loop = s.get_block(name), _loop(s, other, at)
        return lambda t: call(t, block, loop)

    return case


def _fuse(s):
    first, second, _ = s.get_loops(s.get_block("mm"))
    return lambda t: t.fuse(first, second)


def _reorder(s):
    first, second, third = s.get_loops(s.get_block("mm"))
    return lambda t: t.reorder(third, second, first)


def _merge(s):
    a, b = _loop(s, "y0", 0), _loop(s, "y1", 0)
    return lambda t: t.merge(a, b)


def _unannotate(s):
    block = s.get_block("mm")
    s.annotate(block, "note", 1)
    return lambda t: t.unannotate(block, "note")


def _rolling_buffer(s):
    block = s.get_block("sten")
    s.compute_at(block, _loop(s, "sum", 0))
    return lambda t: t.rolling_buffer(block, 0)


def _tensorize(s):
    inner = s.split(_loop(s, "y0", 1), [4, 16])[1]
    return lambda t: t.tensorize(inner, INTRIN)


# What each primitive is called on: a function that prepares a schedule and gives the call.
CASES = {
    "get_block": lambda s: lambda t: t.get_block("mm"),
    "get_loops": _with_block(lambda t, b: t.get_loops(b)),
    "get_child_blocks": _with_loop(lambda t, x: t.get_child_blocks(x)),
    "get_producers": _with_block(lambda t, b: t.get_producers(b)),
    "get_consumers": _with_block(lambda t, b: t.get_consumers(b)),
    "get_output_blocks": _with_block(lambda t, b: t.get_output_blocks(b), "root"),
    "sample_categorical": lambda s: lambda t: t.sample_categorical([1, 2], [0.5, 0.5]),
    "sample_perfect_tile": _with_loop(lambda t, x: t.sample_perfect_tile(x, 4)),
    "sample_partitioned_tile": _with_loop(lambda t, x: t.sample_partitioned_tile(x, 3, 1, 4)),
    "sample_compute_location": _with_block(lambda t, b: t.sample_compute_location(b), "pad"),
    "split": _with_loop(lambda t, x: t.split(x, [4, 16])),
    "fuse": _fuse,
    "loop_partition": _with_loop(lambda t, x: t.loop_partition(x, [16, None])),
    "merge": _merge,
    "reorder": _reorder,
    "reorder_block_iter_var": _with_block(lambda t, b: t.reorder_block_iter_var(b, [1, 0, 2])),
    "add_unit_loop": _with_block(lambda t, b: t.add_unit_loop(b)),
    "parallel": _with_loop(lambda t, x: t.parallel(x)),
    "vectorize": _with_loop(lambda t, x: t.vectorize(x), at=1),
    "bind": _with_loop(lambda t, x: t.bind(x, "blockIdx.x")),
    "unroll": _with_loop(lambda t, x: t.unroll(x)),
    "cache_read": _with_block(lambda t, b: t.cache_read(b, 0, "local")),
    "cache_write": _with_block(lambda t, b: t.cache_write(b, 0, "local")),
    "reindex_cache_read": _with_block(
        lambda t, b: t.reindex_cache_read(b, 0, "local", lambda i, j, k: (k, i))
    ),
    "reindex_cache_write": _with_block(
        lambda t, b: t.reindex_cache_write(b, 0, "local", lambda i, j, k: (j, i))
    ),
    "cache_index": _with_block(lambda t, b: t.cache_index(b, "global"), "sten"),
    "reindex": _with_block(lambda t, b: t.reindex(b, ("read", 0))),
    "read_at": _with_block_and_loop(lambda t, b, x: t.read_at(x, b, 0, "local"), "mm", "mm", 1),
    "write_at": _with_block_and_loop(lambda t, b, x: t.write_at(x, b, 0, "local"), "mm", "mm", 1),
    "compute_at": _with_block_and_loop(lambda t, b, x: t.compute_at(b, x), "pad", "mm", 0),
    "reverse_compute_at": _with_block_and_loop(
        lambda t, b, x: t.reverse_compute_at(b, x), "relu", "mm", 1
    ),
    "compute_inline": _with_block(lambda t, b: t.compute_inline(b), "pad"),
    "reverse_compute_inline": _with_block(lambda t, b: t.reverse_compute_inline(b), "y1"),
    "decompose_reduction": _with_block_and_loop(
        lambda t, b, x: t.decompose_reduction(b, x), "mm", "mm", 2
    ),
    "rfactor": _with_loop(lambda t, x: t.rfactor(x, 0), at=2),
    "blockize": _with_loop(lambda t, x: t.blockize(x), at=1),
    "tensorize": _tensorize,
    "set_scope": _with_block(lambda t, b: t.set_scope(b, 0, "local")),
    "storage_align": _with_block(lambda t, b: t.storage_align(b, 0, 0, 32, 8)),
    "unsafe_set_dtype": _with_block(lambda t, b: t.unsafe_set_dtype(b, 0, "float16")),
    "transform_layout": _with_block(
        lambda t, b: t.transform_layout(b, ("write", 0), lambda i, j: (j, i))
    ),
    "transform_block_layout": _with_block(
        lambda t, b: t.transform_block_layout(b, lambda i, j: (i * SIZE + j,)), "y0"
    ),
    "set_axis_separator": _with_block(lambda t, b: t.set_axis_separator(b, ("write", 0), [1])),
    "decompose_padding": _with_block_and_loop(
        lambda t, b, x: t.decompose_padding(b, x), "pad", "pad", 0
    ),
    "pad_einsum": _with_block(lambda t, b: t.pad_einsum(b, [48, 48, 48])),
    "rolling_buffer": _rolling_buffer,
    "unsafe_hide_buffer_access": _with_block(
        lambda t, b: t.unsafe_hide_buffer_access(b, "read", [0])
    ),
    "annotate_buffer_access": _with_block(
        lambda t, b: t.annotate_buffer_access(b, 0, "read", lambda i, j: ((i, i + 1), (j, j + 1))),
        "y0",
    ),
    "annotate": _with_block(lambda t, b: t.annotate(b, "note", 1)),
    "unannotate": _unannotate,
    "enter_postproc": lambda s: lambda t: t.enter_postproc(),
}
