# SPDX-License-Identifier: Apache-2.0
"""Runners: from artifacts to measured times."""

from .config import EvaluatorConfig, RPCConfig
from .local_runner import (
    LocalRunner,
    LocalRunnerFuture,
    default_alloc_argument,
    default_cleanup,
    default_run_evaluator,
)
from .rpc_runner import RPCRunner, RPCRunnerFuture
from .runner import (
    PyRunner,
    PyRunnerFuture,
    Runner,
    RunnerFuture,
    RunnerInput,
    RunnerResult,
    create,
    make_runner_future,
)

__all__ = [
    "EvaluatorConfig",
    "LocalRunner",
    "LocalRunnerFuture",
    "PyRunner",
    "PyRunnerFuture",
    "RPCConfig",
    "RPCRunner",
    "RPCRunnerFuture",
    "Runner",
    "RunnerFuture",
    "RunnerInput",
    "RunnerResult",
    "create",
    "make_runner_future",
]
