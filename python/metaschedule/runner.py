# SPDX-License-Identifier: Apache-2.0
"""Runners: from artifacts to measured times."""

from . import _core
from ._core import EvaluatorConfig, Runner, RunnerInput, RunnerResult
from .utils import get_global_func_with_default_on_worker, python_base

RunnerFuture = _core.RunnerFuture
PyRunner = python_base(Runner)
PyRunnerFuture = python_base(RunnerFuture)


def make_runner_future(f_done, f_result=None) -> RunnerFuture:
    """A future from two functions: whether it is done, and its RunnerResult."""
    return _core.make_runner_future(f_done, f_result)


class LocalRunnerFuture(PyRunnerFuture):
    """A future that is done: seconds, or why there are none."""

    def __init__(self, res=None, error_message=None, failure=""):
        if (res is None) == (error_message is None):
            raise AttributeError("expected either a result or an error message")
        self._result = RunnerResult(res, error_message, failure)

    def done(self):
        return True

    def result(self):
        return self._result


def default_alloc_argument(device, args_info, alloc_repeat):
    """`alloc_repeat` lists of arrays with random values in [1, 10)."""
    import numpy as np

    from . import runtime

    rng = np.random.default_rng()
    for kind, *_ in args_info:
        if kind != "TENSOR":
            raise TypeError(f"expected arguments of kind TENSOR, found {kind}")
    return [
        [
            runtime.array(rng.uniform(1, 10, tuple(shape)).astype(dtype), device)
            for _, dtype, shape in args_info
        ]
        for _ in range(alloc_repeat)
    ]


def default_run_evaluator(rt_mod, device, evaluator_config, repeated_args):
    """Seconds a call: `repeat` numbers for each list of arguments."""
    evaluator = rt_mod.time_evaluator(
        rt_mod.entry_name,
        device,
        number=evaluator_config.number,
        repeat=evaluator_config.repeat,
        min_repeat_ms=evaluator_config.min_repeat_ms,
        enable_cpu_cache_flush=evaluator_config.enable_cpu_cache_flush,
    )
    costs = []
    for args in repeated_args:
        device.sync()
        costs.extend(evaluator(*args).results)
    return costs


def default_cleanup():
    """Nothing."""


def _resolve(f_alloc_argument, f_run_evaluator, f_cleanup):
    return (
        get_global_func_with_default_on_worker(f_alloc_argument, default_alloc_argument),
        get_global_func_with_default_on_worker(f_run_evaluator, default_run_evaluator),
        get_global_func_with_default_on_worker(f_cleanup, default_cleanup),
    )


def _check(*hooks):
    _resolve(*hooks)


def _run(path, device_type, args_info, config, alloc_repeat, *hooks):
    from . import runtime

    f_alloc_argument, f_run_evaluator, f_cleanup = _resolve(*hooks)
    try:
        module = runtime.load_module(path)
        device = runtime.device(device_type, 0)
        args = f_alloc_argument(device, args_info, alloc_repeat)
        costs = f_run_evaluator(module, device, EvaluatorConfig(*config), args)
        return [float(cost) for cost in costs]
    finally:
        f_cleanup()


class LocalRunner(PyRunner):
    """Measures in a worker process of this machine, one artifact after another: a native process,
    or, with a function `f_alloc_argument(device, args_info, alloc_repeat)`,
    `f_run_evaluator(rt_mod, device, evaluator_config, repeated_args)` or `f_cleanup()`, one of
    Python. These are callables, sent with cloudpickle, or names registered in the worker, by
    `initializer()` for instance, which it calls first. Raises ValueError for a name that is not
    registered there.

    `race_factor`: a candidate whose every call takes that many times longer than a call of the best
    of its task is timed for a few milliseconds and calls only; 0 never. By default 3, but 0 where
    `evaluator_config` is given. `adaptive` ends a measurement as soon as its batches agree within
    one percent. Both are for the native process. `cooldown_sec` is kept and has no effect."""

    def __init__(
        self,
        timeout_sec=30.0,
        evaluator_config=None,
        cooldown_sec=0.0,
        alloc_repeat=1,
        f_alloc_argument=None,
        f_run_evaluator=None,
        f_cleanup=None,
        initializer=None,
        *,
        race_factor=None,
        adaptive=False,
    ):
        self.timeout_sec, self.alloc_repeat = timeout_sec, alloc_repeat
        self.cooldown_sec, self.initializer = cooldown_sec, initializer
        self.evaluator_config = evaluator_config or EvaluatorConfig()
        self.f_alloc_argument, self.f_run_evaluator = f_alloc_argument, f_run_evaluator
        self.f_cleanup = f_cleanup
        hooks = self._hooks = (f_alloc_argument, f_run_evaluator, f_cleanup)
        if hooks == (None, None, None):
            self._native = _core.LocalRunner(
                timeout_sec, evaluator_config, alloc_repeat, race_factor, adaptive
            )
            return
        from .python_worker import PythonWorkerPool

        if timeout_sec <= 0 or alloc_repeat < 1:
            raise ValueError(
                "LocalRunner: timeout_sec and alloc_repeat must be positive, found "
                f"{timeout_sec} and {alloc_repeat}"
            )
        self._native = None
        self._pool = PythonWorkerPool(1, initializer)
        self._pool.check(_check, hooks)

    def run(self, runner_inputs):
        if self._native is not None:
            return self._native.run(runner_inputs)
        c = self.evaluator_config
        config = (c.number, c.repeat, c.min_repeat_ms, c.enable_cpu_cache_flush)
        calls = [
            (
                i.artifact_path,
                i.device_type,
                [info.as_json() for info in i.args_info],
                config,
                self.alloc_repeat,
                *self._hooks,
            )
            for i in runner_inputs
        ]
        return [self._future(o) for o in self._pool.map(_run, calls, self.timeout_sec)]

    def _future(self, outcome):
        if outcome.failure is None:
            return LocalRunnerFuture(res=outcome.value)
        text = f"LocalRunner: An exception occurred\n{outcome.value}"
        if outcome.failure == "timeout":
            text = f"LocalRunner: Timeout, killed after {self.timeout_sec} seconds\n"
        return LocalRunnerFuture(error_message=text, failure=outcome.failure)


def create(kind="local", *args, **kwargs) -> Runner:
    """The runner of a kind; "local" measures in a worker process of this machine."""
    if kind == "local":
        kwargs.pop("max_workers", None)
        return LocalRunner(*args, **kwargs)
    raise ValueError(f"Unknown Runner: {kind}")


Runner.create = staticmethod(create)

__all__ = [
    "EvaluatorConfig",
    "LocalRunner",
    "LocalRunnerFuture",
    "PyRunner",
    "PyRunnerFuture",
    "Runner",
    "RunnerFuture",
    "RunnerInput",
    "RunnerResult",
    "create",
    "make_runner_future",
]
