# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark: those in C++ and, where it is told of the peer, the comparison with it.

    python benchmarks/run.py [--build build/release] [OPTIONS OF peer/compare.py]

Each says its method at its head. Measure on a quiet machine.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=HERE.parent / "build" / "release")
    arguments, comparison = parser.parse_known_args()
    programs = sorted((arguments.build / "bin").glob("bench_*"))
    if not programs:
        raise SystemExit(f"{arguments.build}/bin: expected bench_* (target `benchmarks`)")
    for program in programs:
        print(f"== {program.name}", flush=True)
        subprocess.run([program], check=True)
    if comparison:
        print("== peer", flush=True)
        subprocess.run([sys.executable, HERE / "peer" / "compare.py", *comparison], check=True)


if __name__ == "__main__":
    main()
