# SPDX-License-Identifier: Apache-2.0
"""Measures candidates of a program once and writes them to a table, NAME.json.gz beside this file.

    python benchmarks/search/table/record.py --mcpu CPU [--programs matmul512 …] [--count 2000]

Half of the candidates are random, half are what evolutionary sessions with several seeds measured:
a table needs both the whole space and the neighbourhood of what is good. Kernels run on one core; a
time is the least of fifteen measurements of a millisecond, which what else runs on the machine
disturbs little. Candidates that fail are left out.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import metaschedule as ms
from metaschedule.runner import EvaluatorConfig, LocalRunner

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent.parent / "peer"))
from package import Package  # noqa: E402

PROGRAMS = ["matmul512", "conv", "depthwise", "softmax"]
SESSIONS = 4  # evolutionary ones


PARALLEL = ["meta_schedule.parallel"]


def key_of(trace):
    """The steps of a trace before the postprocs, and what is decided in it, as JSON. How parallel a
    program may become is decided too, by a mutator, though it stands in an annotation."""
    steps, decisions = json.loads(json.dumps(trace))
    names = [step[0] for step in steps]
    end = names.index("EnterPostproc") if "EnterPostproc" in names else len(names)
    steps, decisions = steps[:end], [value for step, value in decisions if step < end]
    for step in steps:
        if step[0] == "Annotate" and step[2] == PARALLEL:
            decisions.append([step[1][1]])
            step[1][1] = None
    return steps, decisions


def measured(package, program, strategy, count, seed):
    """Traces and seconds of one session."""
    config = EvaluatorConfig(number=1, repeat=15, min_repeat_ms=1, enable_cpu_cache_flush=False)
    with tempfile.TemporaryDirectory() as work_dir:
        database = ms.tune_tir(
            package.program(program),
            package.target,
            work_dir,
            count,
            runner=LocalRunner(evaluator_config=config),
            strategy=strategy,
            seed=seed,
            num_tuning_cores=len(os.sched_getaffinity(0)),
        )
        for record in database.get_all_tuning_records():
            seconds = min(record.run_secs)
            if seconds < 1e9:
                yield *key_of(record.as_json()[0]), seconds


def record(package, program, count):
    spaces, rows, seen = [], [], set()
    sessions = [("replay-trace", count // 2, 1)]
    sessions += [("evolutionary", count // 2 // SESSIONS, seed) for seed in range(SESSIONS)]
    for strategy, trials, seed in sessions:
        for steps, decisions, seconds in measured(package, program, strategy, trials, seed):
            if steps not in spaces:
                spaces.append(steps)
            key = json.dumps([spaces.index(steps), decisions])
            if key not in seen:
                seen.add(key)
                rows.append([spaces.index(steps), decisions, float(f"{seconds:.4g}")])
        print(f"{program}: {len(rows)} candidates after {strategy} {seed}", flush=True)
    return {
        "program": program,
        "target": str(package.target),
        "date": time.strftime("%Y-%m-%d"),
        "spaces": spaces,
        "candidates": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mcpu", required=True, help="this machine's: znver4, …")
    parser.add_argument("--programs", nargs="+", default=PROGRAMS)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=HERE)
    arguments = parser.parse_args()
    os.environ["METASCHEDULE_NUM_THREADS"] = "1"
    package = Package("metaschedule", arguments.mcpu, cores=1)
    for program in arguments.programs:
        table = record(package, program, arguments.count)
        text = json.dumps(table, separators=(",", ":"))
        with open(arguments.folder / f"{program}.json.gz", "wb") as file:
            file.write(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
