# SPDX-License-Identifier: Apache-2.0
"""Cases of tensorize, with intrinsics of ours that the peer knows by our names."""

from cases import Cases
from intrins import needs
from programs import BATCH, CONV, ROW_MAX, ROWS, matmul, tile

cases = Cases()


@cases.add(matmul(8, 16, 16, b="vj, vk"), intrins=needs("dot"))
def tensorize_dot(s):
    outer, inner = tile(s, "C", j=8, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.dot")


@cases.add(matmul(8, 16, 16, b="vj, vk"), intrins=needs("dot"))
def tensorize_dot_without_unit_iterators(s):
    outer, inner = tile(s, "C", j=8, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.dot", preserve_unit_iters=False)


@cases.add(matmul(1, 8, 4, b="vj, vk"), intrins=needs("dot"))
def tensorize_dot_all_at_once(s):
    _, j, k = s.loops("C")
    s.decompose_reduction(s.block("C"), j)
    s.tensorize(s.loops("C_update")[1], "peer.dot")


@cases.add(matmul(8, 16, 16, b="vj, vk"), intrins=needs("dot"))
def tensorize_dot_by_block(s):
    outer, inner = tile(s, "C", j=8, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    block = s.blockize(inner[0])
    s.tensorize(block, "peer.dot")


@cases.add(matmul(8, 12, 16), intrins=needs("gemm"))
def tensorize_gemm(s):
    outer, inner = tile(s, "C", i=4, j=4, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.gemm")


@cases.add(matmul(8, 12, 16), intrins=needs("gemm", "fill"))
def tensorize_gemm_and_its_init(s):
    outer, inner = tile(s, "C", i=4, j=4, k=4)
    block = s.blockize(inner[0])
    init = s.decompose_reduction(block, outer[-1])
    s.tensorize(block, "peer.gemm")
    s.tensorize(init, "peer.fill")


@cases.add(matmul(8, 12, 16), intrins=needs("gemm"))
def tensorize_gemm_then_go_on(s):
    outer, inner = tile(s, "C", i=4, j=4, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.gemm")
    s.unroll(outer[2])
    s.fuse(*outer[:2])


@cases.add(matmul(8, 12, 16), intrins=needs("gemm"))
def tensorize_gemm_annotated(s):
    outer, inner = tile(s, "C", i=4, j=4, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    block = s.blockize(inner[0])
    s.annotate(block, "mark", 7)
    s.tensorize(block, "peer.gemm")


@cases.add(BATCH, intrins=needs("gemm"))
def tensorize_batch_gemm(s):
    b, i, j, k = s.loops("C")
    io, ii = s.split(i, [None, 4])
    jo, ji = s.split(j, [None, 4])
    ko, ki = s.split(k, [None, 4])
    s.reorder(b, io, jo, ko, ii, ji, ki)
    s.decompose_reduction(s.block("C"), ko)
    s.tensorize(ii, "peer.gemm")


@cases.add(CONV, intrins=needs("gemm"))
def tensorize_conv(s):
    n, h, o, kh, c = s.loops("Y")
    ho, hi = s.split(h, [None, 4])
    co, ci = s.split(c, [None, 4])
    s.reorder(n, ho, kh, co, hi, o, ci)
    s.decompose_reduction(s.block("Y"), kh)
    s.tensorize(hi, "peer.gemm")


@cases.add(ROW_MAX, intrins=needs("max"))
def tensorize_max(s):
    i, k = s.loops("C")
    ko, ki = s.split(k, [None, 8])
    s.decompose_reduction(s.block("C"), ko)
    s.tensorize(ki, "peer.max")


@cases.add(ROWS, intrins=needs("load"))
def tensorize_load(s):
    copy = s.cache_read(s.block("C"), 0, "shared")
    _, j = s.get_loops(copy)
    _, inner = s.split(j, [None, 16])
    s.tensorize(inner, "peer.load")


@cases.add(ROWS, intrins=needs("load", "store"))
def tensorize_load_and_store(s):
    read = s.cache_read(s.block("C"), 0, "shared")
    write = s.cache_write(s.block("C"), 0, "local")
    for block, name in [(read, "load"), (write, "store")]:
        _, inner = s.split(s.get_loops(block)[1], [None, 16])
        s.tensorize(inner, f"peer.{name}")


@cases.add(ROWS, intrins=needs("load"))
def tensorize_load_in_a_tile(s):
    i, j = s.loops("C")
    jo, _ = s.split(j, [None, 16])
    copy = s.cache_read(s.block("C"), 0, "shared")
    s.compute_at(copy, jo)
    s.tensorize(s.get_loops(copy)[-1], "peer.load")


@cases.add(matmul(8, 12, 16), intrins=needs("fill"))
def tensorize_fill(s):
    init = s.decompose_reduction(s.block("C"), s.loops("C")[0])
    i, j = s.get_loops(init)
    io, ii = s.split(i, [None, 4])
    jo, ji = s.split(j, [None, 4])
    s.reorder(io, jo, ii, ji)
    s.tensorize(ii, "peer.fill")


# Refused.


@cases.add(matmul(8, 16, 16, b="vj, vk"), intrins=needs("dot"))
def tensorize_not_decomposed(s):
    _, inner = tile(s, "C", j=8, k=4)
    s.tensorize(inner[0], "peer.dot")


@cases.add(matmul(8, 16, 16, b="vj, vk"), intrins=needs("dot"))
def tensorize_other_extent(s):
    outer, inner = tile(s, "C", j=4, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.dot")


@cases.add(matmul(8, 16, 16), intrins=needs("dot"))
def tensorize_other_indices(s):
    outer, inner = tile(s, "C", j=8, k=4)
    s.decompose_reduction(s.block("C"), outer[-1])
    s.tensorize(inner[0], "peer.dot")


@cases.add(ROWS, intrins=needs("load"))
def tensorize_other_scope(s):
    copy = s.cache_read(s.block("C"), 0, "local")
    _, inner = s.split(s.get_loops(copy)[1], [None, 16])
    s.tensorize(inner, "peer.load")


@cases.add(ROWS, intrins=needs("load"))
def tensorize_other_body(s):
    _, inner = s.split(s.loops("C")[1], [None, 16])
    s.tensorize(inner, "peer.load")


@cases.add(ROWS)
def tensorize_unknown(s):
    s.tensorize(s.loops("C")[1], "peer.nothing")


@cases.add(matmul(10, 12, 16), intrins=needs("gemm"))
def tensorize_remainder(s):
    outer, inner = tile(s, "C", i=4, j=4, k=4)
    s.tensorize(inner[0], "peer.gemm")
