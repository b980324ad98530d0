# SPDX-License-Identifier: Apache-2.0
"""Functions of users in the local builder and runner: they run in Python worker processes, with the
time limits and the typed failures of native ones."""

import os
import time

import metaschedule as ms
import pytest
from programs import matmul

pytest.importorskip("cloudpickle")
TARGET = ms.target.Target("llvm -num-cores 2")
QUICK = ms.runner.EvaluatorConfig(number=1, repeat=2, min_repeat_ms=0)


def inputs(*sizes):
    return [
        ms.builder.BuilderInput(ms.tune_context._normalize_mod(matmul(n, n, n)), TARGET)
        for n in sizes
    ]


def run_inputs(results):
    args = [ms.arg_info.TensorInfo("float32", [16, 16])] * 3
    return [ms.runner.RunnerInput(r.artifact_path, "llvm", args) for r in results]


def test_hooks_build_and_run_in_workers_of_their_own(tmp_path):
    marker = str(tmp_path / "initialised")
    here = os.getpid()

    def initializer():
        with open(marker, "a") as file:
            file.write(f"{os.getpid()}\n")

        @ms.runtime.register_func("test.export", override=True)
        def export(module):
            assert os.getpid() != here
            return ms.builder.default_export(module)

    def f_build(mod, target, params):
        assert os.getpid() != here and params is None
        return ms.builder.default_build(mod, target, params)

    builder = ms.builder.LocalBuilder(
        max_workers=1, f_build=f_build, f_export="test.export", initializer=initializer
    )
    assert isinstance(builder, ms.Builder) and builder.f_build is f_build
    built = builder.build(inputs(16, 16))
    assert [b.error_msg for b in built] == [None, None]
    with open(marker) as file:
        assert len(file.readlines()) == 1, "one process, kept between calls"

    cleaned = str(tmp_path / "cleaned")

    def f_run_evaluator(rt_mod, device, evaluator_config, repeated_args):
        assert os.getpid() != here and evaluator_config.repeat == 2
        assert [a.shape for a in repeated_args[0]] == [(16, 16)] * 3 and len(repeated_args) == 3
        return ms.runner.default_run_evaluator(rt_mod, device, evaluator_config, repeated_args)

    def f_cleanup():
        with open(cleaned, "a") as file:
            file.write("x")

    runner = ms.runner.LocalRunner(
        evaluator_config=QUICK,
        alloc_repeat=3,
        f_run_evaluator=f_run_evaluator,
        f_cleanup=f_cleanup,
    )
    results = [f.result() for f in runner.run(run_inputs(built))]
    assert [r.error_msg for r in results] == [None, None]
    assert all(len(r.run_secs) == 6 and 0 < min(r.run_secs) < 1 for r in results)
    with open(cleaned) as file:
        assert file.read() == "xx"
    for result in built:
        ms.utils.remove_build_dir(result.artifact_path)


def crash():
    import ctypes

    ctypes.string_at(0)


def eat():
    return bytearray(1 << 40)


FAULTS = [
    (lambda: 1 / 0, "exception", "ZeroDivisionError"),
    (crash, "crash", "signal 11"),
    (lambda: time.sleep(60), "timeout", "Timeout, killed after 1.0 seconds"),
    (eat, "out of memory", "memory limit"),
]


def test_faults_in_hooks_are_typed_failures_of_one_candidate():
    # Each program says by its size what its build does.
    def f_build(mod, target, params):
        fault = int(list(mod["main"].buffer_map.values())[0].shape[0]) - 8
        if fault:
            FAULTS[fault - 1][0]()
        return "built"

    builder = ms.builder.LocalBuilder(
        max_workers=2, timeout_sec=1.0, f_build=f_build, f_export=lambda built: "/nowhere/" + built
    )
    results = builder.build(inputs(8, 9, 10, 11, 12, 8))
    assert [r.failure for r in results] == ["none", *[kind for _, kind, _ in FAULTS], "none"]
    for result, (_, _, message) in zip(results[1:], FAULTS):
        assert result.error_msg.startswith("LocalBuilder: ") and message in result.error_msg
    assert results[5].artifact_path == "/nowhere/built"


@pytest.mark.parametrize("fault, kind, message", FAULTS)
def test_faults_when_running_are_typed_failures(fault, kind, message, tmp_path):
    ms.runtime.build(matmul(16, 16, 16)).export_library(str(tmp_path / "kernel.o"))
    runner = ms.runner.LocalRunner(1.0, QUICK, f_cleanup=fault)
    one = ms.runner.RunnerInput(str(tmp_path / "kernel.o"), "llvm", [])
    (future,) = runner.run([one])
    assert future.done() and future.result().failure in (kind, "exception")
    assert future.result().error_msg.startswith("LocalRunner: ")
    args = [ms.arg_info.TensorInfo("float32", [16, 16])] * 3
    one = ms.runner.RunnerInput(str(tmp_path / "kernel.o"), "llvm", args)
    result = runner.run([one])[0].result()
    assert result.failure == kind and message in result.error_msg


def test_names_that_nobody_registered_are_refused_at_once():
    with pytest.raises(ValueError, match="test.nobody"):
        ms.builder.LocalBuilder(max_workers=1, f_build="test.nobody")
    with pytest.raises(ValueError, match="test.nobody"):
        ms.runner.LocalRunner(f_run_evaluator="test.nobody")

    def initializer():
        raise OSError("no licence")

    with pytest.raises(ValueError, match="(?s)initializer.*no licence"):
        ms.runner.LocalRunner(f_cleanup=print, initializer=initializer)


def test_a_missing_cloudpickle_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(ImportError, match="pip install cloudpickle"):
        ms.builder.LocalBuilder(max_workers=1, f_build=print)
    assert ms.builder.LocalBuilder(max_workers=1).build(inputs(8))[0].error_msg is None


def test_a_session_with_hooks_finds_a_winner(tmp_path):
    def f_run_evaluator(rt_mod, device, evaluator_config, repeated_args):
        return ms.runner.default_run_evaluator(rt_mod, device, evaluator_config, repeated_args)

    database = ms.tune_tir(
        matmul(),
        TARGET,
        str(tmp_path),
        8,
        builder=ms.builder.LocalBuilder(max_workers=2, f_export=ms.builder.default_export),
        runner=ms.runner.LocalRunner(evaluator_config=QUICK, f_run_evaluator=f_run_evaluator),
        cost_model="random",
        strategy="replay-trace",
        num_trials_per_iter=4,
        seed=1,
    )
    records = database.get_all_tuning_records()
    assert len(records) == 8 and all(0 < r.run_secs[0] < 1 for r in records)
