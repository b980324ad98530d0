# SPDX-License-Identifier: Apache-2.0
"""The roof of this machine: multiply-adds in registers, as many as the cores do."""

STEPS = 1 << 16

# Lanes of a vector and how many there are: enough to hide the latency of a multiply-add, and few
# enough for the registers of AVX-512 (32 of 16 lanes), AVX2 (16 of 8) and Neon (32 of 4).
SHAPES = ((16, 24), (8, 12), (4, 24))


def _program(tasks: int, lanes: int, chains: int) -> str:
    """Each task runs `chains` independent vectors x = x * a + b, STEPS times."""
    starts = range(0, chains * lanes, lanes)
    init = "\n".join(
        f"        acc[{c}:{c + lanes}] = T.Broadcast(T.float32({c}), {lanes})" for c in starts
    )
    step = "\n".join(
        f"            acc[{c}:{c + lanes}] = acc[{c}:{c + lanes}] * x[0:{lanes}] "
        f"+ x[{lanes}:{2 * lanes}]"
        for c in starts
    )
    write = "\n".join(
        f"        out[T.Ramp(t * {chains * lanes} + {c}, 1, {lanes})] = acc[{c}:{c + lanes}]"
        for c in starts
    )
    return f"""
@T.prim_func
def main(x: T.Buffer(({2 * lanes},), "float32"),
         out: T.Buffer(({tasks * chains * lanes},), "float32")):
    for t in T.parallel({tasks}):
        acc_data = T.allocate([{chains * lanes}], "float32")
        acc = T.Buffer(({chains * lanes},), data=acc_data)
{init}
        for k in range({STEPS}):
{step}
{write}
"""


def measure_peak_flops(cores: int, repeats: int = 200) -> float:
    """Floating-point operations a second that `cores` cores reach together; the best of `repeats`
    runs of a fraction of a millisecond each, with vectors of each width."""
    from .. import runtime
    from ..script import from_source

    best = 0.0
    for lanes, chains in SHAPES:
        module = runtime.build(from_source(_program(cores, lanes, chains)), "llvm")
        x = runtime.empty((2 * lanes,))
        x._array[...] = 0.5
        out = runtime.empty((cores * chains * lanes,))
        seconds = module.time_evaluator(number=1, repeat=repeats)(x, out).min
        best = max(best, 2.0 * cores * chains * lanes * STEPS / seconds)
    return best
