# SPDX-License-Identifier: Apache-2.0
"""Step two of ours.jsonl.gz: `PEER/bin/python replay_ours.py IN.jsonl` replays on the peer what
`write_ours.py` wrote, prints how often the peer took each kind of step, and keeps a choice in which
every kind occurs at least five times."""

import json
import sys
from collections import Counter

import tvm
from make import write
from tvm.s_tir import Schedule, TensorIntrin
from tvm.s_tir.schedule import Trace

ENOUGH = 5
# Where it keeps a predicate that is always true.
DIFFERENT = {"random_42"}
# The annotation of read_at and write_at, which is a truth value in later versions.
AUTO_COPY = ('"auto_copy": True', '"auto_copy": 1')


def main():
    with open(sys.argv[1]) as file:
        lines = [json.loads(line) for line in file]
    kinds, refused, kept, have = Counter(), Counter(), [], Counter()
    for line in lines:
        steps = [step[0] for step in line["later"][0]]
        for name, texts in line["intrins"].items():
            TensorIntrin.register(name, *map(tvm.script.from_source, texts), override=True)
        sch = Schedule(tvm.script.from_source(line["before"]))
        try:
            Trace.apply_json_to_schedule(line["later"], sch)
        except Exception as error:
            what = str(error).strip().splitlines()[-1][:120]
            refused[type(error).__name__, what] += 1
            print(line["name"], type(error).__name__, what, file=sys.stderr)
            continue
        kinds.update(set(steps))
        if line["name"] in DIFFERENT:
            continue
        line["mod"] = sch.mod.script().replace(*AUTO_COPY)
        if any(have[kind] < ENOUGH for kind in steps):
            have.update(set(steps))
            kept.append(line)
    for kind, count in sorted(kinds.items()):
        print(kind, count)
    print(f"{len(lines)} traces, {sum(refused.values())} refused, {len(kept)} kept")
    for (kind, what), count in refused.most_common():
        print(count, kind, what)
    write("ours.jsonl.gz", kept)


if __name__ == "__main__":
    main()
