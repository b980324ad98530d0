# SPDX-License-Identifier: Apache-2.0
"""The runner that measures on the servers of a tracker."""

import os
import threading

from .. import _core
from .._core import EvaluatorConfig, RunnerResult
from ..utils import get_global_func_with_default_on_worker
from . import local_runner
from .config import RPCConfig
from .runner import PyRunner, PyRunnerFuture
from .utils import (
    T_ARG_INFO_JSON_OBJ_LIST,
    T_ARGUMENT_LIST,
    config_values,
    run_evaluator_common,
    tensors,
)


class RPCRunnerFuture(PyRunnerFuture):
    """A measurement that a server makes."""

    def __init__(self, future, timeout_sec, give_up=lambda: None):
        self.future, self.timeout_sec, self._give_up = future, timeout_sec, give_up

    def done(self):
        return self.future.done()

    def result(self):
        from ..rpc.dispatch import wait

        try:
            seconds, error, failure = wait(self.future)
        except Exception as unexpected:
            seconds, error, failure = None, str(unexpected), "exception"
        except BaseException:  # an interrupt: nobody will ask for the rest of the batch
            self._give_up()
            raise
        if error is None:
            return RunnerResult(seconds, None)
        if failure == "timeout":
            text = f"RPCRunner: Timeout, killed after {self.timeout_sec} seconds"
        else:
            text = f"RPCRunner: An exception occurred\n{error}"
        return RunnerResult(None, text, failure)


def default_create_session(rpc_config):
    """A session with a server that is free."""
    return rpc_config.connect_server()


def default_upload_module(session, local_path, remote_path):
    """The module of an artifact, on the server."""
    session.upload(local_path, remote_path)
    return session.load_module(remote_path)


def default_alloc_argument(
    session, device, args_info: T_ARG_INFO_JSON_OBJ_LIST, alloc_repeat: int
) -> "list[T_ARGUMENT_LIST]":
    """`alloc_repeat` lists of arrays of the server, with random values in [1, 10)."""
    del session
    if not hasattr(device, "place_random"):  # a session of the user's
        return local_runner.default_alloc_argument(device, args_info, alloc_repeat)
    return [device.place_random(tensors(args_info)) for _ in range(alloc_repeat)]


def default_run_evaluator(session, rt_mod, device, evaluator_config, repeated_args):
    """Seconds a call: `repeat` numbers for each list of arguments."""
    del session
    return run_evaluator_common(rt_mod, device, evaluator_config, repeated_args)


def default_cleanup(session, remote_path):
    """Removes the artifact from the server."""
    if session is not None and remote_path is not None:
        for path in (remote_path, remote_path + ".so", ""):
            session.remove(path)


_DEFAULTS = (
    default_create_session,
    default_upload_module,
    default_alloc_argument,
    default_run_evaluator,
    default_cleanup,
)


def _resolve(hooks):
    return [get_global_func_with_default_on_worker(h, d) for h, d in zip(hooks, _DEFAULTS)]


def _check(hooks):
    _resolve(hooks)


def _run(rpc_config, config, alloc_repeat, cooldown_sec, artifact_path, device_type, args, hooks):
    """Runs in a Python worker of this machine: a measurement, step by step."""
    f_create, f_upload, f_alloc, f_run, f_cleanup = _resolve(hooks)
    session = remote_path = None
    try:
        session = f_create(rpc_config)
        remote_path = os.path.basename(artifact_path)
        rt_mod = f_upload(session, artifact_path, remote_path)
        device = session.device(dev_type=device_type, dev_id=0)
        repeated_args = f_alloc(session, device, args, alloc_repeat)
        costs = f_run(session, rt_mod, device, EvaluatorConfig(*config), repeated_args)
        return [float(cost) for cost in costs]
    finally:
        try:
            f_cleanup(session, remote_path)
        finally:
            if hasattr(session, "close"):
                session.close(cooldown_sec)


class RPCRunner(PyRunner):
    """Measures on the servers of a tracker, at most `max_workers` at once (None: on as many as
    there are), each of which has a measurement for itself and then rests for `cooldown_sec`.

    Without functions the artifact goes to the native worker of a server. With one, a Python worker
    of this machine opens a session with a server (`f_create_session(rpc_config)`), and does there
    what the functions say: `f_upload_module(session, local_path, remote_path)`,
    `f_alloc_argument(session, device, args_info, alloc_repeat)`,
    `f_run_evaluator(session, rt_mod, device, evaluator_config, repeated_args)`,
    `f_cleanup(session, remote_path)`, the last with None for what there is not yet. They are
    callables, sent with cloudpickle, or names registered by `initializer()`, which each Python
    worker calls first; ValueError for a name that is not registered.

    `race_factor` is LocalRunner's, without functions only: the best of a task is that of all
    servers.

    ImportError without Dask distributed, ValueError without the address or key of a tracker. `run`
    raises ValueError when the tracker does not answer, or has no server with the key, for
    `rpc_config.session_timeout_sec`."""

    def __init__(
        self,
        rpc_config=None,
        evaluator_config=None,
        cooldown_sec=0.0,
        alloc_repeat=1,
        f_create_session=None,
        f_upload_module=None,
        f_alloc_argument=None,
        f_run_evaluator=None,
        f_cleanup=None,
        max_workers=None,
        initializer=None,
        *,
        race_factor=None,
    ):
        from ..rpc.errors import require_distributed

        require_distributed()
        from ..rpc.dispatch import Dispatcher

        self.rpc_config = RPCConfig._normalized(rpc_config)
        self.evaluator_config = evaluator_config or EvaluatorConfig()
        self.cooldown_sec, self.alloc_repeat = cooldown_sec, alloc_repeat
        self.max_workers, self.initializer = max_workers, initializer
        self.race_factor = race_factor
        # None lets the server's runner race; a configuration that is given means what it says.
        self._config = evaluator_config and config_values(evaluator_config)
        self.f_create_session, self.f_upload_module = f_create_session, f_upload_module
        self.f_alloc_argument, self.f_run_evaluator = f_alloc_argument, f_run_evaluator
        self.f_cleanup = f_cleanup
        if alloc_repeat < 1 or cooldown_sec < 0 or (max_workers is not None and max_workers < 1):
            raise ValueError(
                "RPCRunner: alloc_repeat and max_workers must be positive, cooldown_sec not "
                f"negative, found {alloc_repeat}, {max_workers} and {cooldown_sec}"
            )
        self._hooks = (f_create_session, f_upload_module, f_alloc_argument, f_run_evaluator)
        self._hooks += (f_cleanup,)
        self._dispatcher = Dispatcher()
        self._idle_workers = []
        if any(hook is not None for hook in self._hooks):
            from ..python_worker import PythonWorker

            self._idle_workers.append(PythonWorker(initializer))
            self._idle_workers[0].check(_check, (self._hooks,))

    def run(self, runner_inputs):
        tracker, limit = None, self.max_workers or 1
        if self.f_create_session is None:  # who makes sessions knows where
            tracker = self.rpc_config.connect_tracker()
            count = tracker.wait_for_servers(
                self.rpc_config.tracker_key, self.rpc_config.session_timeout_sec
            )
            limit = min(self.max_workers or count, count)
        given_up = threading.Event()
        out = []
        for one in runner_inputs:
            call = (self._measure, tracker, given_up, one)
            if self._hooks != (None,) * len(self._hooks):
                call = (self._measure_with_hooks, given_up, one)
            future = self._dispatcher.submit(limit, *call)
            timeout_sec = self.rpc_config.session_timeout_sec
            out.append(RPCRunnerFuture(future, timeout_sec, given_up.set))
        return out

    def _measure(self, tracker, given_up, one):
        from ..rpc import RPCError, work
        from ..rpc.client import Job

        timeout_sec = self.rpc_config.session_timeout_sec
        try:
            with open(one.artifact_path, "rb") as file:
                artifact = file.read()
            job = Job(
                tracker,
                work.measure,
                (
                    _core.__version__,
                    artifact,
                    os.path.basename(one.artifact_path),
                    one.device_type,
                    self._config,
                    timeout_sec,
                    self.alloc_repeat,
                    self.cooldown_sec,
                    self.race_factor,
                    one.best_secs,
                ),
                key=self.rpc_config.tracker_key,
                priority=self.rpc_config.session_priority,
            )
            outcome = job.run(timeout_sec, patience_sec=timeout_sec, cancelled=given_up.is_set)
            if outcome[0]:
                import statistics

                one._competed(statistics.median(outcome[0]))
            return outcome
        except RPCError as error:
            return None, str(error), error.failure
        except OSError as error:
            return None, f"the artifact cannot be read: {error}", "exception"

    def _measure_with_hooks(self, given_up, one):
        from ..python_worker import PythonWorker

        if given_up.is_set():
            return None, "the measurement was given up", "exception"
        try:
            worker = self._idle_workers.pop()
        except IndexError:
            worker = PythonWorker(self.initializer)
        call = (
            self.rpc_config,
            config_values(self.evaluator_config),
            self.alloc_repeat,
            self.cooldown_sec,
            one.artifact_path,
            one.device_type,
            [info.as_json() for info in one.args_info],
            self._hooks,
        )
        outcome = worker.call(_run, call, self.rpc_config.session_timeout_sec)
        self._idle_workers.append(worker)
        if outcome.failure is None:
            return outcome.value, None, "none"
        return None, outcome.value, outcome.failure
