# SPDX-License-Identifier: Apache-2.0
"""Measures this package beside the peer (a later release of TVM), in one run on one machine.

    python benchmarks/peer/compare.py --peer-python PEER/bin/python --mcpu CPU
        [--onednn PROGRAM] [--only replay,…]

The peer lives in an environment of its own:

    python3 -m venv PEER
    PEER/bin/pip install apache-tvm==0.27.0.post1 apache-tvm-ffi==0.1.14.post1 xgboost numpy scipy \
        psutil cloudpickle tornado

`--onednn` is what onednn.cc beside this file says how to build; its kernels are then timed in turns
with the winners.

Method: every figure is a ratio of two measurements made in turns (ours, the peer's, ours, …), each
in a fresh process; the best of `--rounds` turns counts. Winners are loaded in two processes that
stay alive and are timed in turns. Both sides get the same target, as many threads as cores, and the
evaluator's defaults. Memory is the largest sum of resident sets of a process and its children, seen
every 50 ms.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from sides import Library, Package, close, times_of

HERE = Path(__file__).parent
PROGRAMS = ["matmul512", "conv", "softmax"]


def resident_bytes(pid):
    """Resident memory of a process and everything below it."""
    total, waiting = 0, [pid]
    while waiting:
        current = waiting.pop()
        try:
            with open(f"/proc/{current}/statm") as file:
                total += int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as file:
                    waiting += [int(child) for child in file.read().split()]
        except OSError:
            continue  # it ended while we looked
    return total


def rates(ours, peer, measurement, rounds, count):
    rows = []
    for program in PROGRAMS:
        best = {ours: 0.0, peer: 0.0}
        for _ in range(rounds):
            for side in (ours, peer):
                found = side.ask(measurement, program, count=count)["per_second"]
                best[side] = max(best[side], found)
        rows.append((program, best[ours], best[peer], best[ours] / best[peer]))
    return rows


def trials(ours, peer, rounds):
    """Trials a second of matmul 128, and the peak of memory meanwhile."""
    speed, memory = {ours: 0.0, peer: 0.0}, {ours: 0, peer: 0}
    for _ in range(rounds):
        for side in (ours, peer):
            process = side.start("tune", "matmul128", count=64)
            done = threading.Event()

            def watch(pid=process.pid, side=side, done=done):
                while not done.wait(0.05):
                    memory[side] = max(memory[side], resident_bytes(pid))

            watcher = threading.Thread(target=watch)
            watcher.start()
            answer = json.loads(process.stdout.readline())
            process.stdin.close()
            process.wait()
            done.set()
            watcher.join()
            speed[side] = max(speed[side], answer["trials_per_second"])
    return speed, memory


def least_in_turns(servers, turns):
    """What times each server's kernel takes, the least of some turns: seconds a call by side."""
    found = [times_of(servers) for _ in range(turns)]
    close(servers)
    return {side: min(times[side] for times in found) for side in servers}


def winners(sides, programs, seeds, turns):
    """Seconds a call of each side's winner, the median over the seeds: a row a program."""
    for program in programs:
        times = [
            least_in_turns({side: side.serve(program, seed=seed) for side in sides}, turns)
            for seed in seeds
        ]
        yield program, [statistics.median(found[side] for found in times) for side in sides]


def import_seconds(ours, peer, rounds):
    def least(python, code):
        found = []
        for _ in range(rounds):
            start = time.perf_counter()
            subprocess.run([python, "-c", code], check=True)
            found.append(time.perf_counter() - start)
        return min(found)

    return {
        ours: least(ours.python, "import metaschedule") - least(ours.python, "pass"),
        peer: least(peer.python, "import tvm.s_tir.meta_schedule") - least(peer.python, "pass"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python", required=True)
    parser.add_argument("--mcpu", required=True, help="this machine's, for both: znver4, …")
    parser.add_argument("--onednn", help="the program built from onednn.cc")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=2000, help="candidates a measurement")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the winners")
    parser.add_argument("--programs", nargs="+", default=["matmul128", *PROGRAMS], help="winners'")
    parser.add_argument("--only", default="replay,features,trials,winners,import")
    arguments = parser.parse_args()
    mcpu = arguments.mcpu
    ours = Package("metaschedule", sys.executable, mcpu, arguments.cores)
    peer = Package("tvm", arguments.peer_python, mcpu, arguments.cores)
    chosen = arguments.only.split(",")
    print(f"machine: {mcpu}, {arguments.cores} cores; {time.strftime('%Y-%m-%d')}", flush=True)
    for measurement in ("replay", "features"):
        if measurement not in chosen:
            continue
        print(f"\n{measurement}, candidates a second on one core (ours, peer, ratio)")
        for row in rates(ours, peer, measurement, arguments.rounds, arguments.count):
            print("  {:10s} {:10.0f} {:8.0f} {:7.1f}x".format(*row), flush=True)
    if "trials" in chosen:
        speed, memory = trials(ours, peer, arguments.rounds)
        print("\nmatmul 128, 64 trials (ours, peer)")
        print(f"  trials a second   {speed[ours]:8.2f} {speed[peer]:8.2f}")
        print(
            f"  memory, MB        {memory[ours] / 1e6:8.0f} {memory[peer] / 1e6:8.0f}", flush=True
        )
    if "winners" in chosen:
        sides = [ours, peer]
        if arguments.onednn:
            sides.append(Library("oneDNN", arguments.onednn, arguments.cores))
        print(f"\nwinners of 64 trials, microseconds ({', '.join(s.package for s in sides)})")
        ratios = []
        for program, seconds in winners(sides, arguments.programs, arguments.seeds, turns=5):
            ratios.append([other / seconds[0] for other in seconds[1:]])
            times = " ".join(f"{value * 1e6:10.1f}" for value in seconds)
            print(
                f"  {program:10s} {times}  " + " ".join(f"{r:6.2f}x" for r in ratios[-1]),
                flush=True,
            )
        for side, column in zip(sides[1:], zip(*ratios)):
            mean = statistics.geometric_mean(column)
            print(f"  geometric mean, {side.package} / ours: {mean:.2f}x", flush=True)
    if "import" in chosen:
        seconds = import_seconds(ours, peer, 20)
        print("\nimport, seconds beyond the interpreter's start (ours, peer)")
        print(f"  {seconds[ours]:.3f} {seconds[peer]:.3f}")


if __name__ == "__main__":
    main()
