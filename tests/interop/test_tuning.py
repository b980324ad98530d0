# SPDX-License-Identifier: Apache-2.0
"""Tuning: our search, TVM's code generator and databases; failures that are counted; models."""

import os
import signal
import time
import warnings

import numpy as np
import pytest
import tvm
from metaschedule.interop import tvm as bridge
from metaschedule.interop.tvm import measuring, tuning, workers
from tvm import s_tir, te
from tvm.s_tir import meta_schedule as tvm_ms


def matmul(n=64, name="C", dtype="float32"):
    A, B = te.placeholder((n, n), dtype, name="A"), te.placeholder((n, n), dtype, name="B")
    k = te.reduce_axis((0, n), name="k")
    C = te.compute((n, n), lambda i, j: te.sum(A[i, k] * B[k, j], axis=k), name=name)
    return te.create_prim_func([A, B, C])


def gather(n=64):
    A, at = te.placeholder((n, 4), name="A"), te.placeholder((n,), "int32", name="at")
    return te.create_prim_func(
        [A, at, te.compute((n, 4), lambda i, j: A[at[i], j] * 2.0, name="B")]
    )


@pytest.fixture
def session():
    made = measuring.Session(1, 60, 30, 20)
    yield made
    made.close()


def added(session, func, llvm, name="main"):
    return session.add_task(name, tuning.workload(func), llvm)


def measured(session, task, trace, key="0"):
    return session.measure(key, session.pool.workers[0], task, trace)


def trace_of(func, change):
    schedule = s_tir.Schedule(tuning.workload(func))
    change(schedule)
    return measuring.trace_to_json(bridge.trace_from_tvm(schedule.trace))


def test_a_program_is_tuned_and_its_winner_is_applied_by_tvm(tmp_path, llvm):
    func = matmul(128)
    database = bridge.tune(
        func, llvm, str(tmp_path), 24, num_trials_per_iter=12, seed=1, min_repeat_ms=20
    )
    assert isinstance(database, tvm_ms.database.JSONDatabase)
    mod = tuning.workload(func)
    record = database.query_tuning_record(mod, llvm, "main")
    schedule = database.query_schedule(mod, llvm, "main")
    assert record is not None and float(record.run_secs[0]) > 0
    values = [np.random.rand(128, 128).astype("float32") for _ in range(2)]
    tensors = [tvm.runtime.tensor(v) for v in (*values, np.zeros((128, 128), "float32"))]
    tvm.compile(schedule.mod, llvm)["main"](*tensors)
    np.testing.assert_allclose(tensors[2].numpy(), values[0] @ values[1], rtol=1e-4)
    # The files are TVM's own, without us.
    alone = tvm_ms.database.JSONDatabase(work_dir=str(tmp_path))
    assert alone.query_tuning_record(mod, llvm, "main") is not None
    # Ours has all records; another call goes on from there and keeps the winner.
    ours = (tmp_path / "metaschedule" / "database_tuning_record.json").read_text()
    assert len(ours.splitlines()) >= 12
    again = bridge.tune(func, llvm, str(tmp_path), 0, database="memory")
    assert again.query_tuning_record(mod, llvm, "main") is not None


def test_weights_that_may_be_laid_out_anew_are(tmp_path, llvm):
    func = matmul(128).with_attr("layout_free_buffers", [1])
    database = bridge.tune(
        func, llvm, str(tmp_path), 32, num_trials_per_iter=16, seed=1, min_repeat_ms=5
    )
    mod = tuning.workload(func)
    rewritten = "layout_rewrite_preproc"
    ours = (tmp_path / "metaschedule" / "database_tuning_record.json").read_text()
    assert rewritten in ours
    schedule = database.query_schedule(mod, llvm, "main")
    values = [np.random.rand(128, 128).astype("float32") for _ in range(2)]
    tensors = [tvm.runtime.tensor(v) for v in (*values, np.zeros((128, 128), "float32"))]
    # With the block that lays the weights out, which a compiled model has once, ahead.
    tvm.compile(schedule.mod, llvm)["main"](*tensors)
    np.testing.assert_allclose(tensors[2].numpy(), values[0] @ values[1], rtol=1e-4)


def test_modules_lists_and_weights_are_tasks(tmp_path, llvm):
    mod = tvm.IRModule({"f": matmul(32).with_attr("global_symbol", "f"), "g": gather()})
    database = bridge.tune(
        mod, llvm, str(tmp_path), 8, num_trials_per_iter=4, database="memory", min_repeat_ms=5
    )
    assert len(database.get_all_tuning_records()) == 2
    with pytest.raises(ValueError, match="task_weights: expected 2, found 1"):
        bridge.tune(mod, llvm, str(tmp_path), 8, task_weights=[1])
    with pytest.raises(ValueError, match="need a target"):
        bridge.tune([matmul(32)], None, str(tmp_path), 8)
    with pytest.raises(ValueError, match="expected a target of kind llvm, found cuda"):
        bridge.tune(mod, {"kind": "cuda", "arch": "sm_80"}, str(tmp_path), 8)
    with pytest.raises(TypeError, match="found int"):
        bridge.tune([3], llvm, str(tmp_path), 8)
    with pytest.raises(ValueError, match="nothing to tune"):
        bridge.tune([], llvm, str(tmp_path), 8)
    with pytest.raises(ValueError, match='expected "json", "memory"'):
        bridge.tune(mod, llvm, str(tmp_path), 8, database="sqlite")


def test_programs_that_cannot_cross_are_left_out_with_a_warning(tmp_path, llvm):
    call = tvm.tirx.Evaluate(tvm.tirx.call_intrin("int32", "tirx.print_buffer", 1))
    odd = tvm.tirx.PrimFunc([], call).with_attr("global_symbol", "main")
    with pytest.warns(UserWarning, match="task_0 is left out.*print_buffer"):
        database = bridge.tune(
            [odd, matmul(32)], llvm, str(tmp_path), 4, num_trials_per_iter=4, database="memory"
        )
    assert len(database.get_all_tuning_records()) == 1
    with pytest.warns(UserWarning), pytest.raises(bridge.InteropError, match="no task is left"):
        bridge.tune([odd], llvm, str(tmp_path), 4)


def test_a_right_candidate_is_the_best_and_a_wrong_one_is_a_counted_failure(session, llvm):
    func = matmul(32)
    task = added(session, func, llvm)
    right = trace_of(func, lambda s: s.parallel(s.get_loops(s.get_sblock("C"))[0]))
    result = measured(session, task, right)
    assert result.error_msg is None and task.best_trace == right
    assert task.best_seconds == np.median(list(result.run_secs))
    # Vectorised where the program is not: what TVM builds of it computes something else.
    task.best_seconds = float("inf")
    with open(os.path.join(task.folder, "reference.npz"), "rb") as file:
        arrays = dict(np.load(file))
    arrays["arr_2"][3, 5] += 1
    np.savez(os.path.join(task.folder, "reference.npz"), **arrays)
    session.pool.workers[0].close()  # it knows the reference as it was
    result = measured(session, task, right)
    assert result.failure == "wrong result" and "argument 2: element (3, 5)" in result.error_msg
    assert task.best_seconds == float("inf")


def test_indices_that_are_read_from_a_buffer_stay_inside(session, llvm):
    task = added(session, gather(), llvm)
    func = task.ours["main"]
    assert measuring._index_arguments(func) == {1}
    result = measured(session, task, trace_of(gather(), lambda s: None))
    assert result.error_msg is None


def flaky_build(folder, trace_json, key):
    """Stands for a TVM that fails in the ways that end a process, or would hold it up for ever."""
    if int(key) % 4 == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    if int(key) % 4 == 1:
        time.sleep(100)
    workers.build(folder, trace_json, key)


def flaky_measure(folder, trace_json, key, best_seconds, min_repeat_ms):
    """Likewise, of candidates that run."""
    if int(key) % 4 == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return workers.measure(folder, trace_json, key, best_seconds, min_repeat_ms)


def test_a_tvm_that_crashes_or_hangs_is_a_counted_failure(tmp_path, llvm, monkeypatch):
    monkeypatch.setattr(measuring.workers, "build", flaky_build)
    monkeypatch.setattr(measuring.workers, "measure", flaky_measure)
    database = bridge.tune(
        matmul(32),
        llvm,
        str(tmp_path),
        8,
        num_trials_per_iter=8,
        num_workers=1,
        build_timeout_sec=5,
        database="memory",
    )
    assert len(database.get_all_tuning_records()) == 1
    log = "".join(path.read_text() for path in (tmp_path / "metaschedule" / "logs").iterdir())
    for kind in ("failed to build the candidate: crash", "failed to build the candidate: timeout"):
        assert log.count(kind) == 2
    assert log.count("failed to run the candidate: out of memory") == 2


def test_a_trace_that_tvm_refuses_is_a_failed_trial(session, llvm):
    task = added(session, matmul(32), llvm)
    trace = [[["GetSBlock", [], ["nowhere", "main"], ["b0"]]], []]
    result = measured(session, task, trace)
    assert result.failure == "exception" and "nowhere" in result.error_msg


def test_a_model_is_tuned_and_gives_the_same_results(tmp_path, llvm):
    from tune_relax_model import MODELS, compiled, lowered

    mod = lowered("perceptron", llvm)
    database = bridge.tune_relax(
        mod, llvm, str(tmp_path), 32, num_trials_per_iter=8, seed=1, min_repeat_ms=10
    )
    records = database.get_all_tuning_records()
    assert len(records) >= 4
    picture = tvm.runtime.tensor(
        np.random.default_rng(0).standard_normal(MODELS["perceptron"].shape).astype("float32")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tuned = compiled(mod, llvm, database)
    expected = compiled(mod, llvm)["forward"](picture).numpy()
    np.testing.assert_allclose(tuned["forward"](picture).numpy(), expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="no task is named"):
        bridge.tune_relax(mod, llvm, str(tmp_path), 4, op_names=["nothing"])
    with pytest.raises(TypeError, match="tune_relax tunes models"):
        bridge.tune(mod, llvm, str(tmp_path), 4)


def test_a_model_that_is_not_lowered_has_nothing_to_tune(tmp_path, llvm):
    from tune_relax_model import Perceptron
    from tvm.relax.frontend import nn

    mod, _ = Perceptron().export_tvm(spec={"forward": {"x": nn.spec.Tensor([16, 784], "float32")}})
    with pytest.raises(ValueError, match="get_pipeline"):
        bridge.tune_relax(mod, llvm, str(tmp_path), 4)
