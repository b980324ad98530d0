# SPDX-License-Identifier: Apache-2.0
"""One side of the comparison: measures one thing of one package and prints it as a line of JSON.

    python side.py PACKAGE MEASUREMENT [PROGRAM] [--mcpu CPU] [--cores N] [--count N] [--seed N]
                   [--free-weights]

PACKAGE is metaschedule or tvm. `serve` keeps a winner loaded and times it whenever a line comes in.
With `--free-weights` the second operand may be laid out anew, ahead of all calls.
"""

import argparse
import json
import sys
import tempfile
import time

from package import Package
from programs import PROGRAMS


def replay(package, program, count, seed):
    """Candidates a second on one core: fresh random decisions, replay, postprocs. Duplicate and
    failed attempts take their time and are not counted."""
    context = package.context(program, "replay-trace", seed, threads=1)
    context.pre_tuning(max_trials=10**6, num_trials_per_iter=count)
    start = time.perf_counter()
    candidates = context.generate_measure_candidates()
    return len(candidates) / (time.perf_counter() - start), candidates, context


def measure_features(package, program, count, seed):
    _, candidates, context = replay(package, program, count, seed)
    extractor = package.ms.feature_extractor.PerStoreFeature()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        extractor.extract_from(context, candidates)
        best = min(best, time.perf_counter() - start)
    return len(candidates) / best


def tune(package, program, trials, seed, work_dir):
    return package.ms.tune_tir(
        package.program(program),
        package.target,
        work_dir,
        trials,
        builder=package.builder(),
        num_trials_per_iter=64,
        seed=seed,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package", choices=["metaschedule", "tvm"])
    parser.add_argument("measurement", choices=["replay", "features", "tune", "serve"])
    parser.add_argument("program", choices=sorted(PROGRAMS))
    parser.add_argument("--mcpu", required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--free-weights", action="store_true")
    arguments = parser.parse_args()
    package = Package(arguments.package, arguments.mcpu, arguments.cores, arguments.free_weights)
    out = sys.stdout
    sys.stdout = sys.stderr  # what the packages print is not a result

    def answer(**values):
        print(json.dumps(values), file=out, flush=True)

    if arguments.measurement == "replay":
        rate, _, _ = replay(package, arguments.program, arguments.count, arguments.seed)
        answer(per_second=rate)
    elif arguments.measurement == "features":
        rate = measure_features(package, arguments.program, arguments.count, arguments.seed)
        answer(per_second=rate)
    else:
        with tempfile.TemporaryDirectory() as work_dir:
            start = time.perf_counter()
            database = tune(package, arguments.program, arguments.count, arguments.seed, work_dir)
            seconds = time.perf_counter() - start
            answer(trials_per_second=len(database) / seconds, seconds=seconds)
            if arguments.measurement == "tune":
                return
            mod = package.ms.tune_context._normalize_mod(package.program(arguments.program))
            schedule = database.query_schedule(mod, package.target, "main")
        time_winner = package.load(schedule)
        answer(ready=True)
        for _ in sys.stdin:
            answer(seconds=time_winner())


if __name__ == "__main__":
    main()
