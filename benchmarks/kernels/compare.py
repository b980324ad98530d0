# SPDX-License-Identifier: Apache-2.0
"""Times tuned kernels beside the best that OpenBLAS and oneDNN have, in one run.

    ./dev build --release
    python benchmarks/kernels/compare.py --mcpu CPU --onednn PROGRAM [--openblas PROGRAM]
        [--peer-python PEER/bin/python] [--programs conv …] [--threads 2 1] [--trials N] [--seeds 1]

The heads of onednn.cc and openblas.cc in benchmarks/peer say how to build the two programs, that of
compare.py there how to install the peer, a later release of TVM, whose winners (of as many trials)
are timed too where it is given.

Method: each program is tuned, then its winner and the libraries' kernels are loaded in processes
that stay alive and are timed in turns, nine times: a time is the least of three measurements of at
least 50 ms, a ratio the median of those of the nine turns. Operands lie as the program has them,
but a library may pack the weights of a convolution ahead (and with `--packed`, those of a matrix
product). A row names the better library; `share` is of the machine's peak, measured before the
first program.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peer"))

from sides import Library, Package, close, times_of  # noqa: E402

# Floating-point operations in millions, and the ratio to the better library that is wanted.
PROGRAMS = {
    "matmul128": (2 * 128**3 / 1e6, 1.0),
    "matmul512": (2 * 512**3 / 1e6, 0.97),
    "matmul1024": (2 * 1024**3 / 1e6, 0.97),
    "dense": (2 * 128 * 3072 * 768 / 1e6, 1.0),
    "16x1024x1024": (2 * 16 * 1024**2 / 1e6, 1.2),
    "1x1024x1024": (2 * 1024**2 / 1e6, 1.2),
    "1024x16x1024": (2 * 16 * 1024**2 / 1e6, 1.2),
    "24x64x512": (2 * 24 * 64 * 512 / 1e6, 1.2),
    "conv": (2 * 56**2 * 64 * 64 * 9 / 1e6, 0.95),
    "conv14": (2 * 14**2 * 256 * 256 * 9 / 1e6, 0.95),
    "conv1x1": (2 * 56**2 * 64 * 64 / 1e6, 0.95),
    "conv7x7": (2 * 112**2 * 64 * 3 * 49 / 1e6, 0.95),
    "depthwise": (2 * 112**2 * 32 * 9 / 1e6, 1.1),
    "softmax": (None, 1.2),
    "layer_norm": (None, 1.2),
    "bias_gelu": (None, 1.2),
}
# Those whose second operand `--packed` frees.
PRODUCTS = list(PROGRAMS)[:8]


def measured(sides, program, seed, trials, turns, free):
    """Seconds a call by side in each of some turns; sides without a kernel are left out."""
    servers = {side: side.serve(program, seed=seed, count=trials, free=free) for side in sides}
    servers = {side: server for side, server in servers.items() if server}
    found = [times_of(servers) for _ in range(turns)]
    close(servers)
    return found


def compare(program, sides, arguments, peak):
    """A row: our time, the better library, and the ratios, medians over the seeds."""
    ours, *others = sides
    packs = program.startswith("conv") or (arguments.packed and program in PRODUCTS)
    free = packs and not arguments.as_written
    rows = [
        measured(sides, program, seed, arguments.trials, arguments.turns, free)
        for seed in arguments.seeds
    ]

    def ratio(side):
        """How many times longer `side` takes."""
        return statistics.median(
            statistics.median(times[side] / times[ours] for times in turns) for turns in rows
        )

    here = statistics.median(min(times[ours] for times in turns) for turns in rows)
    ratios = {side: ratio(side) for side in others if side in rows[0][0]}
    libraries = {side: r for side, r in ratios.items() if isinstance(side, Library)}
    best = min(libraries, key=libraries.get)
    work, wanted = PROGRAMS[program]
    share = f"{work / here / 1e3 / peak:5.0%}" if work else "    -"
    peers = "".join(f" {r:8.2f}" for side, r in ratios.items() if not isinstance(side, Library))
    print(
        f"{program:14} {here * 1e6:9.1f} {share} {best.package:>9} {libraries[best]:7.2f}"
        f" {wanted:7.2f}{peers}",
        flush=True,
    )
    return libraries[best], wanted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mcpu", required=True, help="this machine's: znver4, …")
    parser.add_argument("--onednn", required=True, help="the program built from onednn.cc")
    parser.add_argument("--openblas", help="the program built from openblas.cc")
    parser.add_argument("--packed", action="store_true", help="pack all weights ahead")
    parser.add_argument("--as-written", action="store_true", help="here no weights are")
    parser.add_argument("--peer-python")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--threads", type=int, nargs="+", default=[2])
    parser.add_argument("--trials", type=int, default=256)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--turns", type=int, default=9)
    arguments = parser.parse_args()
    from metaschedule.cli.peak import measure_peak_flops

    print(f"machine: {arguments.mcpu}, {os.cpu_count()} cores; {time.strftime('%Y-%m-%d')}")
    short = []
    for threads in arguments.threads:
        peak = measure_peak_flops(threads) / 1e9
        print(f"\n{threads} threads, peak {peak:.0f} GFLOP/s, {arguments.trials} trials")
        print(f"{'':14} {'us':>9} share   library   ratio  wanted     TVM")
        words = ["packed"] if arguments.packed else []
        sides = [
            Package("metaschedule", sys.executable, arguments.mcpu, threads),
            Library("oneDNN", arguments.onednn, threads, *words),
        ]
        if arguments.openblas:
            sides.append(Library("OpenBLAS", arguments.openblas, threads))
        if arguments.peer_python:
            sides.append(Package("tvm", arguments.peer_python, arguments.mcpu, threads))
        found = []
        for program in arguments.programs:
            row = compare(program, sides, arguments, peak)
            found.append(row[0])
            if row[0] < row[1] - 0.03:
                short.append(f"{program} ({threads})")
        print(f"geometric mean {statistics.geometric_mean(found):.2f}")
    if short:
        raise SystemExit(f"short of what is wanted: {', '.join(short)}")


if __name__ == "__main__":
    main()
