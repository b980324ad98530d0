# SPDX-License-Identifier: Apache-2.0
"""Statements and index maps made from Python."""

import metaschedule as ms
import pytest
from metaschedule import tir
from metaschedule.script import from_source
from programs import matmul


def copied(stmt):
    """The statement, made anew from its fields by the constructors."""
    if isinstance(stmt, tir.SeqStmt):
        return tir.SeqStmt([copied(item) for item in stmt.seq])
    if isinstance(stmt, tir.BlockRealize):
        return tir.BlockRealize(stmt.iter_values, stmt.predicate, copied(stmt.block))
    if isinstance(stmt, tir.Block):
        return tir.Block(
            stmt.iter_vars,
            stmt.reads,
            stmt.writes,
            stmt.name_hint,
            copied(stmt.body),
            None if stmt.init is None else copied(stmt.init),
            stmt.alloc_buffers,
            [tir.MatchBufferRegion(m.buffer, m.source) for m in stmt.match_buffers],
            stmt.annotations,
        )
    if isinstance(stmt, tir.For):
        return tir.For(
            loop_var=stmt.loop_var,
            min=stmt.min,
            extent=stmt.extent,
            kind=stmt.kind,
            body=copied(stmt.body),
            thread_binding=stmt.thread_binding,
            annotations=stmt.annotations,
        )
    if isinstance(stmt, tir.IfThenElse):
        other = None if stmt.else_case is None else copied(stmt.else_case)
        return tir.IfThenElse(stmt.condition, copied(stmt.then_case), other)
    if isinstance(stmt, tir.BufferStore):
        return tir.BufferStore(stmt.buffer, stmt.value, stmt.indices)
    if isinstance(stmt, tir.LetStmt):
        return tir.LetStmt(stmt.var, stmt.value, copied(stmt.body))
    if isinstance(stmt, tir.AttrStmt):
        return tir.AttrStmt(stmt.node, stmt.attr_key, stmt.value, copied(stmt.body))
    if isinstance(stmt, tir.AssertStmt):
        return tir.AssertStmt(stmt.condition, stmt.message, copied(stmt.body))
    if isinstance(stmt, tir.While):
        return tir.While(stmt.condition, copied(stmt.body))
    assert isinstance(stmt, tir.Evaluate)
    return tir.Evaluate(stmt.value)


MANY = """
@T.prim_func
def main(A: T.Buffer((8,)), B: T.Buffer((8, 8))):
    for i in T.thread_binding(8, thread="threadIdx.x", annotations={"note": 1}):
        with T.block("b"):
            v = T.axis.spatial(8, i)
            T.where(i < 7)
            M = T.match_buffer(B[v, 0:8], (8,), offset_factor=1)
            T.block_attr({"key": [1, 2]})
            if v < 3:
                M[v] = A[v]
            else:
                T.evaluate(v)
    x: T.int32 = 3
    T.attr(x, "mark", 1)
    assert x > 2, "small"
    while x < 3:
        A[0] = A[0] + T.float32(1)
"""


@pytest.mark.parametrize("func", [matmul(), from_source(MANY)], ids=["matmul", "many"])
def test_programs_can_be_made_of_their_parts(func):
    made = func.with_body(copied(func.body))
    assert ms.ir.structural_equal(made, func) and made.script() == func.script()
    assert not made.body.same_as(func.body)


def test_sequences_are_spliced():
    a, b, c = (tir.Evaluate(n) for n in (1, 2, 3))
    seq = tir.SeqStmt([a, tir.SeqStmt([b, c])])
    assert len(seq) == 3 and seq[2].same_as(c) and tir.stmt_list(seq) == [a, b, c]
    assert tir.SeqStmt([a]).same_as(a) and tir.stmt_list(a) == [a]
    assert [s.value.value for s in tir.stmt_seq(a, tir.IntImm("int32", 5)).seq] == [1, 5]


def test_malformed_statements_are_refused():
    var = tir.Var("i", "int32")
    with pytest.raises(TypeError, match="expected a statement, found None"):
        tir.For(var, 0, 8, tir.ForKind.SERIAL, None)
    with pytest.raises(ValueError, match="kind"):
        tir.For(var, 0, 8, 9, tir.Evaluate(0))
    block = matmul().body.block.body.body.body.body.block
    with pytest.raises(ValueError, match="expected 3 values for the axes of block C, found 1"):
        tir.BlockRealize([var], True, block)


def test_index_maps_map_and_invert():
    tiles = tir.IndexMap.from_func(lambda i: (i // 4, i % 4), index_dtype="int32")
    assert [int(n) for n in tiles.map_indices([11])] == [2, 3]
    assert [int(n) for n in tiles.map_shape([16])] == [4, 4]
    back = tir.IndexMap.from_func(lambda i, j: (i * 4 + j,), index_dtype="int32")
    assert tiles.inverse([16]).is_equivalent_to(back)
    assert not tiles.is_equivalent_to(back)
    inverse, outside = tiles.non_surjective_inverse([14])
    assert inverse.is_equivalent_to(back) and "3" in str(outside)
    with pytest.raises(ValueError):
        tir.IndexMap.from_func(lambda i: (i // 4,), index_dtype="int32").inverse([16])
