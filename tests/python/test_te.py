# SPDX-License-Identifier: Apache-2.0
"""External operations, tags, and what operations say about themselves."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import runtime, te, tir
from metaschedule.script import tir as T
from metaschedule.testing import requires_llvm


def call_of(name):
    return lambda ins, outs: tir.call_packed(name, *ins, *outs)


def test_an_external_operation_alone_is_the_root_block():
    a = te.placeholder((16, 16), name="A")
    c = te.extern((16, 16), [a], call_of("f"), name="ex")
    text = te.create_prim_func([a, c]).script()
    assert "A = T.match_buffer(var_A, (16, 16), offset_factor=1)" in text
    assert "ex = T.match_buffer(var_ex, (16, 16), offset_factor=1)" in text
    assert 'with T.block("ex"):' in text
    assert "T.call_packed(" in text
    assert "T.reads()" in text


def test_several_outputs_have_tensors_of_their_own():
    a = te.placeholder((8,), name="A")
    two = te.extern([(8,), (4,)], [a], call_of("f"), name="two", dtype=["float32", "int32"])
    assert [(t.name, t.dtype, [int(n) for n in t.shape]) for t in two] == [
        ("two.v0", "float32", [8]),
        ("two.v1", "int32", [4]),
    ]
    func = te.create_prim_func([a, *two])
    assert [p.name for p in func.params] == ["var_A", "var_two.v0", "var_two.v1"]
    assert two[0].op.num_outputs == 2
    assert two[0].op.input_tensors == [a]


def test_an_external_operation_reads_a_computed_tensor_through_its_buffer():
    a = te.placeholder((8,), name="A")
    b = te.compute((8,), lambda i: a[i] + 1, name="B")
    c = te.extern((8,), [b], call_of("f"), name="C")
    func = te.create_prim_func([a, c])
    assert tir.analysis.verify_well_formed(func)
    assert "B.data" in func.script()


def test_the_type_of_an_external_operation_must_be_known():
    a, b = te.placeholder((4,), "int8"), te.placeholder((4,), "float32")
    with pytest.raises(ValueError, match="Cannot infer output type"):
        te.extern((4,), [a, b], call_of("f"))
    with pytest.raises(ValueError, match="should return PrimExpr or Stmt"):
        te.extern((4,), [a], lambda ins, outs: 3)
    with pytest.raises(ValueError, match="2 shapes, but 1 dtypes"):
        te.extern([(4,), (4,)], [a], call_of("f"), dtype=["int8"])


@T.prim_func
def doubled(X: T.Buffer((8,)), Y: T.Buffer((8,))):
    for i in range(8):
        with T.block("double"):
            v = T.axis.spatial(8, i)
            Y[v] = X[v] * T.float32(2)


@requires_llvm
def test_a_function_can_be_an_operation():
    a = te.placeholder((8,), name="A")
    b = te.compute((8,), lambda i: a[i] + 1, name="B")
    c = te.extern_primfunc([b], doubled)
    d = te.compute((8,), lambda i: c[i] + 1, name="D")
    out = runtime.empty((8,))
    runtime.build(te.create_prim_func([a, d]))(np.arange(8, dtype="float32"), out)
    np.testing.assert_array_equal(out.numpy(), (np.arange(8) + 1) * 2 + 1)


def test_a_function_must_fit_the_tensors():
    with pytest.raises(ValueError, match="reads 1 buffers, found 2"):
        te.extern_primfunc([te.placeholder((8,)), te.placeholder((8,))], doubled)
    with pytest.raises(ValueError, match="shape"):
        te.extern_primfunc([te.placeholder((9,))], doubled)


def test_tags():
    a = te.placeholder((4,))
    with te.tag_scope("injective"):
        b = te.compute((4,), lambda i: a[i])
        with pytest.raises(ValueError, match="tag"):
            te.compute((4,), lambda i: a[i], tag="other")
    assert b.op.tag == "injective"

    @te.tag_scope("mine")
    def make():
        return te.compute((4,), lambda i: a[i])

    assert make().op.tag == "mine"
    assert te.compute((4,), lambda i: a[i]).op.tag == ""


def test_thread_axes():
    x = te.thread_axis("threadIdx.x")
    assert (x.dom, x.thread_tag, x.var.name) == (None, "threadIdx.x", "threadIdx.x")
    assert int(te.thread_axis((0, 4), "vthread", "v").dom.extent) == 4
    with pytest.raises(ValueError, match="tag"):
        te.thread_axis((0, 4))


def test_symbolic_shapes_are_computed_for_any_size():
    n = te.var("n")
    a = te.placeholder((n, 4), name="A")
    b = te.compute((n, 4), lambda i, j: a[i, j] * 2, name="B")
    text = te.create_prim_func([a, b]).script()
    assert "n = T.int32()" in text
    assert "for i, j in T.grid(n, 4):" in text
    func = te.create_prim_func([a, b], index_dtype_override="int64")
    assert ms.tir.analysis.verify_well_formed(func)
