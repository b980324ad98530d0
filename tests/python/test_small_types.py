# SPDX-License-Identifier: Apache-2.0
"""The small types around programs: data types, paths, arrays; and how programs are shown."""

import numpy as np
import pytest
from metaschedule import ir, runtime
from metaschedule.script import tir as T


@T.prim_func
def copy(a: T.handle, b: T.handle, n: T.int32):
    m = T.int32()
    A = T.match_buffer(a, (m, n))
    B = T.match_buffer(b, (m, n))
    for i, j in T.grid(m, n):
        with T.block("copy"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj]


def test_data_types():
    vector = runtime.DataType("float32x4")
    assert (vector.type_code, vector.bits, vector.lanes) == (2, 32, 4)
    assert vector.itemsize() == 16 and str(vector) == "float32x4"
    assert str(runtime.DataType("int8xvscalex4")) == "int8xvscalex4"
    assert str(runtime.DataType("bool")) == "bool"
    assert runtime.DataType(np.float16) == "float16"
    assert runtime.DataType("e4m3_float8").type_code == runtime.DataTypeCode.E4M3Float
    for text in ("", "nothing", "float32y4", "boolx4"):
        with pytest.raises(ValueError, match="Do not know how to handle type"):
            runtime.DataType(text)


def test_paths_lead_to_differences():
    left = ir.IRModule({"main": copy})
    changed = copy.with_attr("k", 1)
    found = ir.base.get_first_structural_mismatch(left, ir.IRModule({"main": changed}))
    assert all(isinstance(path, runtime.ObjectPath) for path in found)
    root = runtime.ObjectPath.root()
    path = root.attr("body").attr("seq").array_index(1).attr("annotations").map_value("k")
    assert path == '<root>.body.seq[1].annotations["k"]'
    assert root.attr("body").is_prefix_of(path) and not root.attr("bod").is_prefix_of(path)
    text = copy.script(path_to_underline=[root.attr("body")])
    assert "^" in text


def test_values_are_converted():
    assert isinstance(runtime.convert([1, [2, 3]]), ir.Array)
    assert runtime.convert({"a": [1]})["a"] == [1]
    assert runtime.convert("s") == "s" and runtime.convert(None) is None
    with pytest.raises(TypeError, match="don't know"):
        runtime.convert({1, 2})


def test_arrays_are_assigned_copied_and_saved():
    array = runtime.empty((2, 3))
    array[:] = np.ones((2, 3))
    other = runtime.empty((2, 3))
    array.copyto(other)
    np.testing.assert_array_equal(other.numpy(), np.ones((2, 3)))
    with pytest.raises(ValueError, match="as a whole"):
        array[0] = 1
    saved = runtime.save_param_dict({"w": array})
    np.testing.assert_array_equal(runtime.load_param_dict(saved)["w"].numpy(), array.numpy())
    with pytest.raises(ValueError, match="save_param_dict"):
        runtime.load_param_dict(b"nothing")
    assert str(array.device) == "cpu(0)" and runtime.device("cpu:0").exist
    with pytest.raises(ValueError, match="mem_scope"):
        runtime.array([1], mem_scope="texture")


def test_programs_are_shown_in_colour_where_that_is_wanted(capsys, monkeypatch):
    monkeypatch.delenv("TVM_PYGMENTIZE_STYLE", raising=False)
    copy.show()
    assert capsys.readouterr().out == copy.script() + "\n"
    pytest.importorskip("pygments")
    monkeypatch.setenv("TVM_PYGMENTIZE_STYLE", "ansi")
    copy.show()
    assert "\x1b[" in capsys.readouterr().out
