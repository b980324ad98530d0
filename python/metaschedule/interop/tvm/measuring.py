# SPDX-License-Identifier: Apache-2.0
"""The builder and the runner of the bridge: they hand candidates to its workers."""

import itertools
import json
import math
import os
import shutil
import statistics
import tempfile

import tvm

from ... import arg_info, tir
from ..._core import BuilderResult, RunnerResult
from ...builder.builder import PyBuilder
from ...python_worker import PythonWorkerPool
from ...runner.runner import PyRunner, make_runner_future
from ...tir.analysis import estimate_tir_flops
from . import workers
from .convert import from_tvm
from .errors import InteropError
from .targets import plain, target_from_tvm
from .traces import trace_to_json

# A worker that holds more than this when a batch begins is ended and another started: what TVM
# and LLVM never give back would else add up in long sessions.
_WORKER_BYTES = 3 << 30
# The untuned program runs on one thread, its loops as they are written.
_REFERENCE_PATIENCE = 10


class MeasuredTask:
    """A task as workers know it: a folder with the program as TVM saves it."""

    def __init__(self, folder, name, mod, target):
        """Of TVM's `mod` and `target`; InteropError when one cannot cross or sizes vary."""
        self.folder, self.name = folder, name
        self.ours, self.target = from_tvm(mod), target_from_tvm(target)
        self.best_seconds = math.inf
        self.best_trace = None  # of the fastest that was checked, in TVM's JSON form
        self.has_reference = None  # not tried yet
        func = self.ours["main"]
        try:
            infos = [info.as_json() for info in arg_info.ArgInfo.from_prim_func(func)]
        except ValueError as error:
            raise InteropError(f"tasks have buffers of constant shapes: {error}") from error
        arguments = [(dtype, shape) for _, dtype, shape in infos]
        written = sum(math.prod(shape) for _, shape in arguments)
        os.makedirs(folder)
        with open(os.path.join(folder, "task.json"), "w") as file:
            json.dump(
                {
                    "mod": tvm.ir.save_json(mod),
                    "target": plain(target.export()),
                    "arguments": arguments,
                    "indices": sorted(_index_arguments(func)),
                    "operations": estimate_tir_flops(self.ours) / max(1, written),
                },
                file,
            )


def _index_arguments(func):
    """The positions of parameters whose elements are used as indices of other buffers."""
    used = set()

    def visit(node):
        if isinstance(node, (tir.BufferLoad, tir.BufferStore)):
            for index in node.indices:
                tir.stmt_functor.post_order_visit(index, note)

    def note(node):
        if isinstance(node, tir.BufferLoad):
            used.add(node.buffer)

    tir.stmt_functor.post_order_visit(func.body, visit)
    return {at for at, p in enumerate(func.params) if func.buffer_map.get(p) in used}


class Session:
    """The workers of one call of `tune`, its tasks, and what is built."""

    def __init__(self, num_workers, build_timeout_sec, run_timeout_sec, min_repeat_ms):
        self.pool = PythonWorkerPool(num_workers, workers.initialize)
        self.build_timeout_sec, self.run_timeout_sec = build_timeout_sec, run_timeout_sec
        self.min_repeat_ms = min_repeat_ms
        self.folder = tempfile.mkdtemp(prefix="metaschedule-tvm-")
        self.tasks = []
        self.built = {}  # key -> (worker, task, trace in JSON)
        self.keys = map(str, itertools.count())

    def add_task(self, *args):
        task = MeasuredTask(os.path.join(self.folder, str(len(self.tasks))), *args)
        self.tasks.append(task)
        return task

    def task_of(self, workload):
        """The task whose program this is."""
        for task in self.tasks:
            if workload is not None and task.ours.same_as(workload):
                return task
        raise InteropError("the builder of the bridge builds candidates of its own tasks only")

    def check_reference(self, worker, task):
        """Makes what the task's candidates are checked by, once; whether there is one."""
        if task.has_reference is None:
            timeout_sec = self.run_timeout_sec * _REFERENCE_PATIENCE
            outcome = worker.call(workers.make_reference, (task.folder,), timeout_sec)
            task.has_reference = outcome.failure is None
            task.reference_error = outcome.value
        return task.has_reference

    def measure(self, key, worker, task, trace):
        """Times a candidate, and checks it where it is faster than all before."""
        if not self.check_reference(worker, task):
            text = f"there is nothing to check results by: {task.reference_error}"
            return RunnerResult(None, text, "exception")
        arguments = (task.folder, trace, key, task.best_seconds, self.min_repeat_ms)
        outcome = worker.call(workers.measure, arguments, self.run_timeout_sec)
        if outcome.failure is not None:
            return RunnerResult(None, _text("run", outcome), outcome.failure)
        seconds, fault = outcome.value
        if fault is not None:
            return RunnerResult(None, f"wrong result: {fault}", "wrong result")
        if statistics.median(seconds) < task.best_seconds:
            task.best_seconds = statistics.median(seconds)
            task.best_trace = trace
        return RunnerResult(seconds, None)

    def measure_known(self, task, records):
        """Measures and checks anew the best that an earlier session found for a task."""
        record = records.query_tuning_record(task.ours, task.target, "main")
        if record is not None:
            trace = trace_to_json(record.trace)
            self.measure(next(self.keys), self.pool.workers[0], task, trace)

    def begin_batch(self):
        """Forgets what was built, and ends workers that have grown."""
        self.built.clear()
        for worker in self.pool.workers:
            if worker.is_running:
                size = worker.call(workers.resident_bytes, (), self.run_timeout_sec)
                if size.failure is None and size.value > _WORKER_BYTES:
                    worker.close()

    def close(self):
        """Ends the workers and removes what was written for them."""
        self.pool.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Builder(PyBuilder):
    """Builds with TVM in the workers of a session: a candidate is the task's program of TVM with
    the trace replayed on it there, as a database of TVM will do it."""

    def __init__(self, session):
        self.session = session

    def build(self, build_inputs):
        session = self.session
        session.begin_batch()
        keys, calls = [], []
        for one in build_inputs:
            task = session.task_of(one.workload)
            key = next(session.keys)
            call = (task.folder, trace_to_json(one.trace), key)
            session.built[key] = [None, task, call[1]]
            keys.append(key)
            calls.append(call)
        outcomes = session.pool.map(workers.build, calls, session.build_timeout_sec)
        results = []
        for key, outcome in zip(keys, outcomes):
            if outcome.failure is None:
                session.built[key][0] = outcome.worker
                results.append(BuilderResult(key, None))
            else:
                results.append(BuilderResult(None, _text("build", outcome), outcome.failure))
        return results


class Runner(PyRunner):
    """Times what the builder built, one candidate at a time, each where it was built. One that is
    faster than all before is checked against the untuned program first."""

    def __init__(self, session):
        self.session = session

    def run(self, runner_inputs):
        results = [self._measure(one.artifact_path) for one in runner_inputs]
        return [make_runner_future(lambda: True, lambda r=result: r) for result in results]

    def _measure(self, key):
        return self.session.measure(key, *self.session.built[key])


def _text(what, outcome):
    return f"TVM failed to {what} the candidate: {outcome.failure}\n{outcome.value}"
