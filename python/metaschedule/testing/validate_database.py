# SPDX-License-Identifier: Apache-2.0
"""Checks that what a database recommends computes what its programs say, and takes the time that it
says: `python -m metaschedule.testing.validate_database --work-dir DIR` for people,
`validate_database` for programs. Exits with 1 if a record fails.

Kernels run in processes of their own, under limits of time and memory; what crashes or hangs there
is a record that failed."""

import argparse
import importlib
import sys
from dataclasses import dataclass
from typing import Optional

RTOL, ATOL = 1e-3, 2e-3


@dataclass
class ValidationResult:
    """What came of one record: `failure` says what is wrong with it, None when it passed.

    `workload` is the name of the program's entry and its hash; `rank` counts the records of a
    workload from 0, the fastest. Times are in seconds a call; `run_secs` is None when the program
    could not be run, `max_difference` (absolute, over all arguments) when it has no results."""

    workload: str
    rank: int
    recorded_secs: float
    run_secs: Optional[float] = None
    max_difference: Optional[float] = None
    failure: Optional[str] = None

    @property
    def passed(self) -> bool:
        """Whether the results are those of the untuned program."""
        return self.failure is None

    def __str__(self) -> str:
        text = f"{self.workload} record {self.rank + 1}: "
        if self.run_secs is not None:
            text += f"{_milliseconds(self.run_secs)}, "
        text += f"recorded {_milliseconds(self.recorded_secs)}: "
        text += "passed" if self.passed else "FAILED"
        if self.max_difference is not None:
            text += f", largest difference {self.max_difference:.3g}"
        return text if self.passed else f"{text}: {self.failure}"


def validate_database(
    database,
    target=None,
    baseline_target="llvm -num-cores=1",
    *,
    top_k=10**9,
    evaluator_config=None,
    rpc_config=None,
    timeout_sec=60.0,
    seed=0,
    report=lambda result: None,
):
    """Replays the `top_k` fastest records of each workload of a database, builds them for `target`
    (None: the one of the record), runs each once on random inputs, and compares all arguments after
    it with those after the untuned program, built for `baseline_target`: |a - b| must be at most
    2e-3 + 1e-3 |b| for every element. Then it is timed by `evaluator_config` (default: 3 calls or
    100 ms, once).

    Returns a ValidationResult for each record, after `report(result)`. Building and running have
    `timeout_sec` each. With an `rpc_config` kernels run on a server, in sessions with the time
    limit that the configuration has. `seed` determines the inputs. ValueError when there is no
    record with a time."""
    from ..runner import EvaluatorConfig
    from ..target import Target

    if top_k < 1 or timeout_sec <= 0:
        raise ValueError(f"top_k and timeout_sec must be positive, found {top_k} and {timeout_sec}")
    if target is not None:
        target = Target(target)
    config = evaluator_config or EvaluatorConfig(number=3, repeat=1, min_repeat_ms=100)
    place = _Local(timeout_sec) if rpc_config is None else _Remote(rpc_config)
    baseline_target = Target(baseline_target)
    results = []
    try:
        for mod, records in _by_workload(database):
            validation = _Validation(mod, baseline_target, place, config, timeout_sec, seed)
            for rank, record in enumerate(records[:top_k]):
                results.append(validation.of(record, rank, target))
                report(results[-1])
    finally:
        place.close()
    if not results:
        raise ValueError("the database has no record with a time: there is nothing to validate")
    return results


def _by_workload(database):
    """(program, its records, fastest first) for each workload, in the order of the database."""
    from ..ir import structural_equal
    from ..utils import shash2hex

    workloads = []
    by_hash = {}
    for record in database.get_all_tuning_records():
        if not record.run_secs or not record.is_valid():
            continue
        mod = record.workload.mod
        equal = by_hash.setdefault(shash2hex(mod), [])
        found = next((entry for entry in equal if structural_equal(entry[0], mod)), None)
        if found is None:
            found = (mod, [])
            equal.append(found)
            workloads.append(found)
        found[1].append(record)
    for mod, records in workloads:
        yield mod, sorted(records, key=_recorded)


def _recorded(record):
    return sum(float(s) for s in record.run_secs) / len(record.run_secs)


class _Failed(Exception):
    """What is wrong with a program, as text."""


class _Validation:
    """The records of one workload, against its untuned program, which runs once."""

    def __init__(self, mod, baseline_target, place, config, timeout_sec, seed):
        from ..utils import shash2hex

        self._mod, self._place, self._timeout_sec = mod, place, timeout_sec
        self._config, self._baseline_target, self._seed = config, baseline_target, seed
        entry = next((v.name_hint for v, _ in mod.functions_items()), "main")
        self._name = f"{entry} {shash2hex(mod)}"
        self._expected = self._baseline_failure = None

    def of(self, record, rank, target):
        """The result of one record."""
        result = ValidationResult(self._name, rank, _recorded(record))
        try:
            expected = self._baseline()
            program = self._replayed(record)
            found, result.run_secs = self._run(program, target or record.target, self._config)
            result.max_difference, result.failure = compare(expected, found)
        except _Failed as failed:
            result.failure = str(failed)
        return result

    def _baseline(self):
        if self._expected is None and self._baseline_failure is None:
            try:
                self._expected, _ = self._run(self._mod, self._baseline_target, None)
            except _Failed as failed:
                self._baseline_failure = f"the untuned program: {failed}"
        if self._baseline_failure is not None:
            raise _Failed(self._baseline_failure)
        return self._expected

    def _replayed(self, record):
        from ..tir import Schedule

        schedule = Schedule(self._mod)
        try:
            record.trace.apply_to_schedule(schedule, remove_postproc=False)
        except Exception as error:
            raise _Failed(f"its trace cannot be replayed: {error}") from error
        return schedule.mod

    def _run(self, mod, target, config):
        from .. import _core
        from ..arg_info import ArgInfo
        from ..runner.utils import tensors

        try:
            # Of the untuned program: blocks that lay out weights stay in the tuned one and run with
            # it, so that both take the same arguments.
            arguments = tensors([i.as_json() for i in ArgInfo.from_entry_func(self._mod, False)])
            artifact = _core.compile(mod, str(target), self._timeout_sec, 64)
        except (TypeError, ValueError, RuntimeError) as error:
            raise _Failed(f"it cannot be built: {error}") from error
        return self._place.run(artifact.object, arguments, self._seed, config)


def compare(expected, found):
    """(largest absolute difference, None or what is wrong) of two lists of numpy arrays."""
    import numpy as np

    largest, failure = 0.0, None
    for index, (a, b) in enumerate(zip(expected, found)):
        a, b = np.atleast_1d(a).astype("float64"), np.atleast_1d(b).astype("float64")
        with np.errstate(invalid="ignore"):
            difference = np.abs(a - b)
        # Infinities and what is no number are equal to themselves only.
        equal = (a == b) | (np.isnan(a) & np.isnan(b))
        difference[equal] = 0
        difference[np.isnan(difference)] = np.inf
        largest = max(largest, float(difference.max(initial=0.0)))
        wrong = ~equal & ~(difference <= ATOL + RTOL * np.abs(a))
        wrong |= ~equal & ~np.isfinite(a)
        if failure is None and wrong.any():
            first = tuple(int(i) for i in np.argwhere(wrong)[0])
            failure = (
                f"{int(wrong.sum())} of {wrong.size} elements of argument {index} differ, the "
                f"first at {list(first)}: expected {a[first]:.6g}, found {b[first]:.6g}"
            )
    return largest, failure


def make_inputs(arguments, seed):
    """Random numpy arrays for (type, shape) pairs, the same for a seed."""
    import numpy as np

    from .tune_utils import generate_input_data

    np.random.seed(seed)
    few = {"bool": (0, 2), "int16": (0, 10001), "uint16": (0, 10001)}
    arrays = []
    for dtype, shape in arguments:
        low, high = few.get(dtype, (None, None))
        arrays.append(generate_input_data(shape, dtype, low=low, high=high))
    return arrays


def _outputs_and_time(module, device, arguments, seed, config):
    """All arguments after one call, then seconds a call, None without a config."""
    from .. import runtime
    from ..runner import EvaluatorConfig
    from ..runner.utils import run_evaluator_common

    arrays = [runtime.array(values, device) for values in make_inputs(arguments, seed)]
    module(*arrays)
    outputs = [array.numpy() for array in arrays]
    if config is None:
        return outputs, None
    costs = run_evaluator_common(module, device, EvaluatorConfig(*config), [arrays])
    return outputs, sum(costs) / len(costs)


def _run_object(data, arguments, seed, config):
    """Runs in a worker process."""
    from .. import _core, runtime

    module = runtime.Module(_core.CompiledModule.from_object(data))
    return _outputs_and_time(module, runtime.cpu(), arguments, seed, config)


class _Local:
    """Runs kernels in a worker process of this machine, which ends with each that fails."""

    def __init__(self, timeout_sec):
        from ..python_worker import PythonWorker

        self._worker, self._timeout_sec = PythonWorker(), timeout_sec

    def run(self, data, arguments, seed, config):
        """What `_outputs_and_time` returns; _Failed otherwise."""
        from ..runner.utils import config_values

        call = (data, arguments, seed, config and config_values(config))
        outcome = self._worker.call(_run_object, call, self._timeout_sec)
        if outcome.failure is None:
            return outcome.value
        text = outcome.value.strip()
        if outcome.failure == "exception":
            text = text.splitlines()[-1]  # of a traceback
        raise _Failed(f"it cannot be run ({outcome.failure}): {text}")

    def close(self):
        """Ends the process."""
        self._worker.close()


class _Remote:
    """Runs kernels in sessions with the servers of a tracker, one session for each."""

    def __init__(self, rpc_config):
        from ..runner import RPCConfig

        self._rpc_config = RPCConfig._normalized(rpc_config)
        self._rpc_config.count_num_servers(allow_missing=False)

    def run(self, data, arguments, seed, config):
        """What `_outputs_and_time` returns; _Failed otherwise."""
        from ..rpc.errors import RPCError
        from ..runner.utils import config_values

        try:
            with self._rpc_config.connect_server() as session:
                session.upload(data, "kernel.o")
                module, device = session.load_module("kernel.o"), session.cpu()
                values = config and config_values(config)
                return _outputs_and_time(module, device, arguments, seed, values)
        except (RPCError, ValueError) as error:
            failure = getattr(error, "failure", "exception")
            text = str(error).strip().splitlines()[-1]
            raise _Failed(f"it cannot be run ({failure}): {text}") from error

    def close(self):
        """Nothing: sessions are closed already."""


def _milliseconds(seconds):
    return f"{seconds * 1e3:.4g} ms"


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m metaschedule.testing.validate_database",
        description="Runs what a database recommends and compares it with the untuned programs.",
    )
    add = parser.add_argument
    add("--work-dir", required=True, help="the folder of the JSON database")
    add("--target", help="what records are built for; default: the target of each")
    add("--baseline-target", default="llvm -num-cores=1", help="default: %(default)s")
    add("--top-k", type=float, default=1e9, help="records of each workload, fastest first")
    add("--rpc-host", help="of the tracker; kernels run in processes of this machine without")
    add("--rpc-port", type=int, help="of the tracker")
    add("--rpc-key", help="of the servers")
    add("--number", type=int, default=3, help="calls that are timed at once")
    add("--repeat", type=int, default=1, help="measurements of each record")
    add("--min-repeat-ms", type=int, default=100, help="of a measurement, at least")
    add("--cpu-flush", action=argparse.BooleanOptionalAction, default=False, help="cold caches")
    add("--timeout", type=float, default=60.0, help="seconds, of building and of running")
    add("--seed", type=int, default=0, help="of the inputs")
    return parser


def main(argv=None) -> int:
    """The command: a line for each record and a summary; 1 if a record failed or there is none."""
    arguments = _parser().parse_args(argv)
    try:
        results = _validate(arguments)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"validate_database: {error}", file=sys.stderr)
        return 1
    failed = sum(not result.passed for result in results)
    workloads = len({result.workload for result in results})
    print(
        f"{len(results)} records of {workloads} workloads: {len(results) - failed} passed, "
        f"{failed} failed"
    )
    return 1 if failed else 0


def _validate(arguments):
    from ..database import JSONDatabase
    from ..runner import EvaluatorConfig, RPCConfig

    rpc_config = None
    where = (arguments.rpc_host, arguments.rpc_port, arguments.rpc_key)
    if any(value is not None for value in where):
        rpc_config = RPCConfig(*where, session_timeout_sec=arguments.timeout)
    return validate_database(
        JSONDatabase(work_dir=arguments.work_dir, allow_missing=False),
        arguments.target,
        arguments.baseline_target,
        top_k=int(arguments.top_k),
        evaluator_config=EvaluatorConfig(
            arguments.number, arguments.repeat, arguments.min_repeat_ms, arguments.cpu_flush
        ),
        rpc_config=rpc_config,
        timeout_sec=arguments.timeout,
        seed=arguments.seed,
        report=lambda result: print(result, flush=True),
    )


if __name__ == "__main__":
    # What goes to worker processes is found there by the name of its module.
    sys.exit(importlib.import_module("metaschedule.testing.validate_database").main())
