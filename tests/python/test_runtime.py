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


class Foreign:
    """A tensor of some other library, which knows how often its memory was given away."""

    def __init__(self, array, device=(1, 0)):
        self.array, self.device, self.given = array, device, 0

    def __dlpack__(self, **options):
        self.given += 1
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


def unaligned(shape, dtype="float32"):
    """An array that starts one element behind a multiple of 64 bytes."""
    count = int(np.prod(shape))
    raw = np.zeros(count * np.dtype(dtype).itemsize + 128, "uint8")
    start = -raw.ctypes.data % 64 + np.dtype(dtype).itemsize
    return raw[start : start + count * np.dtype(dtype).itemsize].view(dtype).reshape(shape)


COPY = """
@T.prim_func
def main(A: T.Buffer((16, 8), "float32"), B: T.Buffer((16, 8), "float32")):
    for i, j in T.grid(16, 8):
        with T.block("B"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            B[v_i, v_j] = A[v_i, v_j] * T.float32(2)
"""


def test_tensors_of_other_libraries_are_used_in_place():
    module = runtime.build(ms.script.from_source(COPY))
    a, b = unaligned((16, 8)), unaligned((16, 8))
    a[...] = np.arange(128).reshape(16, 8)
    foreign_a, foreign_b = Foreign(a), Foreign(b)
    module(foreign_a, foreign_b)
    np.testing.assert_array_equal(b, 2 * a)
    assert foreign_a.given == foreign_b.given == 1
    b[...] = 0
    module(a.__dlpack__(), b.__dlpack__())  # capsules
    np.testing.assert_array_equal(b, 2 * a)
    array = runtime.from_dlpack(Foreign(a))
    assert array.numpy()[3, 3] == a[3, 3]
    module(array, runtime.from_dlpack(b.__dlpack__()))
    module(array.to_dlpack(), b)


def test_a_capsule_is_used_once():
    module = runtime.build(ms.script.from_source(COPY))
    a, b = np.zeros((16, 8), "float32"), np.zeros((16, 8), "float32")
    capsule = a.__dlpack__()
    module(capsule, b)
    with pytest.raises(TypeError, match="argument 0.*nobody has used"):
        module(capsule, b)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_tensors_of_torch_and_jax(library):
    foreign = pytest.importorskip(library)
    module = runtime.build(ms.script.from_source(COPY))
    b = np.zeros((16, 8), "float32")
    if library == "torch":
        a = foreign.arange(128, dtype=foreign.float32).reshape(16, 8)
        out = foreign.zeros(16, 8)
        module(a, out)
        assert (out == 2 * a).all()
    else:
        a = foreign.numpy.arange(128, dtype="float32").reshape(16, 8)
        module(a, b)
        np.testing.assert_array_equal(b, 2 * np.asarray(a))


def test_tensors_that_cannot_be_taken_are_refused_by_position():
    module = runtime.build(ms.script.from_source(COPY))
    a, b = np.zeros((16, 8), "float32"), np.zeros((16, 8), "float32")
    with pytest.raises(ValueError, match=r"main: argument 0 \(A\):.*compact.*found strides.*1, 16"):
        module(Foreign(np.zeros((8, 16), "float32").T), b)
    with pytest.raises(TypeError, match=r"argument 1 \(B\): expected a numpy array.*found str"):
        module(a, "b")
    with pytest.raises(ValueError, match=r"argument 1 \(B\): expected size 16 in axis 0, found 15"):
        module(a, Foreign(np.zeros((15, 8), "float32")))
    with pytest.raises(TypeError, match=r"argument 0 \(A\): expected dtype float32, found float64"):
        module(Foreign(np.zeros((16, 8))), b)
    b.flags.writeable = False
    with pytest.raises(ValueError, match=r"argument 1 \(B\):.*read-only"):
        module(a, b)
    module(b, a)  # it may be read


def test_alignment_is_what_the_caller_says():
    with pytest.raises(ValueError, match="alignment"):
        runtime.build(ms.script.from_source(COPY), alignment=3)
    module = runtime.build(ms.script.from_source(COPY), alignment=64)
    with pytest.raises(ValueError, match="argument 0.*aligned to 64 bytes"):
        module(Foreign(unaligned((16, 8))), runtime.empty((16, 8)))
    b = unaligned((16, 8))
    module(np.ones((16, 8), "float32"), b)  # numpy arrays are copied where they have to be
    assert (b == 2).all()


def test_source_is_given_as_text(tmp_path):
    module = runtime.build(matmul())
    assert "define" in module.get_source("ll") and ".text" in module.get_source("s")
    with pytest.raises(ValueError, match="expected 'll'"):
        module.get_source("cuda")
    module.export_library(str(tmp_path / "matmul.ll"))
    assert "define" in (tmp_path / "matmul.ll").read_text()


def test_a_program_for_another_machine_is_exported_not_called(tmp_path):
    module = runtime.build(matmul(), "llvm -mtriple=aarch64-linux-gnu")
    module.export_library(str(tmp_path / "matmul.o"))
    assert (tmp_path / "matmul.o").read_bytes()[18] == 183  # EM_AARCH64
    with pytest.raises(ms.RunError, match="compiled for aarch64.*exported but not called"):
        module(*[np.zeros((32, 32), "float32")] * 3)
    with pytest.raises(ms.RunError, match="machine"):
        runtime.load_module(str(tmp_path / "matmul.o"))


def test_a_schedule_leaves_everything_behind(tmp_path):
    program = matmul(24, 40, 16)
    sch = ms.tir.Schedule(program)
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    i0, i1 = sch.split(i, [None, 4])
    j0, j1 = sch.split(j, sch.sample_perfect_tile(j, 2, 16))
    sch.reorder(i0, j0, k, i1, j1)
    sch.parallel(i0)
    sch.vectorize(j1)
    sch.annotate(k, "note", ["a", 1])
    sch.decompose_reduction(block, k)
    paths = runtime.export_schedule(sch, tmp_path / "out", "mm", reference=program)
    assert all(path.exists() for path in paths.values())
    subprocess.run(
        ["cc", "-o", "check", "mm_test.c", "mm.o", "-lm"], cwd=tmp_path / "out", check=True
    )
    subprocess.run(["./check"], cwd=tmp_path / "out", check=True)
    names = {}
    exec(paths["python"].read_text(), names)
    again = ms.tir.Schedule(program)
    names["apply_schedule"](again)
    assert again.mod.script() == sch.mod.script()
    assert str(again.trace) == str(sch.trace)
    assert "ms::Split" in paths["cpp"].read_text()


def test_packed_functions_cannot_be_called_by_compiled_programs():
    source = COPY.replace(
        "B[v_i, v_j] = A[v_i, v_j] * T.float32(2)", 'T.evaluate(T.call_packed("my.func", 1))'
    )
    with pytest.raises(ms.BuildError, match="calls the packed function my.func"):
        runtime.build(ms.script.from_source(source))
