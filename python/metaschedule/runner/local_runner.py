# SPDX-License-Identifier: Apache-2.0
"""The runner that measures on this machine."""

from .. import _core
from .._core import EvaluatorConfig, RunnerResult
from ..utils import get_global_func_with_default_on_worker
from .runner import PyRunner, PyRunnerFuture
from .utils import (
    T_ARG_INFO_JSON_OBJ_LIST,
    T_ARGUMENT_LIST,
    config_values,
    random_array,
    run_evaluator_common,
    tensors,
)


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


def default_alloc_argument(
    device, args_info: T_ARG_INFO_JSON_OBJ_LIST, alloc_repeat: int
) -> "list[T_ARGUMENT_LIST]":
    """`alloc_repeat` lists of arrays with random values in [1, 10)."""
    from .. import runtime

    shapes = tensors(args_info)
    return [
        [runtime.array(random_array(dtype, shape), device) for dtype, shape in shapes]
        for _ in range(alloc_repeat)
    ]


default_run_evaluator = run_evaluator_common


def default_cleanup():
    """Nothing."""


def get_local_runner() -> "LocalRunner":
    """A LocalRunner with all defaults."""
    return LocalRunner()


def _resolve(f_alloc_argument, f_run_evaluator, f_cleanup):
    return (
        get_global_func_with_default_on_worker(f_alloc_argument, default_alloc_argument),
        get_global_func_with_default_on_worker(f_run_evaluator, default_run_evaluator),
        get_global_func_with_default_on_worker(f_cleanup, default_cleanup),
    )


def _check(*hooks):
    _resolve(*hooks)


def _run(path, device_type, args_info, config, alloc_repeat, *hooks):
    from .. import runtime

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
        from ..python_worker import PythonWorkerPool

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
        config = config_values(self.evaluator_config)
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
