# SPDX-License-Identifier: Apache-2.0
"""Measures schedules here beside those of the peer (a later release of TVM), in one run.

    cmake --build build/release --target side_schedule _core
    python benchmarks/schedule/compare.py --peer-python PEER/bin/python [--golden FOLDER]
        [--only replay,threads,copy,primitives] [--rounds N] [--all]

benchmarks/peer/compare.py says how the peer is installed. FOLDER (default: ../shared/golden beside
the checkout) holds the design spaces of TVM 0.19.

Method: three processes that stay alive, the peer from Python, this package from Python and from C++
(side.cc), are asked in turns; a figure is the least of `--rounds` turns, in processor time of one
thread, so that a ratio stands on a machine that is not quite idle.

  replay      a schedule made on a program and a design-space trace replayed on it, decisions and
              all; traces that either side cannot replay are counted and left out
  threads     the same from two threads, ours, against one: beside a loop of arithmetic, which says
              what the machine gives. `speedup` is in real time and wants a quiet machine; `cost` is
              what a call takes of processor time in two threads, against one
  copy        a copy of the schedule after a replay
  primitives  a call of each primitive on programs of 10, 100 and 1,000 blocks, on schedules that
              own their root, as in a replay. `growth` is what a block more adds, by the two larger
              programs
"""

import argparse
import math
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "peer"))

from primitives import CASES, DESCRIBED, IMPLEMENTED, INTRIN  # noqa: E402
from sides import Server, Side  # noqa: E402
from traces import design_spaces  # noqa: E402

TARGETS = ("llvm", "cuda")
SIZES = (10, 100, 1000)
NOISE = 2  # ns of growth


class Sides:
    """The three processes."""

    def __init__(self, arguments):
        native = arguments.build / "bin" / "side_schedule"
        if not native.exists():
            raise SystemExit(f"{native}: not found (target `side_schedule`)")
        peer = os.path.abspath(arguments.peer_python)
        self.native = Server(Side("C++", [native.resolve()], HERE, 2))
        self.ours = Server(
            Side("metaschedule", [sys.executable, "side.py", "metaschedule"], HERE, 1)
        )
        self.peer = Server(Side("tvm", [peer, "side.py", "tvm"], HERE, 1))
        self.all = (self.native, self.ours, self.peer)

    def close(self):
        for side in self.all:
            side.close()

    def least(self, rounds, question, sides=None):
        """Seconds by side, the least of some turns."""
        sides = sides or self.all
        best = dict.fromkeys(sides, math.inf)
        for _ in range(rounds):
            for side in sides:
                answer = side.ask(**question)
                if "error" in answer:
                    raise SystemExit(f"{side.package}: {question}: {answer['error']}")
                best[side] = min(best[side], answer["seconds"])
        return [best[side] for side in sides]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def load(sides, golden):
    """Names of the design spaces that every side can replay, by target."""
    names = {target: [] for target in TARGETS}
    for name, program, trace in design_spaces(golden, TARGETS):
        question = {"do": "load", "name": name, "program": program, "trace": trace}
        failed = {
            side.package: answer["error"].strip().splitlines()[-1]
            for side in sides.all
            if "error" in (answer := side.ask(**question))
        }
        if failed:
            print(f"  left out: {name}: {failed}", flush=True)
        else:
            names[name.split("/")[0]].append(name)
    return names


def replay(sides, names, arguments):
    print("\nreplay, microseconds (C++, Python, peer; peer / C++, peer / Python)")
    for target in TARGETS:
        rows = []
        for name in names[target]:
            question = {"do": "replay", "name": name, "seconds": arguments.seconds}
            rows.append((name, *sides.least(arguments.rounds, question)))
        rows.sort(key=lambda row: row[3] / row[1])
        for name, native, ours, peer in rows if arguments.all else rows[:3]:
            print(
                f"  {name:22s} {native * 1e6:8.1f} {ours * 1e6:8.1f} {peer * 1e6:8.1f} "
                f"{peer / native:7.1f}x {peer / ours:7.1f}x"
            )
        ratios = [(peer / native, peer / ours) for _, native, ours, peer in rows]
        for label, pick in (("least", min), ("geometric mean", geometric_mean)):
            found = [pick(column) for column in zip(*ratios)]
            print(f"  {target}, {len(rows)} traces, {label}: {found[0]:.1f}x {found[1]:.1f}x")
        sys.stdout.flush()


def threads(sides, names, arguments):
    chosen = [name for target in TARGETS for name in names[target][:: arguments.thread_step]]
    best = {}
    for _ in range(arguments.rounds):
        question = {"do": "threads", "names": chosen, "seconds": max(arguments.seconds, 0.1)}
        for name, found in sides.native.ask(**question).items():
            kept = best.setdefault(name, {"speedup": 0.0, "cost": math.inf})
            kept["speedup"] = max(kept["speedup"], found["speedup"])
            kept["cost"] = min(kept["cost"], found["cost"])
    print("\ntwo threads against one (speedup in real time; processor time a call)")
    for name, found in best.items():
        print(f"  {name:22s} {found['speedup']:5.2f} {found['cost']:5.2f}")
    of_replays = [found for name, found in best.items() if name != "arithmetic"]
    share = geometric_mean([found["speedup"] for found in of_replays])
    print(f"  replays beside arithmetic: {share / best['arithmetic']['speedup']:.2f}", flush=True)


def copy(sides, names, arguments):
    print("\ncopy of a schedule, microseconds (C++, Python, peer; peer / C++)")
    rows = []
    for target in TARGETS:
        for name in names[target]:
            question = {"do": "copy", "name": name, "seconds": arguments.seconds / 4}
            rows.append((name, *sides.least(arguments.rounds, question)))
    rows.sort(key=lambda row: row[3] / row[1])
    for name, native, ours, peer in rows if arguments.all else [*rows[:2], rows[-1]]:
        print(
            f"  {name:22s} {native * 1e6:8.3f} {ours * 1e6:8.3f} {peer * 1e6:8.3f} "
            f"{peer / native:7.1f}x"
        )
    print(f"  least of {len(rows)}: {min(row[3] / row[1] for row in rows):.1f}x", flush=True)


def primitive_costs(sides, name, rounds):
    """Seconds of the three sides by number of blocks; the reason where the sides do not agree."""
    costs = []
    for blocks in SIZES:
        schedules = max(5, min(200, 5000 // blocks))
        case = {"primitive": name, "blocks": blocks}
        traced = sides.ours.ask(do="primitive_trace", **case)
        if "error" in traced:
            return f"here: {traced['error'].strip().splitlines()[-1]}"
        key = f"{name}/{blocks}"
        loaded = sides.native.ask(do="load", name=key, **traced)
        if "error" in loaded:
            return f"C++: {loaded['error']}"
        refused = sides.peer.ask(do="primitive", schedules=1, **case)
        if "error" in refused:
            return f"peer: {refused['error'].strip().splitlines()[-1][:100]}"
        native = {"do": "last_step", "name": key, "schedules": schedules}
        python = {"do": "primitive", "schedules": schedules, **case}
        costs.append([math.inf] * 3)
        for _ in range(rounds):
            for i, (side, question) in enumerate(zip(sides.all, (native, python, python))):
                costs[-1][i] = min(costs[-1][i], side.ask(**question)["seconds"])
    return costs


def primitives(sides, arguments):
    sizes = ", ".join(f"{size:,}" for size in SIZES)
    print(f"\nprimitives, microseconds a call at {sizes} blocks (C++ | Python | peer; growth, ns)")
    chosen = arguments.primitives.split(",") if arguments.primitives else CASES
    intrinsic = {"name": INTRIN, "described": DESCRIBED, "implemented": IMPLEMENTED}
    sides.native.ask(do="intrinsic", **intrinsic)
    steeper = []
    for name in chosen:
        costs = primitive_costs(sides, name, arguments.rounds)
        if isinstance(costs, str):
            print(f"  {name:26s} - {costs}", flush=True)
            continue
        columns = list(zip(*costs))
        growth = [(c[-1] - c[-2]) / (SIZES[-1] - SIZES[-2]) * 1e9 for c in columns]
        if growth[0] > growth[2] + NOISE:
            steeper.append(name)
        text = " | ".join(" ".join(f"{cost * 1e6:8.2f}" for cost in column) for column in columns)
        rates = " ".join(f"{rate:7.1f}" for rate in growth)
        print(f"  {name:26s} {text} ; {rates}", flush=True)
    print(f"  steeper than the peer: {', '.join(steeper) or 'none'}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--golden", type=Path, default=ROOT.parent / "shared" / "golden")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--only", default="replay,threads,copy,primitives")
    parser.add_argument("--primitives", help="these only, by their methods' names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.03, help="of one measurement")
    parser.add_argument("--thread-step", type=int, default=8, help="measure each n-th trace")
    parser.add_argument("--all", action="store_true", help="print a line for each trace")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    sides = Sides(arguments)
    print(f"{time.strftime('%Y-%m-%d')}, {len(os.sched_getaffinity(0))} cores", flush=True)
    if {"replay", "threads", "copy"} & set(chosen):
        names = load(sides, arguments.golden)
        for measure in (replay, threads, copy):
            if measure.__name__ in chosen:
                measure(sides, names, arguments)
    if "primitives" in chosen:
        primitives(sides, arguments)
    sides.close()


if __name__ == "__main__":
    main()
