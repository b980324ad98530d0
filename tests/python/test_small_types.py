# SPDX-License-Identifier: Apache-2.0
"""The small types around programs: data types, paths, arrays; and how programs are shown."""

import numpy as np
import pytest
from metaschedule import ir, runtime, tir
from programs import copy


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


def test_modules_are_cloned_and_asked_for_attributes():
    mod = ir.IRModule({"f": copy})
    assert ir.structural_equal(mod.clone(), mod) and mod.clone() is not mod
    assert mod.get_attr("missing") is None
    assert mod.with_attrs({"a": 1, "b": 2}).get_attr("b") == 2


def test_a_call_of_a_function_by_its_variable():
    var = ir.IRModule({"f": copy}).get_global_var("f")
    call = var(tir.Var("x", "handle"), 3)
    assert call.op.same_as(var) and len(call.args) == 2


def test_slices_of_buffers_are_regions_or_with_a_step_vectors():
    buffer = tir.decl_buffer((4, 16), "float32", "A")
    assert isinstance(buffer[0, 0:8], tir.BufferRegion)
    assert isinstance(buffer[0, 0:8:2], tir.BufferLoad)
    assert buffer[0, 0:8:2].dtype == "float32x4"
    assert buffer[0, 0:7:2].dtype == "float32x4" and buffer[0, 0:2:2].dtype == "float32"
    with pytest.raises(ValueError, match="2-dimensional"):
        assert buffer[0:4]
    with pytest.raises(ValueError, match="constant extent"):
        assert buffer[0, 0 : tir.Var("n", "int32") : 2]
    with pytest.raises(ValueError, match="empty"):
        assert buffer[0, 4:4:2]
    with pytest.raises(ValueError, match="zero"):
        assert buffer[0, 0:4:0]


def test_operators_on_bits_and_questions_about_floats_have_functions():
    assert int(tir.shift_left(3, 2)) == 12 and int(tir.shift_right(12, 2)) == 3
    assert int(tir.bitwise_and(6, 3)) == 2 and int(tir.bitwise_or(6, 3)) == 7
    assert int(tir.bitwise_xor(6, 3)) == 5
    x = tir.Var("x", "int32")
    assert tir.bitwise_not(x).op.name == "tir.bitwise_not"
    assert tir.reinterpret("float32", x).dtype == "float32"
    assert tir.isfinite(tir.Var("f", "float32")).dtype == "bool"
    assert tir.isinf(tir.Var("f", "float32")).dtype == "bool"
    assert [int(v) for v in tir.convert([1, 2])] == [1, 2]
