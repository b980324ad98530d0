# SPDX-License-Identifier: Apache-2.0
"""One side of the comparison: measures one thing of one package and prints it as a line of JSON.

    python side.py PACKAGE MEASUREMENT [PROGRAM] [--mcpu CPU] [--cores N] [--count N] [--seed N]

PACKAGE is metaschedule or tvm. `serve` keeps a winner loaded and times it whenever a line comes in.
"""

import argparse
import json
import sys
import tempfile
import time

from programs import PROGRAMS, SHAPES


class Package:
    """The names that differ between the two packages, under one interface."""

    def __init__(self, name, mcpu, cores):
        self.name = name
        if name == "tvm":
            import tvm
            from tvm import te, tirx
            from tvm.s_tir import meta_schedule as ms
            from tvm.target import Target

            self.te, self.tir, self.ms, self.tvm = te, tirx, ms, tvm
            self.target = Target({"kind": "llvm", "mcpu": mcpu, "num-cores": cores})
        else:
            import metaschedule as ms
            from metaschedule import te, tir
            from metaschedule.target import Target

            self.te, self.tir, self.ms = te, tir, ms
            self.target = Target({"kind": "llvm", "mcpu": mcpu, "num-cores": cores})

    def program(self, name):
        return self.te.create_prim_func(PROGRAMS[name](self.te, self.tir))

    def context(self, name, strategy, seed, threads):
        return self.ms.TuneContext(
            self.program(name),
            target=self.target,
            space_generator="post-order-apply",
            search_strategy=strategy,
            task_name=name,
            num_threads=threads,
            rand_state=seed,
        )

    def builder(self):
        if self.name == "tvm":
            return self.ms.builder.LocalBuilder(timeout_sec=120)
        return self.ms.builder.LocalBuilder()

    def load(self, schedule):
        """A function that calls the compiled schedule with arrays made for it, and one that times
        it: seconds a call, the least of a few measurements."""
        import numpy as np

        rng = np.random.default_rng(0)
        if self.name == "tvm":
            module = self.tvm.compile(schedule.mod, self.target).jit()
            device = self.tvm.cpu()
            make = lambda values: self.tvm.runtime.tensor(values, device)  # noqa: E731
            evaluator = module.time_evaluator("main", device, number=1, repeat=3, min_repeat_ms=50)
        else:
            module = self.ms.runtime.build(schedule, self.target)
            make = self.ms.runtime.array
            evaluator = module.time_evaluator(number=1, repeat=3, min_repeat_ms=50)
        self.arrays = lambda shapes: [
            make(rng.standard_normal(shape).astype("float32")) for shape in shapes
        ]
        return lambda arrays: min(evaluator(*arrays).results)


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
    arguments = parser.parse_args()
    package = Package(arguments.package, arguments.mcpu, arguments.cores)
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
        arrays = package.arrays(SHAPES[arguments.program])
        answer(ready=True)
        for _ in sys.stdin:
            answer(seconds=time_winner(arrays))


if __name__ == "__main__":
    main()
