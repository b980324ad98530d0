# SPDX-License-Identifier: Apache-2.0
"""A trace that was found for one program, on programs with the same matmul and other blocks."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.script import from_source
from metaschedule.trace_apply import schedule_using_anchor_trace

TARGET = ms.target.Target("llvm -num-cores 2")
HEAD = """
@T.prim_func
def main(A: T.Buffer((32, 32)), B: T.Buffer((32, 32)), D: T.Buffer((32, 32))):
    T.func_attr({"tir.noalias": T.bool(True)})
"""
MATMUL = """
    for i, j, k in T.grid(32, 32, 32):
        with T.block("C"):
            v_i, v_j, v_k = T.axis.remap("SSR", [i, j, k])
            with T.init():
                %(out)s[v_i, v_j] = T.float32(0)
            %(out)s[v_i, v_j] = %(out)s[v_i, v_j] + %(left)s[v_i, v_k] * B[v_k, v_j]
"""


def alloc(*names):
    return "".join(f"    {name} = T.alloc_buffer((32, 32))\n" for name in names)


def each(name, out, value):
    return f"""
    for i, j in T.grid(32, 32):
        with T.block("{name}"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            {out}[v_i, v_j] = {value}
"""


def program(*parts):
    return ms.ir.IRModule.from_expr(from_source(HEAD + "".join(parts)))


PLUS_ONE = program(
    alloc("C"),
    MATMUL % {"out": "C", "left": "A"},
    each("plus", "D", "C[v_i, v_j] + T.float32(1)"),
)
# Two blocks behind: the first goes into the second.
RELU_OF_SUM = program(
    alloc("C", "S"),
    MATMUL % {"out": "C", "left": "A"},
    each("sum", "S", "C[v_i, v_j] + A[v_i, v_j]"),
    each("relu", "D", "T.max(S[v_i, v_j], T.float32(0))"),
)
ALONE = program(MATMUL % {"out": "D", "left": "A"})
# A block before, which the trace does not know.
DOUBLED = program(
    alloc("C", "A2"),
    each("double", "A2", "A[v_i, v_j] * T.float32(2)"),
    MATMUL % {"out": "C", "left": "A2"},
    each("plus", "D", "C[v_i, v_j] + T.float32(1)"),
)


def tuned():
    """The trace of a schedule of PLUS_ONE, its sums computed below the rows of the outputs."""
    sch = ms.tir.Schedule(PLUS_ONE, seed=1)
    block = sch.get_block("C")
    (last,) = sch.get_consumers(block)
    i, j, k = sch.get_loops(block)
    outer, inner = sch.split(i, sch.sample_perfect_tile(i, n=2, decision=[8, 4]))
    sch.reorder(outer, k, inner, j)
    sch.reverse_compute_at(last, outer)
    sch.parallel(outer)
    sch.vectorize(j)
    return sch.trace.simplified(remove_postproc=True)


def run(mod):
    rng = np.random.RandomState(0)
    a, b = (rng.rand(32, 32).astype("float32") - 0.5 for _ in range(2))
    args = [ms.runtime.array(x) for x in (a, b, np.zeros((32, 32), "float32"))]
    ms.runtime.build(mod, TARGET)(*args)
    return a, b, args[2].numpy()


def blocks(sch):
    """The loops over each block but the root, by name."""
    root = sch.get_block("root")
    return {
        sch.get(b).name_hint: [sch.get(loop) for loop in sch.get_loops(b)]
        for b in sch.get_child_blocks(root)
    }


def test_blocks_behind_the_anchor_are_inlined_and_the_trace_runs():
    sch = ms.tir.Schedule(RELU_OF_SUM)
    schedule_using_anchor_trace(sch, tuned(), TARGET)
    found = blocks(sch)
    assert list(found) == ["C", "relu"]
    assert found["C"][0].kind == ms.tir.ForKind.PARALLEL
    assert found["relu"][0].same_as(found["C"][0]), "computed below the same rows"
    a, b, d = run(sch.mod)
    np.testing.assert_allclose(d, np.maximum(a @ b + a, 0), rtol=1e-4, atol=1e-5)


def test_a_block_that_the_trace_leaves_alone_runs_in_parallel():
    sch = ms.tir.Schedule(DOUBLED)
    schedule_using_anchor_trace(sch, tuned(), TARGET)
    found = blocks(sch)
    assert list(found) == ["double", "C", "plus"]
    assert [loop.kind for loop in found["double"]] == [ms.tir.ForKind.PARALLEL]
    a, b, d = run(sch.mod)
    np.testing.assert_allclose(d, 2 * a @ b + 1, rtol=1e-4, atol=1e-5)


def test_steps_about_blocks_that_are_not_there_are_left_out():
    sch = ms.tir.Schedule(PLUS_ONE, seed=1)
    plus, block = sch.get_block("plus"), sch.get_block("C")
    i, _ = sch.get_loops(plus)
    sch.vectorize(sch.get_loops(plus)[1])
    sch.split(i, sch.sample_perfect_tile(i, n=2))
    sch.parallel(sch.get_loops(block)[0])
    other = ms.tir.Schedule(ALONE)
    schedule_using_anchor_trace(other, sch.trace.simplified(remove_postproc=True), TARGET)
    assert blocks(other)["C"][0].kind == ms.tir.ForKind.PARALLEL
    text = str(other.trace)
    assert "vectorize" not in text and "sample_perfect_tile" not in text


def test_a_number_of_a_step_that_was_left_out_is_missed():
    sch = ms.tir.Schedule(PLUS_ONE, seed=1)
    i, _ = sch.get_loops(sch.get_block("plus"))
    factors = sch.sample_perfect_tile(i, n=2)
    sch.split(sch.get_loops(sch.get_block("C"))[0], factors)
    other = ms.tir.Schedule(ALONE)
    with pytest.raises(IndexError, match="Split needs a number"):
        schedule_using_anchor_trace(other, sch.trace, TARGET)


def test_inlining_goes_the_other_way_where_it_has_to():
    sch = ms.tir.Schedule(RELU_OF_SUM)
    sch.compute_inline(sch.get_block("sum"))
    sch.parallel(sch.get_loops(sch.get_block("C"))[0])
    ends_with_sum = program(
        alloc("C", "S"),
        MATMUL % {"out": "C", "left": "A"},
        each("relu", "S", "T.max(C[v_i, v_j], T.float32(0))"),
        each("sum", "D", "S[v_i, v_j] + A[v_i, v_j]"),
    )
    other = ms.tir.Schedule(ends_with_sum)
    schedule_using_anchor_trace(other, sch.trace, TARGET)
    assert list(blocks(other)) == ["C", "relu"] or list(blocks(other)) == ["C", "sum"]
    a, b, d = run(other.mod)
    np.testing.assert_allclose(d, np.maximum(a @ b, 0) + a, rtol=1e-4, atol=1e-5)


def test_an_error_leaves_the_schedule_as_it_was():
    sch = ms.tir.Schedule(ALONE)
    before = sch.mod.script()
    with pytest.raises(ValueError, match="GetConsumers: expected 1 outputs"):
        schedule_using_anchor_trace(sch, tuned(), TARGET)
    assert sch.mod.script() == before and len(sch.trace) == 0

    twice = program(
        alloc("C", "A2", "A3"),
        each("double", "A2", "A[v_i, v_j] * T.float32(2)"),
        each("again", "A3", "A2[v_i, v_j] * T.float32(2)"),
        MATMUL % {"out": "C", "left": "A3"},
        each("plus", "D", "C[v_i, v_j] + T.float32(1)"),
    )
    sch = ms.tir.Schedule(twice)
    with pytest.raises(ValueError, match="at most one block.*again, double"):
        schedule_using_anchor_trace(sch, tuned(), TARGET)
    with pytest.raises(ValueError, match="no default rules"):
        schedule_using_anchor_trace(sch, tuned(), "webgpu")
    assert ms.ir.structural_equal(sch.mod, twice)


def test_on_a_gpu_what_is_left_is_bound_to_threads():
    target = ms.target.Target("nvidia/geforce-rtx-3080")
    sch = ms.tir.Schedule(PLUS_ONE, seed=1)
    sch.parallel(sch.get_loops(sch.get_block("C"))[0])
    for block in ("C", "plus"):
        sch.annotate(sch.get_block(block), "seen", 1)
    trace = sch.trace.simplified(remove_postproc=True)
    other = ms.tir.Schedule(DOUBLED, seed=1)
    with pytest.raises(ValueError, match="at most one block.*double, plus"):
        schedule_using_anchor_trace(other, trace, target)
    sch = ms.tir.Schedule(ALONE, seed=1)
    sch.parallel(sch.get_loops(sch.get_block("C"))[0])
    before = program(
        alloc("A2"),
        each("double", "A2", "A[v_i, v_j] * T.float32(2)"),
        MATMUL % {"out": "D", "left": "A2"},
    )
    other = ms.tir.Schedule(before, seed=1)
    schedule_using_anchor_trace(other, sch.trace, target)
    tags = [loop.thread_binding.thread_tag for loop in blocks(other)["double"]]
    assert tags == ["blockIdx.x", "threadIdx.x"]
