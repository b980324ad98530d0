# SPDX-License-Identifier: Apache-2.0
"""Measures searches of this package beside the peer's, in turns: a round of the evolutionary
search, the XGBoost model, and whole sessions.

    python benchmarks/search/compare.py --peer-python PEER/bin/python --mcpu CPU [--only round,…]

The peer lives in an environment of its own, which the head of benchmarks/peer/compare.py says how
to make. Every figure is a ratio of measurements made in turns (ours, the peer's, ours, …), each in
a fresh process; the best of `--rounds` turns counts.

round   processor time of one batch of the evolutionary search on one thread, population 512, four
        generations, 64 picked; scored by an XGBoost model that has learned from 256 candidates, and
        by random numbers
model   an update from 320 candidates and a prediction of 512, features included, on all cores
trials  trials a second of sessions of 128 on matmul 512: with the default evaluator, and with 10 ms
        a measurement on both sides
"""

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "peer"))
from sides import Side  # noqa: E402

PROGRAMS = ["matmul512", "conv", "softmax"]


def in_turns(sides, rounds, keys, *words, **options):
    """For each key the values of both sides, a list a side."""
    found = {key: [[] for _ in sides] for key in keys}
    for _ in range(rounds):
        for i, side in enumerate(sides):
            answer = side.ask(*words, **options)
            for key in keys:
                found[key][i].append(answer[key])
    return found


def print_row(name, ours, peer, ratio, form):
    print(f"  {name:24s} {ours:{form}} {peer:{form}} {ratio:7.1f}x", flush=True)


def rounds_of_search(sides, arguments):
    for is_trained, scores in ((1, "XGBoost"), (0, "random numbers")):
        print(
            f"\none evolutionary round, seconds on one core, scored by {scores} (ours, peer, ratio)"
        )
        for program in arguments.programs:
            found = in_turns(
                sides, arguments.rounds, ["seconds"], "round", program, trained=is_trained
            )
            ours, peer = map(min, found["seconds"])
            print_row(program, ours, peer, peer / ours, "9.3f")


def models(sides, arguments):
    print("\nXGBoost, seconds (ours, peer, ratio)")
    for program in arguments.programs:
        found = in_turns(sides, arguments.rounds, ["update", "predict"], "model", program)
        for key, values in found.items():
            ours, peer = map(min, values)
            print_row(f"{program} {key}", ours, peer, peer / ours, "9.4f")


def trials(sides, arguments):
    print("\ntrials a second, matmul 512 (ours, peer, ratio)")
    for name, options in (
        ("default evaluator", {}),
        ("min_repeat_ms=10", {"min-repeat-ms": 10}),
    ):
        count = arguments.trials
        found = in_turns(
            sides, arguments.rounds, ["per_second"], "trials", "matmul512", count=count, **options
        )
        ours, peer = map(max, found["per_second"])
        print_row(name, ours, peer, ours / peer, "9.2f")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--mcpu", required=True, help="this machine's, for both: znver4, …")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=128, help="of a session")
    parser.add_argument("--programs", nargs="+", default=PROGRAMS)
    parser.add_argument("--only", default="round,model,trials")
    arguments = parser.parse_args()
    sides = [
        Side(
            package,
            [os.path.abspath(python), "side.py", package],
            HERE,
            arguments.cores,
            mcpu=arguments.mcpu,
            cores=arguments.cores,
        )
        for package, python in (("metaschedule", sys.executable), ("tvm", arguments.peer_python))
    ]
    print(f"machine: {arguments.mcpu}, {arguments.cores} cores; {time.strftime('%Y-%m-%d')}")
    measurements = {"round": rounds_of_search, "model": models, "trials": trials}
    for name in arguments.only.split(","):
        measurements[name](sides, arguments)


if __name__ == "__main__":
    main()
