# SPDX-License-Identifier: Apache-2.0
"""Parameters that are declared with strides: views of larger tensors, compiled and interpreted."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import runtime
from metaschedule.script import from_source

TWICE = """
@T.prim_func
def main(a: T.handle, b: T.handle):
    T.func_attr({{"global_symbol": "main"}})
    {variables}
    A = T.match_buffer(a, (16, 32){a})
    B = T.match_buffer(b, (16, 32){b})
    for i in T.{loop}(16):
        for j in T.vectorized(32):
            with T.block("B"):
                vi, vj = T.axis.remap("SS", [i, j])
                B[vi, vj] = A[vi, vj] * T.float32(2)
"""


def twice(a="", b="", variables="pass", loop="serial"):
    source = TWICE.format(a=a and ", " + a, b=b and ", " + b, variables=variables, loop=loop)
    return from_source(source.replace("    pass\n", ""))


def numbers(*shape):
    return np.arange(np.prod(shape), dtype="float32").reshape(shape)


SYMBOLIC = "s0, s1 = T.int32(), T.int32()"


@pytest.mark.parametrize("loop", ["serial", "parallel"])
def test_constant_strides_reach_the_memory_of_a_view(loop):
    program = twice("strides=(64, 1)", "strides=(1, 16)", loop=loop)
    module = runtime.build(program)
    whole, out = numbers(16, 64), np.zeros((32, 16), "float32")
    module(whole[:, 5:37], out.T)
    np.testing.assert_array_equal(out.T, whole[:, 5:37] * 2)


def test_only_the_view_is_written():
    module = runtime.build(twice(b="strides=(64, 2)"))
    whole = np.full((16, 64), -1, "float32")
    module(numbers(16, 32), whole[:, ::2])
    np.testing.assert_array_equal(whole[:, ::2], numbers(16, 32) * 2)
    assert (whole[:, 1::2] == -1).all()


@pytest.mark.parametrize("loop", ["serial", "parallel"])
def test_symbolic_strides_are_taken_from_the_tensor(loop):
    module = runtime.build(twice("strides=(s0, s1)", variables=SYMBOLIC, loop=loop))
    whole = numbers(48, 64)
    views = (whole[:16, :32], whole[::3, ::2], whole[:32, :16].T, numbers(16, 32))
    for view in views + (np.broadcast_to(whole[0, :32], (16, 32)),):
        out = np.zeros((16, 32), "float32")
        module(view, out)
        np.testing.assert_array_equal(out, view * 2)


def test_a_stride_named_twice_is_the_same():
    module = runtime.build(twice("strides=(s0, 1)", "strides=(s0, 1)", variables="s0 = T.int32()"))
    whole, out = numbers(16, 64), np.zeros((16, 64), "float32")
    module(whole[:, :32], out[:, :32])
    np.testing.assert_array_equal(out[:, :32], whole[:, :32] * 2)
    expected = r"argument 1 \(B\): expected strides \(64, 1\), found strides \(32, 1\)"
    with pytest.raises(ValueError, match=expected):
        module(whole[:, :32], np.zeros((16, 32), "float32"))


def test_other_strides_are_refused():
    module = runtime.build(twice("strides=(64, 1)"))
    out = np.zeros((16, 32), "float32")
    expected = r"argument 0 \(A\): expected strides \(64, 1\), found strides \(32, 1\)"
    with pytest.raises(ValueError, match=expected):
        module(numbers(16, 32), out)
    with pytest.raises(ValueError, match="strides of at least 0, found -1 in axis 1"):
        module(numbers(16, 64)[:, 31::-1], out)


class Lent:
    """A tensor of another library."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self):
        return self.array.__dlpack__()


def test_strides_of_another_library():
    whole, out = numbers(16, 64), np.zeros((16, 32), "float32")
    runtime.build(twice("strides=(64, 1)"))(Lent(whole[:, :32]), out)
    np.testing.assert_array_equal(out, whole[:, :32] * 2)
    expected = r"argument 0 \(A\): expected a compact.*\(32, 1\), found strides \(64, 1\)"
    with pytest.raises(ValueError, match=expected):
        runtime.build(twice())(Lent(whole[:, :32]), out)


def test_an_offset_that_is_a_variable_is_zero():
    program = twice("strides=(64, 1), elem_offset=o", variables="o = T.int32()")
    whole, out = numbers(16, 64), np.zeros((16, 32), "float32")
    runtime.build(program)(whole[:, 9:41], out)
    np.testing.assert_array_equal(out, whole[:, 9:41] * 2)
    with pytest.raises(ms.BuildError, match="elem_offset is 0 or a variable for parameter a"):
        runtime.build(twice("elem_offset=8"))


def test_an_offset_factor_is_no_obstacle():
    view, out = numbers(16, 32), np.zeros((16, 32), "float32")
    runtime.build(twice("offset_factor=1"))(view, out)
    np.testing.assert_array_equal(out, view * 2)


def test_what_strides_must_be():
    with pytest.raises(ms.BuildError, match="each stride of parameter A to be a constant of at"):
        runtime.build(twice("strides=(-64, 1)"))


@pytest.mark.parametrize("strides", ["strides=(64, 1)", "strides=(s0, s1)"])
def test_scripts_keep_strides(strides):
    program = twice(strides, variables=SYMBOLIC if "s0" in strides else "pass")
    again = from_source(program.script())
    assert again.script() == program.script()
    ms.ir.assert_structural_equal(again, program)


def test_the_header_of_an_export_names_strides(tmp_path):
    program = twice("strides=(s0, 1)", variables="s0 = T.int32()")
    module = runtime.build(program)
    module.export_library(str(tmp_path / "twice.o"))
    header = (tmp_path / "twice.h").read_text()
    assert "A (16, 32) strides (s0, 1)" in header and "int64_t n0" in header
    with pytest.raises(ms.BuildError, match="compact tensor without offset for parameter A"):
        module.export_library(str(tmp_path / "other.o"), self_test=program)


def test_features_are_extracted_whatever_the_strides():
    def features(*strides):
        program = twice(*strides, variables=SYMBOLIC if "s0" in str(strides) else "pass")
        context = ms.TuneContext(mod=program, target=ms.target.Target("llvm -num-cores=2"))
        candidate = ms.MeasureCandidate(ms.tir.Schedule(program), [])
        extractor = ms.feature_extractor.PerStoreFeature()
        return extractor.extract_from(context, [candidate])[0].numpy()

    compact = features()
    transposed = features("strides=(1, 16)")
    symbolic = features("strides=(s0, s1)")
    assert compact.shape == transposed.shape == symbolic.shape == (1, 164)
    assert np.isfinite(transposed).all() and np.isfinite(symbolic).all()
