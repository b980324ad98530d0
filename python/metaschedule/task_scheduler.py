# SPDX-License-Identifier: Apache-2.0
"""Task schedulers: which task gets the next batch of trials."""

from . import _core
from ._core import GradientBased, RoundRobin, TaskRecord, TaskScheduler
from .logging import get_logger, sink_of
from .utils import python_base

PyTaskScheduler = python_base(TaskScheduler)


def create(kind="gradient", *args, **kwargs) -> TaskScheduler:
    """The scheduler of a kind: "gradient" or "round-robin"."""
    kinds = {"gradient": GradientBased, "round-robin": RoundRobin}
    if kind not in kinds:
        raise ValueError(f"Unknown TaskScheduler: {kind}")
    scheduler = kinds[kind](*args, **kwargs)
    scheduler._set_logger(*sink_of(get_logger(__name__)))
    return scheduler


def _tune(
    self,
    tasks,
    task_weights,
    max_trials_global,
    max_trials_per_task,
    num_trials_per_iter,
    builder,
    runner,
    measure_callbacks,
    database,
    cost_model,
):
    """Tunes until the trials are used up or every task has ended."""
    if not isinstance(measure_callbacks, (list, tuple)):
        measure_callbacks = [measure_callbacks]
    _core.run_interruptible(
        self,
        list(tasks),
        [float(w) for w in task_weights],
        int(max_trials_global),
        int(max_trials_per_task),
        int(num_trials_per_iter),
        builder,
        runner,
        list(measure_callbacks),
        database,
        cost_model,
    )


TaskScheduler.create = staticmethod(create)
TaskScheduler.tune = _tune

__all__ = [
    "GradientBased",
    "PyTaskScheduler",
    "RoundRobin",
    "TaskRecord",
    "TaskScheduler",
    "create",
]
