# SPDX-License-Identifier: Apache-2.0
"""Design spaces of the peer for a few programs: traces with sampled decisions, before and after the
postprocessing, and what they make. `PEER/bin/python make_spaces.py` writes spaces.jsonl.gz."""

import tvm
from make import write
from programs import CONV, MULTI_STAGE, matmul
from recorder import parse, plain
from tvm.s_tir import Schedule
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir.schedule import Trace

TARGETS = {
    "llvm": {"kind": "llvm", "num-cores": 4},
    "cuda": {
        "kind": "cuda",
        "max_threads_per_block": 1024,
        "max_shared_memory_per_block": 49152,
        "thread_warp_size": 32,
    },
}
PROGRAMS = {
    "matmul": matmul(64, 48, 32),
    "conv": CONV.replace("10, 8", "34, 16")
    .replace("(3, 8, 4)", "(3, 16, 32)")
    .replace("(1, 8, 4)", "(1, 32, 32)")
    .replace("T.grid(1, 8, 4, 3, 8)", "T.grid(1, 32, 32, 3, 16)"),
    "stages": MULTI_STAGE,
}


def spaces(name, text, target):
    mod = parse(text)
    target = tvm.target.Target(target)
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator=ms.space_generator.PostOrderApply(),
        rand_state=7,
        num_threads=1,
    )
    with target:
        for number, sch in enumerate(context.generate_design_space()):
            yield line(f"{name}_{target.kind.name}_{number}", mod, sch)
            done = sch.copy()
            done.enter_postproc()
            if all(p.apply(done) for p in context.space_generator.postprocs):
                yield line(f"{name}_{target.kind.name}_{number}_postprocessed", mod, done)


def line(name, mod, sch):
    # What the trace makes when it is read back, which is what others can do with it.
    trace = plain(sch.trace.as_json())
    again = Schedule(mod)
    Trace.apply_json_to_schedule(trace, again)
    return {"name": name, "before": mod.script(), "trace": trace, "mod": again.mod.script()}


def main():
    lines = []
    for name, text in PROGRAMS.items():
        for target in TARGETS.values():
            lines += spaces(name, text.lstrip("\n"), target)
    for item in lines:
        print(item["name"], len(item["trace"][0]))
    write("spaces.jsonl.gz", lines)


if __name__ == "__main__":
    main()
