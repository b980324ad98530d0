# SPDX-License-Identifier: Apache-2.0
"""Products of matrices by tiles of AMX: scheduled, built, run, exported. What runs them skips where
the processor has none; tests/cpp checks what they mean."""

import platform
import shutil
import subprocess
import sys

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import runtime
from metaschedule.script import from_source
from metaschedule.tir.tensor_intrin import x86

TARGET = "llvm -mcpu=native -num-cores 2"

DENSE = """
@T.prim_func
def main(A: T.Buffer(({m}, {k}), "{a}"), W: T.Buffer(({k} // {pack}, {n}, {pack}), "{b}"),
         C: T.Buffer(({m}, {n}), "{c}")):
    T.func_attr({{"global_symbol": "dense", "tir.noalias": T.bool(True)}})
    for i, j, k in T.grid({m}, {n}, {k}):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.{c}(0)
            C[vi, vj] = C[vi, vj] + T.Cast("{c}", A[vi, vk]) * T.Cast("{c}", W[vk // {pack}, vj, vk % {pack}])
"""

KINDS = {
    "u8s8": ("uint8", "int8", "int32", 4, x86.AMX_16x16x64_U8S8S32_INTRIN),
    "s8s8": ("int8", "int8", "int32", 4, x86.AMX_16x16x64_S8S8S32_INTRIN),
    "s8u8": ("int8", "uint8", "int32", 4, x86.AMX_16x16x64_S8U8S32_INTRIN),
    "u8u8": ("uint8", "uint8", "int32", 4, x86.AMX_16x16x64_U8U8S32_INTRIN),
    "bf16": ("bfloat16", "bfloat16", "float32", 2, x86.AMX_16x16x32_BF16BF16F32_INTRIN),
}


def has_amx(*features):
    try:
        with open("/proc/cpuinfo") as info:
            flags = next((line for line in info if line.startswith("flags")), "").split()
    except OSError:
        flags = []
    return {"amx_tile", *features} <= set(flags)


needs_int8 = pytest.mark.skipif(not has_amx("amx_int8"), reason="this processor has no amx_int8")
needs_bf16 = pytest.mark.skipif(not has_amx("amx_bf16"), reason="this processor has no amx_bf16")


def dense(kind, m=128, n=128, k=256):
    a, b, c, pack, _ = KINDS[kind]
    return from_source(DENSE.format(m=m, n=n, k=k, a=a, b=b, c=c, pack=pack))


def tiled(kind, tiles=(2, 2), **shape):
    """`tiles` tiles of sums at once, in parallel over the rows."""
    sch = ms.tir.Schedule(dense(kind, **shape))
    pack, name = KINDS[kind][3:]
    fill = x86.AMX_FILL_16x16_F32_INTRIN if kind == "bf16" else x86.AMX_FILL_16x16_S32_INTRIN
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    i0, i1, i2 = sch.split(i, [None, tiles[0], 16])
    j0, j1, j2 = sch.split(j, [None, tiles[1], 16])
    k0, k1 = sch.split(k, [None, 16 * pack])
    sch.reorder(i0, j0, k0, i1, j1, i2, j2, k1)
    sch.parallel(i0)
    init = sch.decompose_reduction(block, k0)
    for loop in [i1, j1, *sch.get_loops(init)[-4:-2]]:
        sch.unroll(loop)
    sch.tensorize(i2, name)
    sch.tensorize(sch.get_loops(init)[-2], fill)
    return sch


def packed(w, pack):
    """W[k, n] as W[k / pack, n, pack]."""
    k, n = w.shape
    return np.ascontiguousarray(w.reshape(k // pack, pack, n).transpose(0, 2, 1))


def integers(kind, m=128, n=128, k=256):
    rng = np.random.default_rng(0)
    a, w = (
        rng.integers(np.iinfo(t).min, np.iinfo(t).max + 1, shape).astype(t)
        for t, shape in zip(KINDS[kind][:2], [(m, k), (k, n)], strict=True)
    )
    return a, w, a.astype("int32") @ w.astype("int32")


@needs_int8
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "bf16"])
@pytest.mark.parametrize("tiles", [(1, 1), (2, 2), (1, 4)])
def test_products_of_bytes_are_exact(kind, tiles):
    module = runtime.build(tiled(kind, tiles), TARGET)
    a, w, expected = integers(kind)
    c = np.full(expected.shape, 7, "int32")
    a.flags.writeable = False  # only C is written
    module(a, packed(w, 4), c)
    np.testing.assert_array_equal(c, expected)
    # The sums lie in tiles from the start to the end.
    loads, stores = (
        module.get_source("ll").count(f"call {what}64.internal")
        for what in ("x86_amx @llvm.x86.tileloadd", "void @llvm.x86.tilestored")
    )
    assert (loads, stores) == (sum(tiles), tiles[0] * tiles[1])


def bfloat16(x):
    """Floats rounded to what bfloat16 holds, and their bits."""
    bits = x.astype("float32").view("uint32")
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    return (bits << 16).astype("uint32").view("float32"), bits.astype("uint16")


@needs_bf16
@pytest.mark.parametrize("tiles", [(1, 1), (2, 2)])
def test_products_of_bfloat16_are_close(tiles):
    module = runtime.build(tiled("bf16", tiles), TARGET)
    rng = np.random.default_rng(0)
    a, a_bits = bfloat16(rng.standard_normal((128, 256)))
    w, w_bits = bfloat16(rng.standard_normal((256, 128)))
    c = np.zeros((128, 128), "float32")
    module(a_bits, packed(w_bits, 2), c)
    expected = a.astype("float64") @ w.astype("float64")
    np.testing.assert_allclose(c, expected, atol=1e-5 * np.abs(expected).max())


@needs_int8
def test_packing_inside_the_program_is_seen_by_the_tiles():
    source = DENSE.format(m=32, n=32, k=128, a="uint8", b="int8", c="int32", pack=4)
    source = source.replace(
        'W: T.Buffer((128 // 4, 32, 4), "int8")', 'V: T.Buffer((128, 32), "int8")'
    )
    head, body = source.split("    for i, j, k", 1)
    source = (
        head
        + '    W = T.alloc_buffer((32, 32, 4), "int8")\n'
        + "    for k, n, p in T.grid(32, 32, 4):\n"
        + '        with T.block("W"):\n'
        + '            vk, vn, vp = T.axis.remap("SSS", [k, n, p])\n'
        + "            W[vk, vn, vp] = V[vk * 4 + vp, vn]\n"
        + "    for i, j, k"
        + body
    )
    sch = ms.tir.Schedule(from_source(source))
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    i0, i1 = sch.split(i, [None, 16])
    j0, j1 = sch.split(j, [None, 16])
    k0, k1 = sch.split(k, [None, 64])
    sch.reorder(j0, i0, k0, i1, j1, k1)
    sch.decompose_reduction(block, k0)
    sch.tensorize(i1, x86.AMX_16x16x64_U8S8S32_INTRIN)
    sch.compute_at(sch.get_block("W"), j0)
    module = runtime.build(sch, TARGET)
    a, w, expected = integers("u8s8", 32, 32, 128)
    c = np.zeros((32, 32), "int32")
    module(a, w, c)
    np.testing.assert_array_equal(c, expected)


def test_the_steps_replay_from_json():
    sch = tiled("u8s8")
    other = ms.tir.Schedule(dense("u8s8"))
    ms.tir.schedule.Trace.apply_json_to_schedule(sch.trace.as_json(), other)
    ms.ir.assert_structural_equal(sch.mod, other.mod)
    assert x86.AMX_16x16x64_U8S8S32_INTRIN in str(other.trace)
    ms.ir.assert_structural_equal(from_source(sch.mod.script()), sch.mod)
    ms.ir.assert_structural_equal(ms.ir.load_json(ms.ir.save_json(sch.mod)), sch.mod)


def test_a_target_without_tiles_is_refused_by_name():
    with pytest.raises(ms.BuildError, match="needs amx-tile.*-mcpu=sapphirerapids"):
        runtime.build(tiled("u8s8"), "llvm -mcpu=icelake-server")


@needs_int8
def test_workers_run_tiles():
    target = ms.target.Target(TARGET)
    built = ms.builder.LocalBuilder(max_workers=1).build(
        [ms.builder.BuilderInput(tiled("u8s8").mod, target)]
    )
    assert built[0].error_msg is None
    args = [
        ms.arg_info.TensorInfo("uint8", [128, 256]),
        ms.arg_info.TensorInfo("int8", [64, 128, 4]),
        ms.arg_info.TensorInfo("int32", [128, 128]),
    ]
    config = ms.runner.EvaluatorConfig(number=1, repeat=2, min_repeat_ms=0)
    runner = ms.runner.LocalRunner(evaluator_config=config)
    (future,) = runner.run([ms.runner.RunnerInput(built[0].artifact_path, "llvm", args)])
    result = future.result()
    assert result.error_msg is None and len(result.run_secs) == 2


@needs_int8
@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.parametrize("suffix", ["dense.o", "libdense.so"])
def test_exported_kernels_ask_for_tiles_themselves(tmp_path, suffix):
    module = runtime.build(tiled("u8s8"), TARGET)
    path = str(tmp_path / suffix)
    module.export_library(path, self_test=dense("u8s8"))
    test = path.rsplit(".", 1)[0] + "_test.c"
    binary = str(tmp_path / "check")
    subprocess.run(["cc", "-O1", "-o", binary, test, path, "-lm"], check=True)
    done = subprocess.run([binary], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not (shutil.which("cc") and shutil.which("qemu-x86_64")),
    reason="needs x86-64, a C compiler and qemu-x86_64, whose processor has no AMX",
)
def test_a_processor_without_tiles_gets_an_error(tmp_path):
    module = runtime.build(tiled("u8s8"), "llvm -mcpu=x86-64 -mattr=+amx-tile,+amx-int8")
    module.export_library(str(tmp_path / "dense.o"), self_test=dense("u8s8"))
    command = ["cc", "-o", "check", "dense_test.c", "dense.o", "-lm"]
    subprocess.run(command, check=True, cwd=tmp_path)
    done = subprocess.run(["qemu-x86_64", "./check"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1 and "ends with -4" in done.stdout + done.stderr
    assert "no AMX tiles: this processor has none" in done.stderr


REFUSED = """
import ctypes, sys
import numpy as np
from metaschedule import runtime

module = runtime.load_module(sys.argv[1])

class Stack(ctypes.Structure):
    _fields_ = [("memory", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

memory = ctypes.create_string_buffer(4096)
stack = Stack(ctypes.addressof(memory), 0, 4096)
assert ctypes.CDLL(None).sigaltstack(ctypes.byref(stack), None) == 0
try:
    module(np.zeros((128, 256), "uint8"), np.zeros((64, 128, 4), "int8"), np.zeros((128, 128), "int32"))
except Exception as error:
    print(type(error).__name__, error)
"""


@needs_int8
def test_what_the_system_refuses_is_an_error(tmp_path):
    path = str(tmp_path / "dense.o")
    runtime.build(tiled("u8s8"), TARGET).export_library(path)
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, path], capture_output=True, text=True, check=True
    )
    assert "RunError" in done.stdout and "sigaltstack" in done.stdout, done.stdout
