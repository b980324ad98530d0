# SPDX-License-Identifier: Apache-2.0
"""Measures reading, printing and comparing programs here beside the peer (a later release of TVM),
in one run.

    cmake --build build/release --target _core
    python benchmarks/programs/compare.py --peer-python PEER/bin/python [--golden FOLDER]
        [--rounds N] [--seconds S] [--only parse,print,equal,hash,save,load_json]

benchmarks/peer/compare.py says how the peer is installed. FOLDER (default: ../shared/golden beside
the checkout) holds `programs.json.gz`, the programs of TVM 0.19 that design spaces are made of.

Method: two processes that stay alive, one for each package, both from Python and through the names
that users call, are asked in turns; a figure is the least of `--rounds` turns of `--seconds` each,
in processor time of one thread, so that a ratio stands on a machine that is not quite idle.
Python's garbage is collected before each turn. The table has geometric means over the programs.

  parse      script.from_source of the program's text, with the check that it is well-formed
  print      module.script()
  equal      ir.structural_equal of two modules parsed separately
  hash       ir.structural_hash
  save       ir.save_json
  load_json  ir.load_json of what the same package saved
"""

import argparse
import gzip
import json
import math
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "peer"))

from sides import Server, Side  # noqa: E402

# What is measured, and how many times faster than the peer it is meant to be.
WANTED = {"parse": 20, "print": 3, "equal": 3, "hash": 3, "save": None, "load_json": None}


def least(sides, rounds, question):
    """Seconds by side, the least of some turns."""
    best = [math.inf] * len(sides)
    for _ in range(rounds):
        for i, side in enumerate(sides):
            answer = side.ask(**question)
            if "error" in answer:
                raise SystemExit(f"{side.package}: {question}: {answer['error']}")
            best[i] = min(best[i], answer["seconds"])
    return best


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--golden", type=Path, default=ROOT.parent / "shared" / "golden")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("--only", default=",".join(WANTED))
    arguments = parser.parse_args()
    with gzip.open(arguments.golden / "programs.json.gz", "rt") as file:
        programs = json.load(file)
    ours = Server(Side("metaschedule", [sys.executable, "side.py", "metaschedule"], HERE, 1))
    peer = Server(Side("tvm", [os.path.abspath(arguments.peer_python), "side.py", "tvm"], HERE, 1))
    sides = (ours, peer)
    for name, text in programs.items():
        for side in sides:
            answer = side.ask(do="load", name=name, text=text)
            if "error" in answer:
                raise SystemExit(f"{side.package}: {name}: {answer['error']}")
    print(f"{len(programs)} programs, microseconds a program (geometric mean)")
    print(f"{'':10} {'here':>9} {'TVM':>9} {'ratio':>7} {'least':>7} {'wanted':>7}")
    missed = []
    for what in arguments.only.split(","):
        times = [
            least(sides, arguments.rounds, {"do": what, "name": name, "seconds": arguments.seconds})
            for name in programs
        ]
        here, there = (geometric_mean([t[i] for t in times]) for i in (0, 1))
        slowest = min(t[1] / t[0] for t in times)
        wanted = WANTED[what]
        print(
            f"{what:10} {here * 1e6:9.1f} {there * 1e6:9.1f} {there / here:7.1f} {slowest:7.1f}"
            f" {wanted or '-':>7}",
            flush=True,
        )
        if wanted and there / here < wanted:
            missed.append(what)
    for side in sides:
        side.close()
    if missed:
        raise SystemExit(f"slower than wanted: {', '.join(missed)}")


if __name__ == "__main__":
    main()
