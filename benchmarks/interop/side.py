# SPDX-License-Identifier: Apache-2.0
"""Tunes one model by one of the two tuners and prints how long that took as a line of JSON.

python side.py tvm|bridge MODEL FOLDER [--mcpu CPU] [--cores N] [--trials N] [--seed N]
"""

import argparse
import json
import sys
import time
from pathlib import Path

import tvm
from tvm.s_tir import meta_schedule as tvm_ms

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from tune_relax_model import lowered  # noqa: E402


def target_of(mcpu, cores):
    return tvm.target.Target({"kind": "llvm", "mcpu": mcpu, "num-cores": cores})


def extracted(mod, target, ops=None):
    """The tasks of a module, those whose names contain one of `ops` where it is given."""
    tasks = tvm_ms.relax_integration.extract_tasks(mod, target)
    return [t for t in tasks if not ops or any(name in str(t.task_name) for name in ops)]


def tune(tuner, mod, target, folder, trials, seed, ops):
    """Tunes all tasks of a module, each with the same number of trials."""
    options = {
        "max_trials_global": trials * len(extracted(mod, target, ops)),
        "max_trials_per_task": trials,
        "op_names": ops,
        "seed": seed,
    }
    if tuner == "bridge":
        from metaschedule.interop import tvm as bridge

        bridge.tune_relax(mod, target, folder, **options)
    else:
        builder = tvm_ms.builder.LocalBuilder(timeout_sec=120)
        tvm_ms.relax_integration.tune_relax(mod, {}, target, folder, builder=builder, **options)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tuner", choices=["tvm", "bridge"])
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--mcpu", required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ops", nargs="+", help="tune the tasks alone whose names contain these")
    options = parser.parse_args()
    target = target_of(options.mcpu, options.cores)
    mod = lowered(options.model, target)
    start = time.perf_counter()
    tune(options.tuner, mod, target, options.folder, options.trials, options.seed, options.ops)
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
