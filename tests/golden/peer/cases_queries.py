# SPDX-License-Identifier: Apache-2.0
"""Cases of get_output_blocks and enter_postproc."""

from cases import Cases
from intrins import needs
from programs import matmul

cases = Cases()

# ---- get_output_blocks

TWO_OUTPUTS = """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), D: T.Buffer((8, 16), "float32"),
         E: T.Buffer((8, 16), "float32")):
    B = T.alloc_buffer((8, 16))
    for i, j in T.grid(8, 16):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(8, 16):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = B[vi, vj] * T.float32(2)
    for i, j in T.grid(8, 16):
        with T.block("E"):
            vi, vj = T.axis.remap("SS", [i, j])
            E[vi, vj] = B[vi, vj] - T.float32(3)
"""
NESTED = """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), E: T.Buffer((8, 16), "float32")):
    B = T.alloc_buffer((8, 16))
    for i in range(8):
        with T.block("outer"):
            vi = T.axis.spatial(8, i)
            C = T.alloc_buffer((16,))
            for j in range(16):
                with T.block("C"):
                    vj = T.axis.spatial(16, j)
                    C[vj] = A[vi, vj] + T.float32(1)
            for j in range(16):
                with T.block("B"):
                    vj = T.axis.spatial(16, j)
                    B[vi, vj] = C[vj] * T.float32(2)
    for i, j in T.grid(8, 16):
        with T.block("E"):
            vi, vj = T.axis.remap("SS", [i, j])
            E[vi, vj] = B[vi, vj] - T.float32(3)
"""


@cases.add(TWO_OUTPUTS)
def get_output_blocks_of_the_root(s):
    s.get_output_blocks(s.block("root"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_after_inlining(s):
    s.compute_inline(s.block("B"))
    s.get_output_blocks(s.block("root"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_after_cache_write(s):
    s.cache_write(s.block("D"), 0, "local")
    s.get_output_blocks(s.block("root"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_then_schedule_them(s):
    for block in s.get_output_blocks(s.block("root")):
        s.vectorize(s.get_loops(block)[1])


@cases.add(matmul(8, 8, 8))
def get_output_blocks_of_a_reduction(s):
    s.decompose_reduction(s.block("C"), s.loops("C")[2])
    s.get_output_blocks(s.block("root"))


@cases.add(matmul(8, 8, 8))
def get_output_blocks_after_blockize(s):
    s.blockize(s.loops("C")[1])
    s.get_output_blocks(s.block("root"))


@cases.add(NESTED)
def get_output_blocks_of_nested_ones(s):
    s.get_output_blocks(s.block("root"))
    s.get_output_blocks(s.block("outer"))


@cases.add(NESTED)
def get_output_blocks_of_a_leaf(s):
    s.get_output_blocks(s.block("C"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_after_moving(s):
    s.reverse_compute_at(s.block("D"), s.loops("B")[0])
    s.get_output_blocks(s.block("root"))


@cases.add(matmul(8, 8, 8))
def get_output_blocks_after_rfactor(s):
    s.rfactor(s.loops("C")[2], 0)
    s.get_output_blocks(s.block("root"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_in_one_nest(s):
    block = s.block("B")
    s.reverse_compute_at(s.block("D"), s.loops("B")[1])
    s.reverse_compute_at(s.block("E"), s.loops("B")[1])
    s.get_output_blocks(block)
    s.get_output_blocks(s.block("root"))


@cases.add(TWO_OUTPUTS)
def get_output_blocks_of_one_that_is_gone(s):
    block = s.block("B")
    s.compute_inline(block)
    s.get_output_blocks(block)


# ---- enter_postproc


@cases.add(TWO_OUTPUTS)
def enter_postproc_between(s):
    i, j = s.loops("D")
    s.split(i, [2, 4])
    s.enter_postproc()
    s.parallel(s.loops("D")[0])
    s.vectorize(j)


@cases.add(TWO_OUTPUTS)
def enter_postproc_first(s):
    s.enter_postproc()
    s.compute_inline(s.block("B"))


@cases.add(TWO_OUTPUTS)
def enter_postproc_last(s):
    s.fuse(*s.loops("E"))
    s.enter_postproc()


@cases.add(TWO_OUTPUTS)
def enter_postproc_twice(s):
    s.enter_postproc()
    s.unroll(s.loops("E")[0])
    s.enter_postproc()
    s.unroll(s.loops("D")[0])


@cases.add(NESTED)
def enter_postproc_after_queries(s):
    s.get_output_blocks(s.block("outer"))
    s.enter_postproc()
    s.annotate(s.block("E"), "mark", 1)


@cases.add(matmul(8, 12, 16))
def enter_postproc_after_sampling(s):
    i, j, k = s.loops("C")
    s.split(i, s.sample_perfect_tile(i, 3, 4, decision=[2, 2, 2]))
    s.annotate(
        s.block("C"), "unroll", s.sample_categorical([0, 16, 64], [0.25, 0.25, 0.5], decision=2)
    )
    s.enter_postproc()
    s.decompose_reduction(s.block("C"), k)


@cases.add(matmul(8, 12, 16))
def enter_postproc_alone(s):
    s.enter_postproc()


@cases.add(NESTED)
def enter_postproc_between_blocks(s):
    s.blockize(s.loops("E")[1])
    s.enter_postproc()
    s.cache_read(s.block("E"), 0, "local")


@cases.add(matmul(8, 12, 16), intrins=needs("fill"))
def enter_postproc_before_tensorize(s):
    init = s.decompose_reduction(s.block("C"), s.loops("C")[0])
    i, j = s.get_loops(init)
    (_, ii), (jo, _) = s.split(i, [None, 4]), s.split(j, [None, 4])
    s.reorder(jo, ii)
    s.enter_postproc()
    s.tensorize(ii, "peer.fill")


@cases.add(TWO_OUTPUTS)
def enter_postproc_before_layouts(s):
    s.transform_layout(s.block("B"), ("write", 0), lambda i, j: (j // 4, i, j % 4))
    s.enter_postproc()
    s.transform_block_layout(s.block("E"), lambda i, j: (i * 16 + j,))
