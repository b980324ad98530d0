# SPDX-License-Identifier: Apache-2.0
"""The roof of this machine: multiply-adds in registers, as many as the cores do."""

LANES, CHAINS, STEPS = 16, 24, 1 << 16


def _program(tasks: int) -> str:
    """Each task runs CHAINS independent vectors x = x * a + b, STEPS times."""
    lanes = ", ".join(f"{c * LANES}" for c in range(CHAINS)).split(", ")
    init = "\n".join(
        f"        acc[{c}:{int(c) + LANES}] = T.Broadcast(T.float32({i}), {LANES})"
        for i, c in enumerate(lanes)
    )
    step = "\n".join(
        f"            acc[{c}:{int(c) + LANES}] = acc[{c}:{int(c) + LANES}] * x[0:{LANES}] "
        f"+ x[{LANES}:{2 * LANES}]"
        for c in lanes
    )
    write = "\n".join(
        f"        out[T.Ramp(t * {CHAINS * LANES} + {c}, 1, {LANES})] = acc[{c}:{int(c) + LANES}]"
        for c in lanes
    )
    return f"""
@T.prim_func
def main(x: T.Buffer(({2 * LANES},), "float32"),
         out: T.Buffer(({tasks * CHAINS * LANES},), "float32")):
    for t in T.parallel({tasks}):
        acc_data = T.allocate([{CHAINS * LANES}], "float32")
        acc = T.Buffer(({CHAINS * LANES},), data=acc_data)
{init}
        for k in range({STEPS}):
{step}
{write}
"""


def measure_peak_flops(cores: int, repeats: int = 200) -> float:
    """Floating-point operations a second that `cores` cores reach together; the best of `repeats`
    runs of a fraction of a millisecond each."""
    from .. import runtime
    from ..script import from_source

    module = runtime.build(from_source(_program(cores)), "llvm")
    x = runtime.empty((2 * LANES,))
    x._array[...] = 0.5
    out = runtime.empty((cores * CHAINS * LANES,))
    seconds = module.time_evaluator(number=1, repeat=repeats)(x, out).min
    return 2.0 * cores * CHAINS * LANES * STEPS / seconds
