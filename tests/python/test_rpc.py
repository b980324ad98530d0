# SPDX-License-Identifier: Apache-2.0
"""Measuring on servers: a tracker and a server on loopback for all tests, a second server that one
test kills, and a pair that talks TLS."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.cli import main
from metaschedule.rpc import RPCError, dispatch, security
from metaschedule.rpc.server import Server
from metaschedule.rpc.tracker import Tracker
from metaschedule.runner import EvaluatorConfig, RPCConfig, RPCRunner, RunnerInput, rpc_runner
from metaschedule.script import from_source
from metaschedule.testing.custom_builder_runner import run_module_via_rpc
from metaschedule.testing.local_rpc import LocalRPC
from programs import matmul
from test_hostile import CRASHES, CRASHES_THE_COMPILER, HANGS

TARGET = ms.target.Target("llvm -num-cores 2")
QUICK = EvaluatorConfig(number=1, repeat=2, min_repeat_ms=0)
SIXTEEN = [ms.arg_info.TensorInfo("float32", [16, 16])] * 3


@pytest.fixture(scope="module")
def rpc():
    pytest.importorskip("distributed")
    with LocalRPC(silent=True) as running:
        yield running
    # They end by themselves at the end of their standard input, as they do when this process dies.
    assert [p.process.returncode for p in (running.server, running.tracker)] == [0, 0]


def config(rpc, timeout_sec=20.0, key=None):
    return RPCConfig(rpc.tracker_host, rpc.tracker_port, key or rpc.tracker_key, 1, timeout_sec)


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """Paths of compiled programs: a matmul of 16, one that crashes, one that hangs."""
    folder = tmp_path_factory.mktemp("artifacts")
    programs = {"good": matmul(16, 16, 16)}
    programs.update(crashes=from_source(CRASHES), hangs=from_source(HANGS))
    for name, program in programs.items():
        ms.runtime.build(program).export_library(str(folder / f"{name}.o"))
    return {name: str(folder / f"{name}.o") for name in programs}


def measure(runner, *paths):
    return [f.result() for f in runner.run([RunnerInput(p, "llvm", SIXTEEN) for p in paths])]


# Without Dask.


def test_importing_imports_nothing_of_dask():
    script = (
        "import sys, metaschedule, metaschedule.rpc.client, metaschedule.testing.local_rpc\n"
        "assert not {'dask', 'distributed', 'tornado', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_missing_dask_is_one_error_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for make in (RPCRunner, ms.builder.RPCBuilder, LocalRPC):
        with pytest.raises(ImportError, match=r"pip install metaschedule\[rpc\]"):
            make()


def test_what_a_config_lacks_comes_from_the_environment(monkeypatch):
    for name in ("HOST", "PORT", "KEY"):
        monkeypatch.delenv(f"TVM_TRACKER_{name}", raising=False)
    with pytest.raises(ValueError, match="tracker_host.*TVM_TRACKER_HOST"):
        RPCConfig._normalized(None)
    monkeypatch.setenv("TVM_TRACKER_HOST", "127.0.0.1")
    monkeypatch.setenv("TVM_TRACKER_PORT", "9190")
    with pytest.raises(ValueError, match="tracker_key.*TVM_TRACKER_KEY"):
        RPCConfig._normalized(None)
    monkeypatch.setenv("TVM_TRACKER_KEY", "arm")
    assert RPCConfig._normalized(None)[:5] == ("127.0.0.1", 9190, "arm", 1, 10)
    assert RPCConfig._normalized(RPCConfig(tracker_port="1", tracker_key="x"))[1:3] == (1, "x")
    with pytest.raises(ValueError, match="tracker_port.*'nine'"):
        RPCConfig._normalized(RPCConfig(tracker_port="nine"))


def test_an_interrupt_gives_the_rest_of_a_batch_up(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    given_up = []
    future = rpc_runner.RPCRunnerFuture(Future(), 1.0, lambda: given_up.append(True))
    monkeypatch.setattr(dispatch._core, "check_interrupt", interrupt)
    assert not future.done()
    with pytest.raises(KeyboardInterrupt):
        future.result()
    assert given_up == [True]


# With a tracker and a server.


def test_measurements_come_in_order_and_bad_candidates_fail_alone(rpc, artifacts):
    pytest.importorskip("distributed")
    runner = ms.Runner.create(
        "rpc", config(rpc, 1.0), evaluator_config=QUICK, alloc_repeat=2, max_workers=3
    )
    found = measure(runner, *(artifacts[name] for name in ("good", "hangs", "crashes", "good")))
    assert [r.failure for r in found] == ["none", "timeout", "crash", "none"]
    assert all(len(found[i].run_secs) == 4 and 0 < min(found[i].run_secs) < 1 for i in (0, 3))
    assert found[1].error_msg == "RPCRunner: Timeout, killed after 1.0 seconds"
    assert found[2].error_msg.startswith("RPCRunner: An exception occurred\n")
    (missing,) = measure(runner, "/nowhere/kernel.o")
    assert missing.failure == "exception" and "/nowhere/kernel.o" in missing.error_msg


def test_a_server_that_dies_costs_what_it_measured_and_nothing_else(rpc, artifacts):
    tracker = config(rpc).connect_tracker()
    at = (rpc.tracker_host, rpc.tracker_port)
    with ThreadPoolExecutor() as pool:
        starts = [
            pool.submit(Server, key=rpc.tracker_key, tracker_addr=at, port=0, silent=True)
            for _ in range(2)
        ]
    with starts[0].result() as killed, starts[1].result() as stopped:
        addresses = {f"tcp://127.0.0.1:{server.port}" for server in (killed, stopped)}
        assert addresses < set(tracker.servers(rpc.tracker_key))
        assert config(rpc).count_num_servers() == 3
        runner = RPCRunner(config(rpc), EvaluatorConfig(number=1, repeat=1, min_repeat_ms=700))
        futures = runner.run([RunnerInput(artifacts["good"], "llvm", SIXTEEN)] * 6)
        deadline = time.monotonic() + 30
        while not addresses <= {begun[1] for begun in tracker._begun.copy().values() if begun}:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        killed.process.kill()
        stopped.process.terminate()
        found = [future.result() for future in futures]
    assert sorted(r.failure for r in found) == ["crash"] + ["none"] * 5
    (lost,) = [r for r in found if r.failure == "crash"]
    assert f"tcp://127.0.0.1:{killed.port} died" in lost.error_msg
    assert config(rpc).count_num_servers() == 1


def test_a_server_rests_between_measurements(rpc, artifacts):
    runner = RPCRunner(config(rpc), QUICK, cooldown_sec=0.5)
    measure(runner, artifacts["good"])
    start = time.monotonic()
    assert [r.failure for r in measure(runner, *[artifacts["good"]] * 2)] == ["none"] * 2
    # From the end of the first to the end of the last there are two rests.
    assert 0.7 < time.monotonic() - start
    with config(rpc).connect_server() as session:
        session.close(cooldown_sec=2.0)
    start = time.monotonic()
    measure(RPCRunner(config(rpc), QUICK), artifacts["good"])
    assert 1.5 < time.monotonic() - start


def test_a_candidate_that_has_lost_is_not_measured_for_long(rpc, artifacts):
    def spent(runner, best_secs):
        inputs = [RunnerInput(artifacts["good"], "llvm", SIXTEEN, best_secs) for _ in range(5)]
        start = time.monotonic()
        assert [f.result().failure for f in runner.run(inputs)] == ["none"] * 5
        return time.monotonic() - start, inputs[-1].best_secs

    # By default a measurement takes 100 ms, so five take half a second at least.
    runner = RPCRunner(config(rpc), max_workers=1)
    measured, best_secs = spent(runner, 1.0)
    assert 0.5 < measured and 0 < best_secs < 1e-2, "the others are told what the best is"
    assert min(spent(runner, 1e-12)[0] for _ in range(3)) < 0.5
    alike = RPCRunner(config(rpc), race_factor=0, max_workers=1)
    assert 0.5 < spent(alike, 1e-12)[0]
    given = EvaluatorConfig(number=3, repeat=1, min_repeat_ms=100)
    assert 0.5 < spent(RPCRunner(config(rpc), given, max_workers=1), 1e-12)[0]


def test_functions_of_the_user_see_the_session_the_module_and_the_arrays(rpc, artifacts, tmp_path):
    here, marker = os.getpid(), str(tmp_path / "marker")

    def initializer():
        from typing import List

        from metaschedule.compat.tvm.meta_schedule.runner.rpc_runner import (
            T_ARG_INFO_JSON_OBJ_LIST,
            T_ARGUMENT_LIST,
            default_alloc_argument,
        )
        from metaschedule.compat.tvm.rpc import RPCSession

        @ms.runtime.register_func("test.rpc.alloc", override=True)
        def alloc(
            session: RPCSession, device, args_info: T_ARG_INFO_JSON_OBJ_LIST, alloc_repeat
        ) -> List[T_ARGUMENT_LIST]:
            assert isinstance(session, RPCSession) and os.getpid() != here
            return default_alloc_argument(session, device, args_info, alloc_repeat)

    def f_run_evaluator(session, rt_mod, device, evaluator_config, repeated_args):
        costs = []
        evaluator = rt_mod.time_evaluator(
            func_name=rt_mod.entry_name,
            dev=device,
            number=evaluator_config.number,
            repeat=evaluator_config.repeat,
            f_preproc="cache_flush_cpu_non_first_arg",
        )
        for args in repeated_args:
            before = [a.numpy() for a in args]
            costs.extend(evaluator(*args).results)
            np.testing.assert_allclose(args[2].numpy(), before[0] @ before[1], rtol=1e-4)
        return costs

    def f_cleanup(session, remote_path):
        assert remote_path in session.listdir()
        rpc_runner.default_cleanup(session, remote_path)
        with open(marker, "a") as file:
            file.write(remote_path + "\n")

    runner = RPCRunner(
        config(rpc),
        QUICK,
        alloc_repeat=2,
        f_alloc_argument="test.rpc.alloc",
        f_run_evaluator=f_run_evaluator,
        f_cleanup=f_cleanup,
        initializer=initializer,
    )
    found = measure(runner, *[artifacts["good"]] * 2)
    assert [r.error_msg for r in found] == [None, None]
    assert [len(r.run_secs) for r in found] == [4, 4]
    with open(marker) as file:
        assert file.read() == "good.o\n" * 2


def test_a_session_may_be_the_users_own(artifacts):
    pytest.importorskip("distributed")

    class Here:
        def device(self, dev_type, dev_id):
            return ms.runtime.device(dev_type, dev_id)

    runner = RPCRunner(
        RPCConfig("nowhere", 1, "none"),
        QUICK,
        f_create_session=lambda rpc_config: Here(),
        f_upload_module=lambda session, local_path, remote_path: ms.runtime.load_module(local_path),
        f_cleanup=lambda session, remote_path: None,
    )
    (found,) = measure(runner, artifacts["good"])
    assert found.error_msg is None and len(found.run_secs) == 2


def test_functions_that_fail_are_failures_of_the_candidate(rpc, artifacts):
    def slow(rpc_config):
        time.sleep(30)

    def wrong(rpc_config):
        raise OSError("no such board")

    for f_create_session, text in ((slow, "Timeout, killed after 0.5"), (wrong, "no such board")):
        runner = RPCRunner(config(rpc, 0.5), QUICK, f_create_session=f_create_session)
        (found,) = measure(runner, artifacts["good"])
        assert found.run_secs is None and text in found.error_msg
    with pytest.raises(ValueError, match="test.nobody"):
        RPCRunner(config(rpc), f_cleanup="test.nobody")


def test_a_session_has_files_modules_and_arrays(rpc, artifacts):
    with config(rpc).connect_server() as session:
        session.upload(b"some bytes", "notes.txt")
        session.upload(artifacts["good"])
        assert session.listdir() == ["good.o", "notes.txt"]
        assert session.download("notes.txt") == b"some bytes"
        session.remove("notes.txt")
        module = session.load_module("good.o")
        device = session.device("llvm", 0)
        a = ms.runtime.array(np.full((16, 16), 2, "float32"), device)
        b, c = ms.runtime.empty((16, 16), device=device), ms.runtime.empty((16, 16), device=device)
        session.get_function("tvm.contrib.random.random_fill")(b)
        module(a, b, c)
        np.testing.assert_allclose(c.numpy(), a.numpy() @ b.numpy(), rtol=1e-4)
        assert module.time_evaluator(number=1, repeat=3)(a, b, c).min > 0
        with pytest.raises(AttributeError, match="test.nobody; install it"):
            ms.utils.get_global_func_on_rpc_session(session, "test.nobody", "install it")
        with pytest.raises(RPCError, match="inside the session's folder"):
            session.download("/etc/hostname")
        assert session.listdir() == ["good.o"], "an exception does not end the session"
        session.upload(artifacts["crashes"])
        with pytest.raises(RPCError, match="signal 11") as crash:
            session.load_module("crashes.o")(np.zeros(16, "float32"))
        assert crash.value.failure == "crash"
    with pytest.raises(RPCError, match="closed"):
        session.listdir()


def test_a_session_ends_in_time_and_nobody_is_waited_for_in_vain(rpc, artifacts):
    with config(rpc, 1.0).connect_server() as session:
        session.upload(artifacts["hangs"])
        hanging = session.load_module("hangs.o")
        with pytest.raises(RPCError, match="no result within|ended after") as timeout:
            hanging(np.zeros(1, "float32"))
        assert timeout.value.failure == "timeout"
        with pytest.raises(RPCError) as timeout:
            session.listdir()
        assert timeout.value.failure == "timeout"
    session = config(rpc).connect_tracker().request(rpc.tracker_key, session_timeout=0)
    assert session.listdir() == []
    del session  # without `close`: the server sees that nobody wants it
    with config(rpc).connect_server() as another:
        assert another.listdir() == []
    with pytest.raises(ValueError, match="'nobody'"):
        config(rpc, 0.5, "nobody").count_num_servers(allow_missing=False)
    with pytest.raises(ValueError, match="no server with the key 'nobody'"):
        measure(RPCRunner(config(rpc, 0.5, "nobody")), artifacts["good"])


def test_tracker_and_server_listen_on_this_machine_only(rpc):
    import psutil

    for process in (rpc.tracker.process, rpc.server.process):
        found = psutil.Process(process.pid).net_connections("inet")
        listening = {c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}


def test_a_module_runs_on_a_server_for_a_test(rpc):
    ones = np.ones((16, 16), "float32")
    found = run_module_via_rpc(
        config(rpc),
        ms.runtime.build(matmul(16, 16, 16)),
        "llvm",
        {"A": ones, "B": ones, "C": ones},
        lambda module, device, args: module(*args.values()) or args["C"].numpy(),
    )
    assert (found == 16).all()


def test_tuning_with_a_remote_builder_and_runner_finds_a_winner(rpc, tmp_path):
    database = ms.tune_tir(
        matmul(),
        TARGET,
        str(tmp_path),
        4,
        builder=ms.Builder.create("rpc", config(rpc)),
        runner=ms.Runner.create("rpc", config(rpc), QUICK),
        cost_model="random",
        strategy="replay-trace",
        num_trials_per_iter=2,
        seed=1,
    )
    records = database.get_all_tuning_records()
    assert len(records) == 4 and all(0 < r.run_secs[0] < 1 for r in records)
    crashing = ms.ir.IRModule.from_expr(from_source(CRASHES_THE_COMPILER))
    one = ms.builder.BuilderInput(crashing, ms.target.Target("llvm -mcpu=x86-64"))
    (failed,) = ms.builder.RPCBuilder(config(rpc)).build([one])
    assert failed.failure == "crash" and failed.error_msg.startswith("RPCBuilder: ")


def test_the_tracker_is_asked_on_the_command_line(rpc, capsys):
    assert main(["rpc-query", "--tracker", f"{rpc.tracker_host}:{rpc.tracker_port}"]) == 0
    said = capsys.readouterr().out
    assert f"127.0.0.1:{rpc.server.port}" in said and rpc.tracker_key in said
    assert main(["rpc-query", "--tracker", "nowhere"]) == 1
    assert "HOST:PORT" in capsys.readouterr().err


# Beyond this machine.


def test_nothing_listens_or_talks_beyond_this_machine_without_tls(capsys):
    pytest.importorskip("distributed")
    for command in (
        ["rpc-tracker", "--host", "0.0.0.0"],
        ["rpc-server", "--key", "x", "--tracker", "127.0.0.1:1", "--host", "0.0.0.0"],
        ["rpc-server", "--key", "x", "--tracker", "192.0.2.1:9190", "--host", "127.0.0.1"],
        ["rpc-query", "--tracker", "192.0.2.1:9190"],
    ):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert "mutual TLS" in said and "openssl x509" in said
    assert security.is_loopback("localhost") and not security.is_loopback("")
    with pytest.raises(ValueError, match="tls_key not given"):
        security.make_security("ca.pem", "cert.pem")


def make_certificates(folder):
    """As the error says, plus a pair of another authority."""
    lines = security.HOW_TO_MAKE_CERTIFICATES.replace("\\\n", " ").splitlines()
    script = "\n".join(line for line in lines if line.strip().startswith("openssl"))
    assert script.count("openssl") == 3
    for name in ("ours", "theirs"):
        (folder / name).mkdir()
        subprocess.run(
            ["sh", "-ec", script], cwd=folder / name, check=True, stderr=subprocess.DEVNULL
        )


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
def test_with_certificates_a_tracker_may_listen_everywhere(artifacts, tmp_path):
    pytest.importorskip("distributed")
    make_certificates(tmp_path)
    ours = {
        f"tls_{name}": str(tmp_path / "ours" / file)
        for name, file in (("ca_file", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem"))
    }
    theirs = {name: path.replace("/ours/", "/theirs/") for name, path in ours.items()}
    theirs["tls_ca_file"] = ours["tls_ca_file"]
    with Tracker("0.0.0.0", 0, silent=True, **ours) as tracker:
        at = ("127.0.0.1", tracker.port)
        with Server(tracker_addr=at, key="tls", port=0, silent=True, **ours):
            good = RPCConfig(*at, "tls", 1, 20, **ours)
            assert good.connect_tracker().servers() and good.count_num_servers() == 1
            (found,) = measure(RPCRunner(good, QUICK), artifacts["good"])
            assert found.error_msg is None
            for files in ({}, theirs):
                with pytest.raises(ValueError, match="no tracker answers"):
                    RPCConfig(*at, "tls", 1, 0.5, **files).connect_tracker()
            good.connect_tracker().close()
