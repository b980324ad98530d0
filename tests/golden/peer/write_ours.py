# SPDX-License-Identifier: Apache-2.0
"""Step one of ours.jsonl.gz: traces of ours in the later spelling, for `replay_ours.py` to give to the
peer. Runs with this project's Python: `python write_ours.py OUT.jsonl`.

The schedules are the random ones of the golden file primitives.jsonl.gz and the cases of this
folder; those that do not replay here are left out.
"""

import gzip
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from golden import read_golden
from metaschedule.script import from_source
from metaschedule.tir import Schedule, TensorIntrin, Trace

HERE = Path(__file__).resolve().parent


def sources():
    for number, line in enumerate(read_golden("primitives.jsonl.gz")):
        yield f"random_{number}", line["before"], line["simplified"], {}
    with gzip.open(HERE / "primitives.jsonl.gz", "rt") as lines:
        for line in map(json.loads, lines):
            for name, (description, implementation) in line["intrins"].items():
                TensorIntrin.register(
                    name, from_source(description), from_source(implementation), override=True
                )
            yield line["name"], line["before"], line["trace"], line["intrins"]


def main():
    with open(sys.argv[1], "w") as out:
        for name, before, trace, intrins in sources():
            sch = Schedule(from_source(before), error_render_level="fast")
            try:
                Trace.apply_json_to_schedule(trace, sch)
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {error}"[:200])
                continue
            line = {
                "name": name,
                "intrins": intrins,
                "before": from_source(before).script(dialect="sblock"),
                "trace": sch.trace.as_json(),
                "later": sch.trace.as_json(dialect="sblock"),
            }
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
