# SPDX-License-Identifier: Apache-2.0
"""Nodes as Python objects: classes, attributes, operators, identity, conversions, errors."""

import gc
import re
import subprocess
import sys
from pathlib import Path

import metaschedule as ms
import pytest
from metaschedule import ir, te, tir
from programs import matmul


def test_nodes_have_the_class_of_their_kind_and_read_only_fields():
    x = tir.Var("x", "int32")
    e = x + 1
    assert isinstance(e, tir.Add) and isinstance(e, tir.PrimExpr)
    assert e.dtype == "int32" and e.b.value == 1 and e.a.same_as(x)
    with pytest.raises(AttributeError):
        e.dtype = "int64"
    with pytest.raises(AttributeError):
        _ = e.no_such_field


def test_operators_fold_and_match_types():
    x, h = tir.Var("x", "int32"), tir.Var("h", "float16")
    assert (x + 0).same_as(x)
    assert (x * 0).value == 0
    assert (h + 1).dtype == "float16"
    assert (h + 1.0).dtype == "float32"
    assert (7 // tir.const(-2)).value == -4
    with pytest.raises(RuntimeError, match="integer divisions"):
        _ = x / 2
    with pytest.raises(ValueError, match="Cannot use and"):
        bool(x + 1)


def test_comparison_is_identity_until_an_expression_is_needed():
    x, y = tir.Var("x", "int32"), tir.Var("x", "int32")
    assert x == x and x != y
    assert isinstance(tir.all(x == y, x < 3), tir.And)
    assert len({x, y, x}) == 2


@pytest.mark.parametrize("dtype, value", [("int8", 128), ("uint8", -1), ("float16", 1e6)])
def test_literals_outside_their_type_are_refused(dtype, value):
    make = tir.FloatImm if dtype.startswith("float") else tir.IntImm
    with pytest.raises(ValueError, match=dtype) as info:
        make(dtype, value)
    assert isinstance(info.value, ms.TVMError)


def test_structural_equality_ignores_names():
    x, y = tir.Var("x", "int32"), tir.Var("y", "int32")
    assert not ir.structural_equal(x + 1, y + 1)
    assert ir.structural_equal(x + 1, y + 1, map_free_vars=True)
    assert ir.structural_hash(x + 1, True) == ir.structural_hash(y + 1, True)


def test_tensor_expressions_build_reductions():
    a = te.placeholder((4, 8), name="A")
    k = te.reduce_axis((0, 8), "k")
    b = te.compute((4,), lambda i: te.sum(a[i, k], axis=k), name="B")
    assert b.op.axis[0].var.name == "i" and b.op.reduce_axis[0].var.name == "k"
    assert isinstance(b.op.body[0], tir.Reduce)
    assert b == b.op.output(0) and a != b
    with pytest.raises(ValueError, match="top of an expression"):
        te.compute((4,), lambda i: te.sum(a[i, k], axis=k) + 1.0)
    with pytest.raises(ValueError, match="2 dimensions"):
        a(k)


def test_tensor_expressions_become_functions():
    a = te.placeholder((4, 8), name="A")
    k = te.reduce_axis((0, 8), "k")
    b = te.compute((4,), lambda i: te.sum(a[i, k], axis=k), name="B")
    func = te.create_prim_func([a, b])
    assert [buffer.name for buffer in func.buffer_map.values()] == ["A", "B"]
    wide = te.create_prim_func([a, b], index_dtype_override="int64")
    assert [b.shape[0].dtype for b in wide.buffer_map.values()] == ["int64", "int64"]


def test_index_maps_take_the_names_of_the_function():
    m = tir.IndexMap.from_func(lambda i, j: (i, j // 4, j % 4))
    assert [v.name for v in m.initial_indices] == ["i", "j"]
    assert len(m.final_indices) == 3 and m.final_indices[1].dtype == "int64"


def test_a_node_lives_as_long_as_something_holds_it():
    inner = (tir.Var("x", "int32") + 1) * 2
    a = inner.a
    del inner
    gc.collect()
    assert a.b.value == 1


def test_import_loads_neither_numpy_nor_llvm():
    code = (
        "import sys, metaschedule; assert 'numpy' not in sys.modules;"
        "maps = open('/proc/self/maps').read(); assert 'LLVM' not in maps"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_about_programs_names_every_kind_of_node():
    text = (Path(__file__).parents[2] / "include/metaschedule/ir/node.h").read_text()
    kinds = re.findall(r"^  X\((\w+), \"", text, re.M)
    page = (Path(__file__).parents[2] / "docs/programs.md").read_text()
    assert len(kinds) > 70
    assert [kind for kind in kinds if f"`{kind}`" not in page] == []


def test_json_is_the_node_again():
    func = matmul()
    assert ir.structural_equal(ir.load_json(ir.save_json(func)), func)


def test_a_program_is_built_node_by_node():
    n = 8
    a, b = tir.decl_buffer((n,), "float32", name="A"), tir.decl_buffer((n,), "float32", name="B")
    pa, pb = tir.Var("a", "handle"), tir.Var("b", "handle")
    i, vi = tir.Var("i", "int32"), tir.Var("vi", "int32")
    axis = tir.IterVar(ir.Range(0, n), vi, tir.IterVar.DataPar)
    block = tir.Block(
        [axis],
        [tir.BufferRegion(a, [ir.Range.from_min_extent(vi, 1)])],
        [tir.BufferRegion(b, [ir.Range.from_min_extent(vi, 1)])],
        "B",
        tir.BufferStore(b, a[vi] + 1.0, [vi]),
    )
    loop = tir.For(i, 0, n, tir.ForKind.SERIAL, tir.BlockRealize([i], True, block))
    root = tir.BlockRealize([], True, tir.Block([], [], [], "root", loop))
    func = tir.PrimFunc([pa, pb], root, buffer_map={pa: a, pb: b})
    text = """
@T.prim_func
def main(A: T.Buffer((8,), "float32"), B: T.Buffer((8,), "float32")):
    for i in range(8):
        with T.block("B"):
            vi = T.axis.spatial(8, i)
            B[vi] = A[vi] + T.float32(1)
"""
    wanted = ms.script.from_source(text).without_attr("global_symbol")
    ir.assert_structural_equal(func, wanted)
    sch = tir.Schedule(func)
    sch.split(sch.get_loops("B")[0], [2, None])
