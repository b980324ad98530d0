# SPDX-License-Identifier: Apache-2.0
"""Task schedulers: which task gets the next batch of trials."""

from typing import Literal, Union

from ._core import GradientBased, RoundRobin, TaskRecord, TaskScheduler
from .logging import get_logger, sink_of
from .utils import python_base


@python_base
class PyTaskScheduler(TaskScheduler):
    """Base of TaskScheduler classes written in Python."""


def create(kind: str = "gradient", *args, **kwargs) -> TaskScheduler:
    """The scheduler of a kind: "gradient" or "round-robin"."""
    kinds = {"gradient": GradientBased, "round-robin": RoundRobin}
    if kind not in kinds:
        raise ValueError(f"Unknown TaskScheduler: {kind}")
    scheduler = kinds[kind](*args, **kwargs)
    scheduler._set_logger(*sink_of(get_logger(__name__)))
    return scheduler


TaskScheduler.create = staticmethod(create)
TaskScheduler.TaskSchedulerType = Union[TaskScheduler, Literal["gradient", "round-robin"]]

__all__ = [
    "GradientBased",
    "PyTaskScheduler",
    "RoundRobin",
    "TaskRecord",
    "TaskScheduler",
    "create",
]
