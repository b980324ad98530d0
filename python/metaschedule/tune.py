# SPDX-License-Identifier: Apache-2.0
"""Tuning: `tune_tir` for programs, `tune_tasks` for contexts that exist already."""

from typing import Callable, Dict, List, Optional, Sequence, Union

from .builder import Builder
from .cost_model import CostModel
from .database import Database
from .ir import IRModule
from .logging import get_loggers_from_work_dir
from .measure_callback import MeasureCallback
from .runner import Runner
from .search_strategy import SearchStrategy
from .space_generator import SpaceGenerator
from .target import Target
from .task_scheduler import TaskScheduler
from .tir import PrimFunc, Schedule
from .tune_context import TuneContext, _normalize_mod
from .utils import fork_seed

# A design space: a kind, a generator, or a function of a schedule.
Space = Union[str, SpaceGenerator, Callable]


def tune_tasks(
    *,
    tasks: List[TuneContext],
    task_weights: Sequence[float],
    work_dir: str,
    max_trials_global: int,
    max_trials_per_task: Optional[int] = None,
    num_trials_per_iter: int = 64,
    builder: Union[str, Builder] = "local",
    runner: Union[str, Runner] = "local",
    database: Union[str, Database, Callable] = "json",
    cost_model: Union[str, CostModel] = "xgb",
    measure_callbacks: Union[str, MeasureCallback, Sequence[MeasureCallback]] = "default",
    task_scheduler: Union[str, TaskScheduler] = "gradient",
    module_equality: str = "structural",
) -> Database:
    """Tunes contexts and returns the database with what was measured."""
    if not tasks:
        raise ValueError("No tasks to tune.")
    if len(tasks) != len(task_weights):
        raise ValueError(
            f"expected as many weights as tasks, found {len(task_weights)} for {len(tasks)}"
        )
    num_cores = tasks[0].num_threads
    if max_trials_per_task is None:
        max_trials_per_task = max_trials_global
    if not isinstance(builder, Builder):
        builder = Builder.create(builder, max_workers=num_cores)
    if not isinstance(runner, Runner):
        runner = Runner.create(runner, max_workers=num_cores)
    if database in ("json", "sqlite"):
        database = Database.create(database, work_dir=work_dir, module_equality=module_equality)
    elif not isinstance(database, Database):
        database = Database.create(database, module_equality=module_equality)
    if not isinstance(cost_model, CostModel):
        cost_model = CostModel.create(cost_model, num_tuning_cores=num_cores, tree_method="auto")
    if isinstance(measure_callbacks, MeasureCallback):
        measure_callbacks = [measure_callbacks]
    elif measure_callbacks == "default":
        measure_callbacks = MeasureCallback.create(measure_callbacks)
    if not isinstance(task_scheduler, TaskScheduler):
        task_scheduler = TaskScheduler.create(task_scheduler)
    task_scheduler.tune(
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
    )
    if max_trials_global > 0:
        task_scheduler.check_outcome()
    return database


def tune_tir(
    mod: Union[IRModule, PrimFunc],
    target: Union[str, dict, Target],
    work_dir: str,
    max_trials_global: int,
    *,
    max_trials_per_task: Optional[int] = None,
    num_trials_per_iter: int = 64,
    builder: Union[str, Builder] = "local",
    runner: Union[str, Runner] = "local",
    database: Union[str, Database, Callable] = "json",
    cost_model: Union[str, CostModel] = "xgb",
    measure_callbacks: Union[str, MeasureCallback, Sequence[MeasureCallback]] = "default",
    task_scheduler: Union[str, TaskScheduler] = "gradient",
    space: Space = "native",
    strategy: Union[str, SearchStrategy] = "evolutionary",
    num_tuning_cores: Union[str, int] = "physical",
    seed: Optional[int] = None,
    module_equality: str = "structural",
    special_space: Optional[Dict[str, Optional[Space]]] = None,
) -> Database:
    """Tunes each function of a module (or one function) and returns the database.

    `work_dir` gets the database (`database_workload.json`, `database_tuning_record.json`) and logs;
    with one that exists, the search goes on from its records. `max_trials_global` counts candidates
    of all functions, measured or failed. `space="native"` tries what TVM would and, on processors,
    operands packed for the caches; `space="parity"` exactly what TVM would. `special_space` gives a
    space to functions by name; None leaves a function out. Equal seeds give equal searches as far
    as the measured times allow.
    """
    if isinstance(mod, PrimFunc):
        mod = _normalize_mod(mod)
    target = Target(target)
    named = [(v.name_hint, f) for v, f in mod.functions_items() if isinstance(f, PrimFunc)]
    loggers = get_loggers_from_work_dir(work_dir, [name for name, _ in named])
    seeds = fork_seed(seed, len(named))
    tasks = []
    for (name, func), logger, task_seed in zip(named, loggers, seeds):
        task_space = (special_space or {}).get(name, space)
        if task_space is None:
            continue
        context = TuneContext(
            mod=func,
            target=target,
            space_generator=task_space,
            search_strategy=strategy,
            task_name=name,
            rand_state=task_seed,
            num_threads=num_tuning_cores,
            logger=logger,
        )
        tasks.append(context.clone())
    return tune_tasks(
        tasks=tasks,
        task_weights=[1.0] * len(tasks),
        work_dir=work_dir,
        max_trials_global=max_trials_global,
        max_trials_per_task=max_trials_per_task,
        num_trials_per_iter=num_trials_per_iter,
        builder=builder,
        runner=runner,
        database=database,
        cost_model=cost_model,
        measure_callbacks=measure_callbacks,
        task_scheduler=task_scheduler,
        module_equality=module_equality,
    )


def compile_tir(
    database: Database, mod: Union[IRModule, PrimFunc], target: Union[str, dict, Target]
) -> Optional[Schedule]:
    """The best schedule that the database has for a program, or None."""
    mod, target = _normalize_mod(mod), Target(target)
    found = database.query_schedule(mod, target, workload_name="main")
    if found is None:
        # Tuning adds attributes to the function of a module, which is kept as it is here.
        func = _normalize_mod(mod["main"])
        found = database.query_schedule(func, target, workload_name="main")
    return found
