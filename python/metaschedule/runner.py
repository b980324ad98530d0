# SPDX-License-Identifier: Apache-2.0
"""Runners: from artifacts to measured times."""

from . import _core
from ._core import EvaluatorConfig, LocalRunner, Runner, RunnerInput, RunnerResult
from .utils import python_base

RunnerFuture = _core.RunnerFuture
PyRunner = python_base(Runner)
PyRunnerFuture = python_base(RunnerFuture)


def make_runner_future(f_done, f_result=None) -> RunnerFuture:
    """A future from two functions: whether it is done, and its RunnerResult."""
    return _core.make_runner_future(f_done, f_result)


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
    "PyRunner",
    "PyRunnerFuture",
    "Runner",
    "RunnerFuture",
    "RunnerInput",
    "RunnerResult",
    "create",
    "make_runner_future",
]
