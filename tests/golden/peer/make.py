# SPDX-License-Identifier: Apache-2.0
"""Runs the cases on the peer and writes what it did: `PEER/bin/python make.py [--show] [NAME...]`.

With names only cases that begin with one of them run, nothing is written, and --show prints them.
"""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

import cases_cache
import cases_epilogue
import cases_merge
import cases_padding
import cases_queries
import cases_reindex_cache
import cases_rolling_buffer
import cases_tensorize
from recorder import Recorder, Stop, register_intrinsics

FAMILIES = [
    cases_merge,
    cases_rolling_buffer,
    cases_padding,
    cases_cache,
    cases_reindex_cache,
    cases_tensorize,
    cases_queries,
    cases_epilogue,
]
HERE = Path(__file__).resolve().parent


def run(case) -> dict:
    intrins = register_intrinsics(case.intrins)
    recorder = Recorder(case.program, **case.options)
    try:
        case.schedule(recorder)
    except Stop:
        pass
    return recorder.line(case.name, intrins)


def write(file: str, lines: list) -> None:
    with open(HERE / file, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out:
        for line in lines:
            out.write((json.dumps(line, separators=(",", ":")) + "\n").encode())


def main() -> None:
    show = "--show" in sys.argv
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    lines, counts = [], Counter()
    for case in (case for family in FAMILIES for case in family.cases):
        if wanted and not any(case.name.startswith(w) for w in wanted):
            continue
        line = run(case)
        lines.append(line)
        for step in line["steps"]:
            kind = line["trace"][0][step["upto"] - 1][0] if step["ok"] else step["inst"][0]
            counts[kind, "ok" if step["ok"] else step["error"]] += 1
        last = line["steps"][-1]
        print(case.name, "ok" if last["ok"] else f"{last['error']}: {last['text'].strip()[-200:]}")
        if show:
            print(line["before"], last.get("mod"), sep="\n----\n")
    for key, count in sorted(counts.items()):
        print(*key, count)
    if not wanted:
        write("primitives.jsonl.gz", lines)


if __name__ == "__main__":
    main()
