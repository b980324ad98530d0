# SPDX-License-Identifier: Apache-2.0
"""Replays searches against recorded tables: how far the best of n trials is from the best there is.

    python benchmarks/search/table/replay.py [--programs matmul512 …] [--seeds 10] [--only ours,…]

Nothing is measured: a candidate takes as long as the recorded one nearest to it in decisions (tiles
by the logarithms of their sides, choices by their position, places of computation the same or not).
So a search gets the same answer each time, and searches differ by what they propose alone.

random  the strategy replay-trace
tvm     the evolutionary search and the XGBoost model with the parameters that TVM has
ours    the same with the defaults of this package

A regret is the time of the best of the first n trials over the best of the table, less one; the
median over the seeds.
"""

import argparse
import concurrent.futures
import gzip
import itertools
import json
import os
import statistics
import sys
from pathlib import Path

import metaschedule as ms
import numpy as np
from metaschedule.database import MemoryDatabase, TuningRecord
from metaschedule.runner import RunnerResult

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent.parent / "peer"))
from package import Package  # noqa: E402
from record import PROGRAMS, key_of  # noqa: E402

AFTER = (64, 128, 256, 512)
BATCH = 64


class Table:
    def __init__(self, path):
        with gzip.open(path, "rt") as file:
            table = json.load(file)
        self.program, self.target = table["program"], table["target"]
        self.spaces = table["spaces"]
        self.index = {json.dumps(steps): i for i, steps in enumerate(self.spaces)}
        self.best = min(row[2] for row in table["candidates"])
        self.points, self.seconds, self.caps = [], [], []
        for i, steps in enumerate(self.spaces):
            rows = [row for row in table["candidates"] if row[0] == i]
            self.points.append(np.array([self.point(steps, row[1]) for row in rows]))
            self.seconds.append(np.array([row[2] for row in rows]))
            self.caps.append(self.caps_of(steps, rows[0][1]))

    @staticmethod
    def samplings(steps):
        return [step[0] for step in steps if step[0].startswith("Sample")]

    def point(self, steps, decisions):
        out = []
        for value in decisions:
            out += [np.log2(v) for v in value] if isinstance(value, list) else [float(value)]
        return out

    def caps_of(self, steps, decisions):
        """How far apart two values can count, by decision."""
        caps = []
        for value, name in itertools.zip_longest(decisions, self.samplings(steps)):
            width = len(value) if isinstance(value, list) else 1
            caps += [1.0 if name == "SampleComputeLocation" else np.inf] * width
        return np.array(caps)

    def time(self, trace):
        steps, decisions = key_of(trace)
        space = self.index.get(json.dumps(steps))
        if space is None:
            raise SystemExit(
                f"{self.program}: the design space has changed since the table was recorded; "
                "run record.py"
            )
        apart = np.abs(self.points[space] - np.array(self.point(steps, decisions)))
        nearest = np.minimum(apart, self.caps[space]).sum(axis=1).argmin()
        return float(self.seconds[space][nearest])


def search_of(kind):
    """A strategy and a cost model."""
    if kind == "random":
        return "replay-trace", ms.cost_model.RandomModel(seed=0)
    if kind == "ours":
        return ms.search_strategy.EvolutionarySearch(), ms.cost_model.XGBModel()
    strategy = ms.search_strategy.EvolutionarySearch(
        population_size=512,
        init_measured_ratio=0.2,
        init_min_unmeasured=50,
        max_fail_count=5,
        genetic_num_iters=4,
        genetic_mutate_prob=0.85,
        genetic_max_fail_count=10,
        eps_greedy=0.05,
    )
    model = ms.cost_model.XGBModel(
        num_warmup_samples=100, early_stopping_rounds=50, adaptive_training=True
    )
    return strategy, model


def regrets(path, kind, seed):
    table = Table(path)
    package = Package("metaschedule", "generic", 1)
    package.target = ms.target.Target(table.target)
    strategy, model = search_of(kind)
    context = package.context(table.program, strategy, 1000 + seed, threads=1)
    database = MemoryDatabase()
    workload = database.commit_workload(context.mod)
    context.pre_tuning(
        max_trials=AFTER[-1], num_trials_per_iter=BATCH, database=database, cost_model=model
    )
    best, times = [], []
    while len(times) < AFTER[-1]:
        candidates = context.generate_measure_candidates()
        if candidates is None:
            break
        traces = [candidate.sch.trace for candidate in candidates]
        found = [table.time(trace.as_json()) for trace in traces]
        results = [RunnerResult([seconds], None) for seconds in found]
        context.notify_runner_results(candidates, results)
        for candidate, trace, seconds in zip(candidates, traces, found):
            database.commit_tuning_record(
                TuningRecord(trace, workload, [seconds], context.target, candidate.args_info)
            )
        model.update(context, candidates, results)
        times += found
    for n in AFTER:
        best.append(min(times[:n]) / table.best - 1)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", nargs="+", default=PROGRAMS)
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="random,tvm,ours")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    kinds = arguments.only.split(",")
    print(f"regret after {', '.join(map(str, AFTER))} trials, median of {arguments.seeds} seeds")
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        for program in arguments.programs:
            path = arguments.folder / f"{program}.json.gz"
            asked = {
                kind: [pool.submit(regrets, path, kind, seed) for seed in range(arguments.seeds)]
                for kind in kinds
            }
            for kind, futures in asked.items():
                rows = [future.result() for future in futures]
                medians = [statistics.median(column) for column in zip(*rows)]
                text = " ".join(f"{100 * value:6.1f} %" for value in medians)
                print(f"  {program:10s} {kind:7s} {text}", flush=True)


if __name__ == "__main__":
    main()
