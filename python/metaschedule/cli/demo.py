# SPDX-License-Identifier: Apache-2.0
"""The demo: three programs, tuned, checked and compared with what they were and could be."""

import os
import time
from dataclasses import dataclass
from typing import Any, Callable, List

from .progress import ProgressLine, clock, table, time_text


@dataclass
class Workload:
    """A program of the demo: how to make it, what it computes, how much work that is."""

    title: str
    name: str
    build: Callable[[], Any]  # -> PrimFunc
    reference: Callable[..., Any]  # numpy inputs -> numpy output
    inputs: List[tuple]
    output: tuple
    flops: float
    integer_inputs: bool = True  # sums of products of small integers are exact in float32


def _workloads():
    import numpy as np

    from .. import te
    from ..testing import te_workload

    def conv(data, weight, bias):
        padded = np.pad(data, ((0, 0), (1, 1), (1, 1), (0, 0)))
        out = sum(
            padded[:, r : r + 56, s : s + 56, :] @ weight[r, s] for r in range(3) for s in range(3)
        )
        return np.maximum(out + bias, 0)

    def softmax(x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    return [
        Workload(
            "matmul 512x512x512",
            "matmul",
            lambda: te.create_prim_func(te_workload.matmul(512, 512, 512)),
            lambda a, b: a @ b,
            [(512, 512), (512, 512)],
            (512, 512),
            2.0 * 512**3,
        ),
        Workload(
            "conv2d 56x56x64 3x3 + bias + ReLU",
            "conv2d",
            lambda: te.create_prim_func(
                te_workload.conv2d_nhwc_bias_relu(1, 56, 56, 64, 64, 3, padding=1)
            ),
            conv,
            [(1, 56, 56, 64), (3, 3, 64, 64), (64,)],
            (1, 56, 56, 64),
            2.0 * 56 * 56 * 64 * 64 * 9,
        ),
        Workload(
            "softmax 256x1024",
            "softmax",
            lambda: te.create_prim_func(te_workload.softmax_mn(256, 1024)),
            softmax,
            [(256, 1024)],
            (256, 1024),
            # A maximum, a subtraction, an exponential, a sum and a division for each element.
            5.0 * 256 * 1024,
            integer_inputs=False,
        ),
    ]


@dataclass
class Outcome:
    """What tuning made of a workload; times in seconds a call."""

    workload: Workload
    before: float
    after: float
    share_of_peak: float
    checked: str
    library: str


def _arguments(workload, runtime, rng):
    import numpy as np

    arrays = []
    for shape in workload.inputs:
        if workload.integer_inputs:
            values = rng.integers(-4, 5, shape).astype("float32")
        else:
            values = rng.standard_normal(shape).astype("float32")
        arrays.append(runtime.array(values))
    output = runtime.array(np.full(workload.output, np.nan, "float32"))
    return arrays, output


def _check(workload, module, runtime, rng) -> str:
    """Compares the module's result with numpy's; raises RunError when they differ."""
    import numpy as np

    from .. import RunError

    inputs, output = _arguments(workload, runtime, rng)
    module(*inputs, output)
    expected = workload.reference(*[a.numpy().astype("float64") for a in inputs])
    found = output.numpy()
    if workload.integer_inputs:
        if not np.array_equal(found, expected.astype("float32")):
            raise RunError(f"{workload.title}: the tuned program computes something else")
        return "exact"
    error = float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))
    limit = 8 * np.finfo("float32").eps * np.sqrt(workload.inputs[0][-1])
    if not error <= limit:
        raise RunError(f"{workload.title}: relative error {error:.1e} exceeds {limit:.1e}")
    return f"{error:.0e}"


def _time(module, arguments) -> float:
    evaluator = module.time_evaluator(number=1, repeat=5, min_repeat_ms=20)
    return evaluator(*arguments).min


def _tune(workload, target, work_dir, trials, seed, peak):
    import numpy as np

    from .. import runtime as rt
    from .. import tune, utils
    from ..builder import Builder
    from ..cost_model import CostModel
    from ..database import Database
    from ..measure_callback import MeasureCallback
    from ..runner import Runner
    from ..task_scheduler import TaskScheduler

    mod = workload.build()
    folder = os.path.join(work_dir, workload.name)
    os.makedirs(folder, exist_ok=True)
    line = ProgressLine(workload.title.ljust(34))
    scheduler = TaskScheduler.create("gradient")
    scheduler._set_on_progress(line)
    scheduler._set_logger(None, 0)
    database = Database.create("json", work_dir=folder)
    tune.tune_tir(
        mod,
        target,
        folder,
        trials,
        database=database,
        task_scheduler=scheduler,
        builder=Builder.create(max_workers=utils.cpu_count()),
        runner=Runner.create(),
        cost_model=CostModel.create("xgb"),
        measure_callbacks=MeasureCallback.create(),
        seed=seed,
    )
    line.close()
    best = tune.compile_tir(database, mod, target)
    rng = np.random.default_rng(0)
    tuned, untuned = rt.build(best, target), rt.build(mod, target)
    checked = _check(workload, tuned, rt, rng)
    inputs, output = _arguments(workload, rt, rng)
    before = _time(untuned, [*inputs, output])
    after = _time(tuned, [*inputs, output])
    library = os.path.join(folder, f"{workload.name}.o")
    tuned.export_library(library)
    share = workload.flops / after / peak if peak else 0.0
    return Outcome(workload, before, after, share, checked, library), best


def run_demo(work_dir: str, trials: int, seed=None) -> int:
    """Tunes the three programs and prints what was gained; 0 when every winner is right."""
    from .. import utils
    from ..target import Target
    from .peak import measure_peak_flops

    start = time.time()
    cores = utils.cpu_count()
    target = Target(f"llvm -num-cores={cores}")
    os.makedirs(work_dir, exist_ok=True)
    peak = measure_peak_flops(cores)
    print(
        f"Tuning 3 programs with {trials} trials each on {cores} cores; "
        f"measured peak {peak / 1e9:.0f} GFLOP/s.\n"
    )
    outcomes, schedules = [], []
    for workload in _workloads():
        outcome, schedule = _tune(workload, target, work_dir, trials, seed, peak)
        outcomes.append(outcome)
        schedules.append(schedule)
    rows = [
        [
            o.workload.title,
            time_text(o.before * 1e3),
            time_text(o.after * 1e3),
            f"{o.workload.flops / o.after / 1e9:.1f}",
            f"{100 * o.share_of_peak:.0f} %",
            f"{o.before / o.after:.1f}x",
            o.checked,
        ]
        for o in outcomes
    ]
    header = ["program", "untuned", "tuned", "GFLOP/s", "of peak", "speed-up", "checked"]
    print("\n" + table(header, rows))
    print(f"\nThe schedule found for {outcomes[0].workload.title}:\n")
    print("\n".join("    " + step for step in schedules[0].trace.as_python(True)))
    print(_how_to_use(work_dir, outcomes[0], target))
    print(f"\nDone in {clock(time.time() - start)}.")
    return 0


def _how_to_use(work_dir, outcome, target) -> str:
    name = outcome.workload.name
    return f"""
The records are in {work_dir}/; run the demo again and the search goes on from them.

Use a winner from Python:

    import metaschedule as ms
    module = ms.runtime.load_module("{outcome.library}")
    module(a, b, c)                      # numpy arrays, in the order of the parameters

or from C: the header beside it declares the function and brings what it needs to run:

    cc main.c {outcome.library} -lpthread

or look a schedule up in the database:

    database = ms.Database.create("json", work_dir="{work_dir}/{name}")
    schedule = ms.tir_integration.compile_tir(database, mod, "{target}")
    schedule.mod.show()"""
