# SPDX-License-Identifier: Apache-2.0
"""What every runner has, and the ways to make one."""

from typing import Literal, Union

from .. import _core
from .._core import Runner, RunnerInput, RunnerResult
from ..utils import python_base

RunnerFuture = _core.RunnerFuture


@python_base
class PyRunner(Runner):
    """Base of Runner classes written in Python."""


@python_base
class PyRunnerFuture(RunnerFuture):
    """Base of RunnerFuture classes written in Python."""


def make_runner_future(f_done, f_result=None) -> RunnerFuture:
    """A future from two functions: whether it is done, and its RunnerResult."""
    return _core.make_runner_future(f_done, f_result)


def create(kind="local", *args, **kwargs) -> Runner:
    """The runner of a kind: "local" measures in a worker process of this machine, "rpc" on the
    servers of a tracker."""
    if kind == "local":
        from .local_runner import LocalRunner

        kwargs.pop("max_workers", None)
        return LocalRunner(*args, **kwargs)
    if kind == "rpc":
        from .rpc_runner import RPCRunner

        return RPCRunner(*args, **kwargs)
    raise ValueError(f"Unknown Runner: {kind}")


Runner.create = staticmethod(create)
Runner.RunnerType = Union[Runner, Literal["local", "rpc"]]

__all__ = [
    "PyRunner",
    "PyRunnerFuture",
    "Runner",
    "RunnerFuture",
    "RunnerInput",
    "RunnerResult",
    "create",
    "make_runner_future",
]
