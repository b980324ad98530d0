# SPDX-License-Identifier: Apache-2.0
"""`tune`: our search, TVM's code generator, a database of TVM's own class."""

import os
import warnings

import tvm
from tvm.s_tir import meta_schedule as tvm_ms

from ...database import Database
from ...logging import get_loggers_from_work_dir
from ...measure_callback import AddToDatabase, UpdateCostModel
from ...tune import tune_tasks
from ...tune_context import TuneContext
from ...utils import cpu_count, fork_seed
from . import intrinsics
from .errors import InteropError
from .measuring import Builder, Runner, Session
from .targets import plain


class _Task:
    """A program to tune: its name, TVM's module of one function `main`, target and weight."""

    def __init__(self, name, mod, target, weight=1.0):
        self.name, self.weight = name, weight
        self.mod, self.target = workload(mod), target
        if str(target.kind.name) != "llvm":
            raise ValueError(
                f"task {name}: expected a target of kind llvm, found {target.kind.name}: "
                "candidates are measured on the processor of this machine"
            )


def workload(mod):
    """A PrimFunc, or a module of one, as TVM's own tuner keys it in a database. (A TuneContext of
    TVM does the same, but imports all tensor intrinsics first, half a minute of them.)"""
    if isinstance(mod, tvm.tirx.PrimFunc):
        if not (mod.attrs and "global_symbol" in mod.attrs):
            mod = mod.with_attr("global_symbol", "main")
        return tvm.IRModule({"main": mod.with_attr("tirx.noalias", True)})
    variables = mod.get_global_vars()
    if len(variables) == 1:
        return (
            mod if variables[0].name_hint == "main" else tvm.IRModule({"main": mod[variables[0]]})
        )
    raise ValueError(f"a task is one PrimFunc, found a module of {len(variables)}")


def _tasks_of(tasks, target):
    """What was given as a list of tasks. TypeError for what is none."""
    if target is not None and not isinstance(target, tvm.target.Target):
        target = tvm.target.Target(target)
    if isinstance(tasks, tvm.tirx.PrimFunc):
        return [_Task("main", tasks, _required(target))]
    if isinstance(tasks, tvm.IRModule):
        out = []
        for var, func in sorted(tasks.functions.items(), key=lambda item: str(item[0].name_hint)):
            if isinstance(func, tvm.tirx.PrimFunc):
                out.append(_Task(str(var.name_hint), func, _required(target)))
            elif type(func).__name__ == "Function":
                raise TypeError(
                    f"function {var.name_hint} of the module is of relax: tune_relax tunes models"
                )
        return out
    out = []
    for at, task in enumerate(tasks):
        if isinstance(task, tvm_ms.ExtractedTask):
            to = target or task.target
            out.append(_Task(str(task.task_name), task.dispatched[0], to, float(task.weight)))
        elif isinstance(task, (tvm.tirx.PrimFunc, tvm.IRModule)):
            out.append(_Task(f"task_{at}", task, _required(target)))
        else:
            raise TypeError(
                "tune: expected tasks that TVM extracted, PrimFuncs or modules of one, found "
                f"{type(task).__name__}"
            )
    return out


def _required(target):
    if target is None:
        raise ValueError("tune: programs need a target; only tasks that TVM extracted have one")
    return target


def _database(database, work_dir):
    if isinstance(database, tvm_ms.database.Database):
        return database
    if database == "memory":
        return tvm_ms.database.MemoryDatabase()
    if database == "json":
        return tvm_ms.database.JSONDatabase(work_dir=work_dir)
    raise ValueError(f'database: expected "json", "memory" or one of TVM, found {database!r}')


def tune(
    tasks,
    target=None,
    work_dir=None,
    max_trials_global=None,
    *,
    max_trials_per_task=None,
    num_trials_per_iter=32,
    task_weights=None,
    database="json",
    seed=None,
    num_workers=None,
    build_timeout_sec=60.0,
    run_timeout_sec=30.0,
    min_repeat_ms=100.0,
    space="native",
    strategy="evolutionary",
    cost_model="xgb",
    task_scheduler="gradient",
    num_tuning_cores="physical",
):
    """Tunes programs of TVM and returns a database of TVM's own class, with the fastest candidate
    of each task in it.

    `tasks` is what TVM's `extract_tasks` gives, a list of PrimFuncs or modules of one, a PrimFunc,
    or a module, each PrimFunc of which is a task; `target` a Target of TVM or what it makes one of,
    left out for extracted tasks. The search is ours; candidates are built by TVM's code generator,
    in `num_workers` processes (None: one a core) that import TVM once, from the trace as TVM
    replays it, and timed there for `min_repeat_ms` milliseconds each, those that are much slower
    than the best for less. Each process has a limit on its memory; `build_timeout_sec` and
    `run_timeout_sec` are the seconds of one candidate. A candidate that TVM refuses, or that
    crashes, hangs or computes something else than the untuned program, is a failed trial and
    counted as what it is. A candidate counts as the best only when its results were checked.

    `num_trials_per_iter` is less than TVM's 64: the cost model learns after each batch, a batch
    costs no workers that start, and with 64 trials a task there would be nothing to learn from.

    `database`: "json" (in `work_dir`, the files of TVM's JSONDatabase), "memory", or a database of
    TVM that exists. Our records, all of them, are in `work_dir/metaschedule`; a later call with the
    same `work_dir` goes on from there.

    Tasks that programs here cannot say are left out with a warning that names what they hold;
    InteropError when none is left. `TVM_NUM_THREADS` and its like count as in this process."""
    if work_dir is None or max_trials_global is None:
        raise ValueError("tune: needs a work_dir and max_trials_global")
    found = _tasks_of(tasks, target)
    if not found:
        raise ValueError("tune: there is nothing to tune")
    weights = [task.weight for task in found] if task_weights is None else list(task_weights)
    if len(weights) != len(found):
        raise ValueError(f"task_weights: expected {len(found)}, found {len(weights)}")
    ours_dir = os.path.join(work_dir, "metaschedule")
    os.makedirs(ours_dir, exist_ok=True)
    out = _database(database, work_dir)
    session = Session(
        num_workers or cpu_count(logical=False), build_timeout_sec, run_timeout_sec, min_repeat_ms
    )
    try:
        contexts, used = [], []
        loggers = get_loggers_from_work_dir(ours_dir, [task.name for task in found])
        seeds = fork_seed(seed, len(found))
        for task, weight, logger, task_seed in zip(found, weights, loggers, seeds):
            try:
                measured = session.add_task(task.name, task.mod, task.target)
            except InteropError as error:
                warnings.warn(f"task {task.name} is left out: {error}", stacklevel=2)
                continue
            context = TuneContext(
                mod=measured.ours,
                target=measured.target,
                space_generator=space,
                search_strategy=strategy,
                task_name=task.name,
                rand_state=task_seed,
                num_threads=num_tuning_cores,
                logger=logger,
            )
            measured.ours = context.mod
            contexts.append(context)
            used.append((task, measured, weight))
        if not contexts:
            raise InteropError("no task is left to tune; the warnings say why")
        records = Database.create("json", work_dir=ours_dir)
        for _, measured, _ in used:
            session.measure_known(measured, records)
        tune_tasks(
            tasks=contexts,
            task_weights=[weight for _, _, weight in used],
            work_dir=ours_dir,
            max_trials_global=max_trials_global,
            max_trials_per_task=max_trials_per_task,
            num_trials_per_iter=num_trials_per_iter,
            builder=Builder(session),
            runner=Runner(session),
            database=records,
            cost_model=cost_model,
            measure_callbacks=[AddToDatabase(), UpdateCostModel()],
            task_scheduler=task_scheduler,
        )
        for task, measured, _ in used:
            _commit(out, task, measured)
    finally:
        session.close()
    return out


def _commit(database, task, measured):
    """Puts the winner of a task into a database of TVM, unless that knows a faster one."""
    if measured.best_trace is None:
        return
    intrinsics.register(intrinsics.named_in(measured.best_trace))
    workload = database.commit_workload(task.mod)
    known = database.query_tuning_record(task.mod, task.target, task.name)
    if known is not None and known.run_secs is not None:
        times = [float(seconds) for seconds in known.run_secs]
        if times and sum(times) / len(times) <= measured.best_seconds:
            return
    record = [
        measured.best_trace,
        [measured.best_seconds],
        plain(task.target.export()),
        [info.as_json() for info in tvm_ms.arg_info.ArgInfo.from_entry_func(task.mod, True)],
    ]
    database.commit_tuning_record(tvm_ms.database.TuningRecord.from_json(record, workload))
