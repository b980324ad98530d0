# SPDX-License-Identifier: Apache-2.0
"""What a candidate costs until it can run, and whether loading leaks.

    ./dev build --release
    python benchmarks/kernels/compile.py --mcpu CPU [--programs conv …] [--candidates N] [--loads N]

Method: of each program some random candidates of its design spaces, postprocessed, are compiled and
loaded one after the other (`runtime.build`, which has them compiled in a worker process): wall time
of each, the median and the 95th percentile by program. Then one object file is loaded, run and
dropped many times, with the resident memory of this process after a tenth of the loads and at the
end.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peer"))

from package import Package  # noqa: E402
from programs import PROGRAMS  # noqa: E402

MEDIAN_MS, LATE_MS = 12, 30  # what is wanted


def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def compile_times(package, program, count):
    """Milliseconds a candidate."""
    context = package.ms.TuneContext(
        package.program(program),
        target=package.target,
        space_generator="native",
        search_strategy="replay-trace",
        num_threads=1,
        rand_state=1,
    )
    context.pre_tuning(max_trials=count, num_trials_per_iter=count)
    found = []
    for candidate in context.generate_measure_candidates():
        start = time.perf_counter()
        package.ms.runtime.build(candidate.sch.mod, package.target)
        found.append(1e3 * (time.perf_counter() - start))
    return found


def loads(package, count):
    """Resident megabytes after a tenth of the loads and after all."""
    module = package.ms.runtime.build(package.program("matmul128"), package.target)
    arrays = [package.ms.runtime.empty((128, 128)) for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/kernel.o"
        module.export_library(path)
        early = 0.0
        for i in range(count):
            loaded = package.ms.runtime.load_module(path)
            if i % 100 == 0:
                loaded(*arrays)
            del loaded
            if i == count // 10:
                early = resident_mb()
    return early, resident_mb()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mcpu", required=True, help="this machine's: znver4, …")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument("--loads", type=int, default=10_000)
    arguments = parser.parse_args()
    package = Package("metaschedule", arguments.mcpu, 2)
    print(f"{'compile and load, ms':20} median   95th %")
    late = []
    for program in arguments.programs:
        times = compile_times(package, program, arguments.candidates)
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{program:20} {median:6.1f} {high:8.1f}", flush=True)
        if median > MEDIAN_MS or high > LATE_MS:
            late.append(program)
    early, end = loads(package, arguments.loads)
    print(f"{arguments.loads} loads: {early:.1f} MB after a tenth, {end:.1f} MB at the end")
    if late:
        raise SystemExit(f"slower than wanted: {', '.join(late)}")


if __name__ == "__main__":
    main()
