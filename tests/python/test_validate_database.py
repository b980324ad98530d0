# SPDX-License-Identifier: Apache-2.0
"""Running what a database recommends against the untuned programs: who passes, who fails and why."""

import os
import re
import subprocess
import sys

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.runner import EvaluatorConfig, RPCConfig
from metaschedule.script import from_source
from metaschedule.testing.validate_database import compare, main, validate_database
from programs import matmul

TARGET = "llvm -num-cores=1"
QUICK = EvaluatorConfig(number=1, repeat=1, min_repeat_ms=0)
# What takes the place of a row of the program: right, wrong, a crash, a hang.
ROW = """
@T.prim_func
def main(a: T.handle, b: T.handle):
    A = T.match_buffer(a, (16,), "float32", offset_factor=1)
    B = T.match_buffer(b, (16,), "float32", offset_factor=1)
    with T.block("root"):
        T.reads(A[0:16])
        T.writes(B[0:16])
        {}
"""
PLUS_ONE = """
@T.prim_func
def main(A: T.Buffer((4, 16), "float32"), B: T.Buffer((4, 16), "float32")):
    for i, j in T.grid(4, 16):
        with T.block("B"):
            v_i, v_j = T.axis.remap("SS", [i, j])
            B[v_i, v_j] = A[v_i, v_j] + T.float32(1)
"""
DESCRIPTION = """for j in range(16):
            with T.block("B"):
                v_j = T.axis.spatial(16, j)
                B[v_j] = A[v_j] + T.float32(1)"""
STAND_INS = {
    "right": "for j in range(16):\n            B[j] = A[j] + T.float32(1)",
    "wrong": "for j in range(16):\n            B[j] = A[j] + T.float32(1.25)",
    "crash": "for j in range(16777216):\n            B[j * 64] = T.float32(1)",
    "hang": "while A[0] >= T.float32(0):\n            A[0] = A[0] + T.float32(1)",
}


@pytest.fixture(scope="module", autouse=True)
def stand_ins():
    description = from_source(ROW.format(DESCRIPTION))
    for name, body in STAND_INS.items():
        ms.tir.TensorIntrin.register(
            f"test_validate_{name}", description, from_source(ROW.format(body)), override=True
        )


def record(database, program, change, seconds, target=TARGET):
    """Commits a record of a schedule that `change` makes."""
    workload = database.commit_workload(ms.ir.IRModule({"main": program}))
    sch = ms.tir.Schedule(workload.mod)
    change(sch)
    infos = ms.arg_info.ArgInfo.from_entry_func(workload.mod)
    database.commit_tuning_record(
        ms.database.TuningRecord(sch.trace, workload, seconds, ms.target.Target(target), infos)
    )


def tiled(sch):
    i, j, k = sch.get_loops(sch.get_block("C"))
    i0, i1 = sch.split(i, [None, 4])
    j0, j1 = sch.split(j, [None, 8])
    sch.reorder(i0, j0, k, i1, j1)
    sch.vectorize(j1)


def unrolled(sch):
    sch.unroll(sch.get_loops(sch.get_block("C"))[2])


def stand_in(name):
    def change(sch):
        _, j = sch.get_loops(sch.get_block("B"))
        sch.tensorize(j, f"test_validate_{name}")

    return change


def test_records_that_are_right_pass_fastest_first(tmp_path):
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    record(database, matmul(16, 16, 16), tiled, [2e-6, 4e-6])
    record(database, matmul(16, 16, 16), unrolled, [1e-6])
    record(database, from_source(PLUS_ONE), stand_in("right"), [5e-6])
    record(database, from_source(PLUS_ONE), stand_in("wrong"), [1e10])  # did not run: left out
    told = []
    results = validate_database(database, evaluator_config=QUICK, report=told.append)
    assert told == results and all(r.passed for r in results)
    assert [(r.rank, r.recorded_secs) for r in results] == [(0, 1e-6), (1, 3e-6), (0, 5e-6)]
    assert len({r.workload for r in results}) == 2
    assert all(0 < r.run_secs < 1 and r.max_difference < 1e-4 for r in results)
    first = validate_database(database, TARGET, top_k=1, evaluator_config=QUICK)
    assert [r.recorded_secs for r in first] == [1e-6, 5e-6]


@pytest.mark.parametrize(
    "name, message",
    [
        ("wrong", r"64 of 64 elements of argument 1 differ, the first at \[0, 0\]: expected"),
        ("crash", r"cannot be run \(crash\): .*signal"),
        ("hang", r"cannot be run \(timeout\)"),
    ],
)
def test_a_record_that_is_not_right_fails_and_the_next_goes_on(name, message, tmp_path):
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    record(database, from_source(PLUS_ONE), stand_in(name), [1e-6])
    record(database, from_source(PLUS_ONE), stand_in("right"), [2e-6])
    timeout = 2.0 if name == "hang" else 20.0
    bad, good = validate_database(database, evaluator_config=QUICK, timeout_sec=timeout)
    assert not bad.passed and good.passed
    assert re.search(message, str(bad))
    if name == "wrong":
        assert abs(bad.max_difference - 0.25) < 1e-4 and bad.run_secs > 0


def test_what_cannot_be_built_or_replayed_fails_by_itself(tmp_path):
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    record(database, matmul(16, 16, 16), tiled, [1e-6], "cuda -arch=sm_80")
    (result,) = validate_database(database, evaluator_config=QUICK)
    assert "cannot be built" in result.failure and result.run_secs is None
    (result,) = validate_database(database, TARGET, evaluator_config=QUICK)
    assert result.passed


def test_weights_that_are_laid_out_anew_are_compared_in_the_layout_of_the_program(tmp_path):
    ms.tune_tir(
        matmul(32, 32, 32).with_attr("layout_free_buffers", [1]),
        "llvm -num-cores=2",
        str(tmp_path),
        2,
        runner=ms.runner.LocalRunner(evaluator_config=QUICK),
        cost_model="random",
        strategy="replay-trace",
        seed=1,
    )
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    assert "TransformLayout" in str(database.get_all_tuning_records()[0].as_json())
    results = validate_database(database, evaluator_config=QUICK)
    assert results and all(r.passed for r in results), [str(r) for r in results]


def test_the_command_prints_a_line_for_each_record_and_a_summary(tmp_path):
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    record(database, matmul(16, 16, 16), tiled, [1.5e-6])
    command = [sys.executable, "-m", "metaschedule.testing.validate_database"]
    command += ["--work-dir", str(tmp_path), "--number", "1", "--min-repeat-ms", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    line, summary = done.stdout.splitlines()
    assert line.startswith("main 0x") and "recorded 0.0015 ms: passed, largest difference" in line
    assert summary == "1 records of 1 workloads: 1 passed, 0 failed"


def test_the_command_fails_with_the_records_and_without_any(tmp_path, capsys):
    options = ["--work-dir", str(tmp_path), "--min-repeat-ms", "0", "--cpu-flush"]
    assert main(options) == 1
    assert "validate_database: " in capsys.readouterr().err
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    assert main(options) == 1
    assert "nothing to validate" in capsys.readouterr().err
    record(database, from_source(PLUS_ONE), stand_in("wrong"), [1e-6])
    assert main(options) == 1
    out = capsys.readouterr().out
    assert "FAILED, largest difference 0.25: 64 of 64" in out and "0 passed, 1 failed" in out
    assert main([*options, "--rpc-host", "localhost"]) == 1
    assert "tracker_port is not given" in capsys.readouterr().err
    assert main([*options, "--top-k", "0"]) == 1
    assert "must be positive, found 0" in capsys.readouterr().err


def test_kernels_run_on_a_server(tmp_path):
    pytest.importorskip("distributed")
    from metaschedule.testing.local_rpc import LocalRPC

    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    record(database, matmul(16, 16, 16), tiled, [1e-6])
    record(database, from_source(PLUS_ONE), stand_in("crash"), [1e-6])
    with LocalRPC(silent=True) as rpc:
        config = RPCConfig(rpc.tracker_host, rpc.tracker_port, rpc.tracker_key, 1, 20)
        good, bad = validate_database(database, evaluator_config=QUICK, rpc_config=config)
    assert good.passed and good.run_secs > 0
    assert "cannot be run (crash)" in bad.failure


def test_numbers_agree_within_the_tolerance():
    inf, nan = np.inf, np.nan
    assert compare([[1.0, inf, nan, -inf]], [[1.0, inf, nan, -inf]]) == (0.0, None)
    assert compare([[1000.0]], [[1001.0]]) == (1.0, None)
    for expected, found in [
        (1.0, 1.01),
        (1.0, nan),
        (nan, 1.0),
        (inf, 1.0),
        (1.0, inf),
        (inf, -inf),
    ]:
        assert "1 of 1 elements of argument 0" in compare([[expected]], [[found]])[1]
