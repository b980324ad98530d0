# SPDX-License-Identifier: Apache-2.0
"""Measures the bridge beside TVM's own tuner, in one run on one machine.

    python benchmarks/interop/compare.py --mcpu CPU [--trials 64] [--seeds 1 2 3]
        [--models perceptron convnet] [--ops NAME…] [--work-dir FOLDER]

in an environment with both packages; TVM's tuner needs more than the bridge does:

    python3 -m venv BOTH
    BOTH/bin/pip install apache-tvm==0.27.0.post1 apache-tvm-ffi==0.1.14.post1 xgboost numpy scipy \
        psutil cloudpickle tornado
    BOTH/bin/pip install .

Method: for each model of examples/tune_relax_model.py and each seed the two tuners run in turns,
each in a fresh process, with the same target, trials and threads; whichever came second comes first
with the next seed. TVM's builder has 120 s a candidate: with its default of 30 s every build times
out where its workers load slowly. Then the model untuned, with TVM's database and with the
bridge's, and each task likewise, are called in turns in one process; the least of some rounds
counts. Printed are medians over the seeds. A folder that holds a finished run is not tuned again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 7


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mcpu", required=True)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--trials", type=int, default=64, help="of each task")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--models", nargs="+", default=["perceptron", "convnet"])
    parser.add_argument("--ops", nargs="+", help="tune the tasks alone whose names contain these")
    parser.add_argument("--work-dir", type=Path, default=Path("interop_benchmark"))
    return parser.parse_args()


def tuned(tuner, model, seed, options):
    """Seconds that tuning took, and the folder of its database."""
    folder = options.work_dir / f"{model}-{tuner}-{seed}"
    done = folder / "seconds.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(HERE / "side.py"), tuner, model, str(folder)]
        for name in ("mcpu", "cores", "trials"):
            command += [f"--{name}", str(getattr(options, name))]
        if options.ops:
            command += ["--ops", *options.ops]
        print(f"tuning {model} by {tuner}, seed {seed}", file=sys.stderr)
        with open(folder / "output.txt", "w") as log:
            process = subprocess.run(
                [*command, "--seed", str(seed)], stdout=subprocess.PIPE, stderr=log, text=True
            )
        if process.returncode:
            raise SystemExit(f"{tuner} {model} failed; {folder}/output.txt says how")
        done.write_text(process.stdout.splitlines()[-1])
    return json.loads(done.read_text())["seconds"], folder


def least_in_turns(functions):
    """The least of some rounds of each function that gives seconds, in turns."""
    best = [float("inf")] * len(functions)
    for _ in range(ROUNDS):
        for at, function in enumerate(functions):
            best[at] = min(best[at], function())
    return best


def compared(model, folders, options):
    """Microseconds of the model and its tasks: untuned, by TVM, by the bridge."""
    import numpy as np
    import tvm
    from side import extracted, target_of
    from tune_relax_model import MODELS, compiled, lowered
    from tvm.s_tir import meta_schedule as tvm_ms
    from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock

    target = target_of(options.mcpu, options.cores)
    mod = lowered(model, target)
    databases = [tvm_ms.database.JSONDatabase(work_dir=str(folder)) for folder in folders]
    rand = np.random.default_rng(1)
    picture = tvm.runtime.tensor(rand.standard_normal(MODELS[model].shape).astype("float32"))
    machines = [compiled(mod, target, database) for database in (None, *databases)]
    outputs = [machine["forward"](picture).numpy() for machine in machines]
    for output in outputs[1:]:
        np.testing.assert_allclose(output, outputs[0], rtol=1e-3, atol=1e-4)

    def timed(module, name, *arguments):
        evaluator = module.time_evaluator(name, tvm.cpu(), number=1, min_repeat_ms=50)
        return lambda: evaluator(*arguments).mean * 1e6

    rows = {model: least_in_turns([timed(machine, "forward", picture) for machine in machines])}
    for task in extracted(mod, target, options.ops):
        program = task.dispatched[0]
        mods = [program]
        for database in databases:
            schedule = database.query_schedule(program, target, "main")
            mods.append(program if schedule is None else schedule.mod)
        infos = tvm_ms.arg_info.ArgInfo.from_entry_func(program, True)
        tensors = [
            tvm.runtime.tensor(rand.standard_normal(list(info.shape)).astype(str(info.dtype)))
            for info in infos
        ]
        executables = [
            tvm.compile(RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(m), target)
            for m in mods
        ]
        rows[f"{model}: {task.task_name}"] = least_in_turns(
            [timed(executable.jit(), "main", *tensors) for executable in executables]
        )
    return rows


def main():
    options = arguments()
    os.environ.setdefault("TVM_NUM_THREADS", str(options.cores))
    seconds, latencies = {}, {}
    for model in options.models:
        for at, seed in enumerate(options.seeds):
            found = {}
            for tuner in ("tvm", "bridge") if at % 2 == 0 else ("bridge", "tvm"):
                found[tuner] = tuned(tuner, model, seed, options)
                seconds.setdefault((model, tuner), []).append(found[tuner][0])
            folders = [found["tvm"][1], found["bridge"][1]]
            for name, row in compared(model, folders, options).items():
                latencies.setdefault(name, []).append(row)
    seeds = ", ".join(map(str, options.seeds))
    print(f"{options.trials} trials a task, median of seeds {seeds}\n")
    print("| model | TVM tunes, s | the bridge, s | times as fast |\n|---|---|---|---|")
    for model in options.models:
        theirs, ours = seconds[model, "tvm"], seconds[model, "bridge"]
        ratio = statistics.median(a / b for a, b in zip(theirs, ours))
        print(
            f"| {model} | {statistics.median(theirs):.1f} | {statistics.median(ours):.1f} "
            f"| {ratio:.1f} |"
        )
    print(
        "\n| program | untuned, us | by TVM | by the bridge | TVM / bridge |\n|---|---|---|---|---|"
    )
    for name, rows in latencies.items():
        untuned, theirs, ours = (statistics.median(column) for column in zip(*rows))
        ratio = statistics.median(row[1] / row[2] for row in rows)
        print(f"| {name} | {untuned:.1f} | {theirs:.1f} | {ours:.1f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
