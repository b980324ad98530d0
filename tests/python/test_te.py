# SPDX-License-Identifier: Apache-2.0
"""Tags, axes of threads, symbolic shapes."""

import metaschedule as ms
import pytest
from metaschedule import te


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
