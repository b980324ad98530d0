# SPDX-License-Identifier: Apache-2.0
"""One side of the comparison of searches: measures one thing of one package and prints it as a line
of JSON.

    python side.py PACKAGE round|model|trials PROGRAM --mcpu CPU --cores N [--trained 0|1] …
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "peer"))
from package import Package  # noqa: E402
from programs import PROGRAMS  # noqa: E402

KNOWN = 256  # samples that a cost model has learned from before it is measured
PICKED = 64


def made_up_times(package, context, candidates):
    """Times that are a function of the features, so that there is something to learn: the same on
    both sides, whose features agree."""
    import numpy as np

    weights = np.random.default_rng(0).standard_normal(164)
    matrices = package.ms.feature_extractor.PerStoreFeature().extract_from(context, candidates)
    rows = [np.asarray(m.numpy() if hasattr(m, "numpy") else m)[0] for m in matrices]
    values = np.array([row @ weights for row in rows])
    values = (values - values.mean()) / (values.std() + 1e-9)
    return [float(1e-3 * np.exp(0.5 * value)) for value in values]


def results(package, times):
    return [package.ms.runner.RunnerResult([t], None) for t in times]


def sampled(package, program, count, seed, threads):
    context = package.context(program, "replay-trace", seed, threads)
    context.pre_tuning(max_trials=10**6, num_trials_per_iter=count)
    candidates = list(context.generate_measure_candidates())
    context.post_tuning()
    return context, candidates


def trained(package, program, seed):
    """A cost model that knows some candidates of the program."""
    model = package.ms.cost_model.XGBModel(num_warmup_samples=0)
    context, candidates = sampled(package, program, KNOWN, seed + 100, threads=1)
    times = made_up_times(package, context, candidates)
    model.update(context, candidates, results(package, times))
    return model


def evolve(package, program, seed, is_trained):
    """Seconds of processor time of the first batch of an evolutionary search on one thread:
    population 512, four generations, 64 picked."""
    if is_trained:
        model = trained(package, program, seed)
    else:
        model = package.ms.cost_model.RandomModel(seed=seed)
    context = package.context(program, "evolutionary", seed, threads=1)
    database = package.ms.database.MemoryDatabase()
    context.pre_tuning(
        max_trials=1000, num_trials_per_iter=PICKED, database=database, cost_model=model
    )
    start = time.process_time()
    candidates = context.generate_measure_candidates()
    return {"seconds": time.process_time() - start, "candidates": len(candidates)}


def model(package, program, seed, cores):
    """Seconds that one update from 320 candidates takes, and a prediction of 512, on all cores."""
    context, candidates = sampled(package, program, 512, seed, cores)
    known = candidates[: KNOWN + PICKED]
    outcome = results(package, made_up_times(package, context, known))
    best = {"update": float("inf"), "predict": float("inf")}
    for _ in range(3):
        fresh = package.ms.cost_model.XGBModel(num_warmup_samples=0)
        start = time.perf_counter()
        fresh.update(context, known, outcome)
        middle = time.perf_counter()
        fresh.predict(context, candidates)
        end = time.perf_counter()
        best["update"] = min(best["update"], middle - start)
        best["predict"] = min(best["predict"], end - middle)
    return best


def trials(package, program, seed, count, min_repeat_ms):
    """Trials a second of a whole session of two batches."""
    runner = "local"
    if min_repeat_ms:
        config = package.ms.runner.EvaluatorConfig(
            number=3, repeat=1, min_repeat_ms=min_repeat_ms, enable_cpu_cache_flush=False
        )
        runner = package.ms.runner.LocalRunner(evaluator_config=config)
    with tempfile.TemporaryDirectory() as work_dir:
        start = time.perf_counter()
        database = package.ms.tune_tir(
            package.program(program),
            package.target,
            work_dir,
            count,
            builder=package.builder(),
            runner=runner,
            num_trials_per_iter=PICKED,
            seed=seed,
        )
        return {"per_second": len(database) / (time.perf_counter() - start)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package", choices=["metaschedule", "tvm"])
    parser.add_argument("measurement", choices=["round", "model", "trials"])
    parser.add_argument("program", choices=sorted(PROGRAMS))
    parser.add_argument("--mcpu", required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trained", type=int, default=1)
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument("--min-repeat-ms", dest="min_repeat_ms", type=int, default=0)
    arguments = parser.parse_args()
    package = Package(arguments.package, arguments.mcpu, arguments.cores)
    out = sys.stdout
    sys.stdout = sys.stderr  # what the packages print is not a result
    name, seed = arguments.program, arguments.seed
    if arguments.measurement == "round":
        found = evolve(package, name, seed, bool(arguments.trained))
    elif arguments.measurement == "model":
        found = model(package, name, seed, arguments.cores)
    else:
        found = trials(package, name, seed, arguments.count, arguments.min_repeat_ms)
    print(json.dumps(found), file=out, flush=True)


if __name__ == "__main__":
    main()
