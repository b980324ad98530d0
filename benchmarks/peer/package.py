# SPDX-License-Identifier: Apache-2.0
"""Either package under one interface."""

from programs import PROGRAMS


class Package:
    """The names that differ between the two packages, under one interface."""

    def __init__(self, name, mcpu, cores, free_weights=False):
        """With `free_weights` the second operand may be laid out anew, ahead of all calls."""
        self.name, self.free_weights = name, free_weights
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
        func = self.te.create_prim_func(PROGRAMS[name](self.te, self.tir))
        return func.with_attr("layout_free_buffers", [1]) if self.free_weights else func

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
        """A function that times the compiled schedule on random arrays: seconds a call, the least
        of a few measurements. Weights that are laid out anew are so already."""
        import numpy as np

        rng = np.random.default_rng(0)
        if self.name == "tvm":
            remove = self.tvm.s_tir.transform.RemoveWeightLayoutRewriteBlock
            mod = remove(skip_tensor_rewrite=True)(schedule.mod)
            module = self.tvm.compile(mod, self.target).jit()
            device = self.tvm.cpu()
            make = lambda values: self.tvm.runtime.tensor(values, device)  # noqa: E731
            evaluator = module.time_evaluator("main", device, number=1, repeat=3, min_repeat_ms=50)
        else:
            module = self.ms.builder.local_builder.default_build(schedule.mod, self.target)
            make = self.ms.runtime.array
            evaluator = module.time_evaluator(number=1, repeat=3, min_repeat_ms=50)
        shapes = [info.shape for info in self.ms.arg_info.ArgInfo.from_entry_func(schedule.mod)]
        arrays = [
            make(rng.standard_normal([int(n) for n in shape]).astype("float32")) for shape in shapes
        ]
        return lambda: min(evaluator(*arrays).results)
