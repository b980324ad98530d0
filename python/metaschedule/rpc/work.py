# SPDX-License-Identifier: Apache-2.0
"""What a server does: the functions that a tracker sends it. They run in threads of the server, and
what is measured, built or called runs in processes that the server owns."""

import os
import shutil
import tempfile
import threading
import time

from .._core import __version__
from .client import TOPIC

# Ends sessions when the server is to stop.
stopping = threading.Event()
# Runners and builders by their settings; each has a native worker.
_parts = {}
_MAX_PARTS = 4
_sessions = {}
# No measurement starts before; time.monotonic.
_rest_until = 0.0


def _begin(job_id):
    """Waits until the server has rested, then tells that the job's time runs."""
    from distributed import get_worker

    while (left := _rest_until - time.monotonic()) > 0 and not stopping.is_set():
        time.sleep(min(left, 0.1))
    worker = get_worker()
    worker.log_event(TOPIC, {"id": job_id, "address": worker.address})


def _rest(seconds):
    global _rest_until
    _rest_until = max(_rest_until, time.monotonic() + seconds)


def _part(kind, *settings):
    if (kind, settings) not in _parts:
        while len(_parts) >= _MAX_PARTS:
            _parts.pop(next(iter(_parts)))
        _parts[kind, settings] = kind(*settings)
    return _parts[kind, settings]


def _wrong_version(version):
    if version == __version__:
        return None
    return f"the server has metaschedule {__version__}, the session {version}"


def _runner(config, timeout_sec, alloc_repeat, race_factor):
    from ..runner import EvaluatorConfig, LocalRunner

    config = config and EvaluatorConfig(*config)
    return LocalRunner(timeout_sec, config, alloc_repeat=alloc_repeat, race_factor=race_factor)


def measure(
    job_id,
    version,
    artifact,
    name,
    device_type,
    config,
    timeout_sec,
    alloc_repeat,
    rest,
    race_factor,
    best_secs,
):
    """Measures an artifact in the server's native worker: (seconds, error, kind of failure). One
    that is `race_factor` times slower than `best_secs` is not measured for long."""
    from ..runner import RunnerInput

    if wrong := _wrong_version(version):
        return None, wrong, "exception"
    _begin(job_id)
    folder = tempfile.mkdtemp(prefix="metaschedule-")
    try:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(artifact)
        runner = _part(_runner, config, timeout_sec, alloc_repeat, race_factor)
        (future,) = runner.run([RunnerInput(path, device_type, [], best_secs)])
        result = future.result()
        seconds = None if result.run_secs is None else [float(s) for s in result.run_secs]
        return seconds, result.error_msg, result.failure
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _rest(rest)


def _builder(timeout_sec):
    from ..builder import LocalBuilder

    return LocalBuilder(max_workers=1, timeout_sec=timeout_sec)


def build(job_id, version, mod, target, timeout_sec):
    """Compiles a program in the server's native worker: (object, error, kind of failure)."""
    from ..builder import BuilderInput
    from ..utils import remove_build_dir

    if wrong := _wrong_version(version):
        return None, wrong, "exception"
    _begin(job_id)
    (result,) = _part(_builder, timeout_sec).build([BuilderInput(mod, target)])
    if result.artifact_path is None:
        return None, result.error_msg, result.failure
    try:
        with open(result.artifact_path, "rb") as file:
            return file.read(), None, "none"
    finally:
        remove_build_dir(result.artifact_path)


class _Session:
    """A process in which a client's modules and arrays live, and a folder for its files."""

    def __init__(self):
        import functools

        from ..python_worker import PythonWorker
        from . import remote

        self.folder = tempfile.mkdtemp(prefix="metaschedule-session-")
        self.process = PythonWorker(functools.partial(remote.begin, self.folder))
        self.process.check(remote.drop, ((),))  # it starts before the session's time runs
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.deadline = float("inf")
        self.rest = 0.0
        self.failure = None

    def call(self, function, arguments):
        with self.lock:
            if self.failure:
                return self.failure
            left = self.deadline - time.monotonic()
            outcome = self.process.call(function, arguments, max(left, 0.0))
            if outcome.failure is None:
                return None, outcome.value
            if outcome.failure == "exception":
                return outcome.failure, outcome.value
            # What lived in the process is lost. One that `close` killed says why already.
            self.failure = self.failure or (outcome.failure, outcome.value)
            self.ended.set()
            return self.failure

    def close(self, why):
        self.failure = self.failure or ("timeout", why)
        self.process.kill()  # for the call that is under way
        with self.lock:
            self.process.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def hold(job_id, version, timeout_sec):
    """Lends the server to one session until that ends."""
    from distributed import get_worker

    if wrong := _wrong_version(version):
        return wrong
    worker = get_worker()
    key = worker.get_current_task()

    def wanted():
        # A task that its client has dropped runs on; that is all one sees of it here.
        task = worker.state.tasks.get(key)
        return task is not None and task.state in ("executing", "long-running")

    session = _sessions[job_id] = _Session()
    why = "the session has ended"
    try:
        _begin(job_id)
        if timeout_sec:
            session.deadline = time.monotonic() + timeout_sec
        while not session.ended.wait(0.1):
            if time.monotonic() > session.deadline:
                why = f"the session ended after {timeout_sec} seconds"
                return why
            if stopping.is_set() or not wanted():
                break
        return None
    finally:
        del _sessions[job_id]
        session.close(why)
        _rest(session.rest)


def call(job_id, session_id, function, arguments):
    """Calls a function in the process of a session: (None, value) or (kind of failure, text)."""
    del job_id
    session = _sessions.get(session_id)
    if session is None:
        return "timeout", "the session has ended"
    return session.call(function, arguments)


def end(job_id, session_id, rest):
    """Ends a session; the server rests for `rest` seconds."""
    del job_id
    session = _sessions.get(session_id)
    if session is not None:
        session.rest = rest
        session.ended.set()
    return None, None
