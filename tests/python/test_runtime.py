# SPDX-License-Identifier: Apache-2.0
"""Compiling, calling, timing and exporting programs from Python."""

import subprocess

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import runtime
from programs import matmul, softmax


def test_a_compiled_program_computes_what_it_says():
    module = runtime.build(matmul(24, 40, 16))
    rng = np.random.default_rng(0)
    a = rng.integers(-4, 5, (24, 16)).astype("float32")
    b = rng.integers(-4, 5, (16, 40)).astype("float32")
    c = np.zeros((24, 40), "float32")
    module(a, b, c)  # plain numpy arrays, aligned or not
    np.testing.assert_array_equal(c, a @ b)


def test_a_schedule_can_be_built():
    sch = ms.tir.Schedule(softmax())
    for name in ("top", "exp", "total", "norm"):
        sch.parallel(sch.get_loops(sch.get_block(name))[0])
    module = runtime.build(sch)
    x = runtime.array(np.random.default_rng(0).standard_normal((8, 16)).astype("float32"))
    y = runtime.empty((8, 16))
    module(x, y)
    e = np.exp(x.numpy() - x.numpy().max(1, keepdims=True))
    np.testing.assert_allclose(y.numpy(), e / e.sum(1, keepdims=True), rtol=1e-5)


def test_timing_gives_one_number_a_repeat():
    module = runtime.build(matmul())
    arrays = [runtime.empty((32, 32)) for _ in range(3)]
    result = module.time_evaluator(number=2, repeat=3)(*arrays)
    assert len(result.results) == 3 and 0 < result.min <= result.mean <= result.max


@pytest.mark.parametrize("suffix", [".o", ".so"])
def test_exported_files_load_again(tmp_path, suffix):
    path = str(tmp_path / f"matmul{suffix}")
    runtime.build(matmul()).export_library(path)
    module = runtime.load_module(path)
    ones = np.ones((32, 32), "float32")
    c = np.zeros((32, 32), "float32")
    module(ones, ones, c)
    assert (c == 32).all()


def test_an_exported_object_has_no_undefined_symbol(tmp_path):
    path = str(tmp_path / "matmul.o")
    runtime.build(matmul()).export_library(path)
    undefined = subprocess.run(["nm", "-u", path], capture_output=True, text=True, check=True)
    assert undefined.stdout.strip() == ""


@pytest.mark.parametrize(
    "arrays, message",
    [
        ([(32, 32), (32, 32)], "argument"),
        ([(32, 32), (32, 31), (32, 32)], "shape|expected|size"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arrays, message):
    module = runtime.build(matmul())
    with pytest.raises((ValueError, TypeError), match=message):
        module(*[np.zeros(shape, "float32") for shape in arrays])


def test_wrong_dtypes_are_refused():
    module = runtime.build(matmul())
    with pytest.raises((ValueError, TypeError), match="float32"):
        module(*[np.zeros((32, 32), "float64") for _ in range(3)])


def test_missing_functions_and_files_are_named():
    module = runtime.build(matmul())
    with pytest.raises(AttributeError, match="no function 'nope'"):
        module["nope"]
    with pytest.raises((ms.RunError, ValueError), match="nowhere.o"):
        runtime.load_module("/nowhere.o")


def test_an_unknown_target_is_refused():
    with pytest.raises(ValueError, match="potato"):
        runtime.build(matmul(), "potato")
