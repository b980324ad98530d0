# SPDX-License-Identifier: Apache-2.0
"""Tunes models of TVM's relax with metaschedule and compares them with what TVM makes untuned.

    python examples/tune_relax_model.py [--model perceptron|convnet|both] [--trials 64]
        [--work-dir tuned] [--mcpu znver4] [--seed 1]

Needs a TVM of those that docs/interop.md names, beside metaschedule in one environment. Run it
again with the same folder and it goes on from there. The models are built here, with
`relax.frontend.nn`.
"""

import argparse
import os

import numpy as np
import tvm
from metaschedule.interop import tvm as bridge
from tvm import relax
from tvm.relax.frontend import nn


class Perceptron(nn.Module):
    """Three dense layers, for a batch of pictures of 28 x 28."""

    shape = (16, 784)

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(784, 512)
        self.second = nn.Linear(512, 512)
        self.last = nn.Linear(512, 10)

    def forward(self, x):
        x = nn.op.relu(self.first(x))
        x = nn.op.relu(self.second(x))
        return nn.op.softmax(self.last(x), axis=-1)


class ConvNet(nn.Module):
    """Two convolutions and a dense layer, for one picture of 3 x 32 x 32."""

    shape = (1, 3, 32, 32)

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2D(3, 32, 3, padding=1, bias=True)
        self.second = nn.Conv2D(32, 64, 3, stride=2, padding=1, bias=True)
        self.last = nn.Linear(64 * 16 * 16, 10)

    def forward(self, x):
        x = nn.op.relu(self.first(x))
        x = nn.op.relu(self.second(x))
        return self.last(nn.op.reshape(x, (1, 64 * 16 * 16)))


MODELS = {"perceptron": Perceptron, "convnet": ConvNet}


def lowered(name, target):
    """The module of a model with weights bound, operators lowered to PrimFuncs and fused."""
    model = MODELS[name]()
    mod, params = model.export_tvm(
        spec={"forward": {"x": nn.spec.Tensor(list(model.shape), "float32")}}
    )
    rand = np.random.default_rng(0)
    weights = {}
    for weight, parameter in params:
        shape = [int(extent) for extent in parameter.shape]
        scale = 1 / np.sqrt(max(1, np.prod(shape[1:])))
        weights[weight] = (rand.standard_normal(shape) * scale).astype("float32")
    with target, tvm.transform.PassContext(opt_level=3):
        mod = relax.transform.BindParams("forward", weights)(mod)
        return relax.get_pipeline("zero")(mod)


def compiled(mod, target, database=None):
    """A virtual machine that runs the module, its functions as the database says or untuned."""
    with target, tvm.transform.PassContext(opt_level=3):
        if database is not None:
            with database:
                mod = relax.transform.MetaScheduleApplyDatabase()(mod)
        return relax.VirtualMachine(tvm.compile(mod, target), tvm.cpu())


def microseconds(machines, picture, rounds=5):
    """Microseconds a call of each machine, the least of some rounds in which they take turns."""
    best = [float("inf")] * len(machines)
    for _ in range(rounds):
        for at, machine in enumerate(machines):
            evaluator = machine.time_evaluator("forward", tvm.cpu(), number=1, min_repeat_ms=100)
            best[at] = min(best[at], evaluator(picture).mean * 1e6)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=[*MODELS, "both"], default="both")
    parser.add_argument("--trials", type=int, default=64, help="of each task")
    parser.add_argument("--work-dir", default="tuned")
    parser.add_argument("--mcpu", default="", help="the processor to compile for")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    config = {"kind": "llvm", "num-cores": os.cpu_count()}
    target = tvm.target.Target({**config, "mcpu": options.mcpu} if options.mcpu else config)

    for name in MODELS if options.model == "both" else [options.model]:
        mod = lowered(name, target)
        tasks = tvm.s_tir.meta_schedule.relax_integration.extract_tasks(mod, target)
        database = bridge.tune_relax(
            mod,
            target,
            work_dir=os.path.join(options.work_dir, name),
            max_trials_global=options.trials * len(tasks),
            max_trials_per_task=options.trials,
            seed=options.seed,
        )
        machines = [compiled(mod, target), compiled(mod, target, database)]
        rand = np.random.default_rng(1)
        values = rand.standard_normal(MODELS[name].shape).astype("float32")
        picture = tvm.runtime.tensor(values)
        expected, found = (machine["forward"](picture).numpy() for machine in machines)
        untuned, tuned = microseconds(machines, picture)
        print(
            f"{name}: {untuned:.1f} us untuned, {tuned:.1f} us tuned ({untuned / tuned:.1f} times "
            f"as fast); largest difference of results {np.abs(expected - found).max():.2g}"
        )


if __name__ == "__main__":
    main()
