# SPDX-License-Identifier: Apache-2.0
"""Design-space traces of TVM 0.19 with their programs, and both in the words of later releases."""

import gzip
import json
from pathlib import Path

# What a later release calls things; a trace differs by one name only.
LATER = {
    "@T.prim_func": "@T.prim_func(s_tir=True)",
    '"tir.noalias": T.bool(True)': '"tirx.noalias": True',
    "T.block(": "T.sblock(",
    "T.block_attr(": "T.sblock_attr(",
    "T.alloc_buffer(": "T.sblock_alloc_buffer(",
    "T.block_name_suffix_context(": "T.sblock_name_suffix_context(",
}


def later_text(text):
    """TVMScript of 0.19 as a release that says `sblock` reads it."""
    for earlier, later in LATER.items():
        text = text.replace(earlier, later)
    return text


def later_trace(trace):
    steps = [["GetSBlock" if s[0] == "GetBlock" else s[0], *s[1:]] for s in trace[0]]
    return [steps, trace[1]]


def design_spaces(folder, targets):
    """(name, program text, trace) of each design space of the golden data for these targets."""
    folder = Path(folder)
    for name in ("programs.json.gz", "spaces.jsonl.gz"):
        if not (folder / name).exists():
            raise SystemExit(
                f"{folder / name}: not found. Expected a folder with the design spaces of TVM "
                "0.19: give it by --golden, or leave replays and copies out by --only primitives"
            )
    with gzip.open(folder / "programs.json.gz", "rt") as file:
        programs = json.load(file)
    seen = set()
    with gzip.open(folder / "spaces.jsonl.gz", "rt") as file:
        for line in map(json.loads, file):
            # `cuda` has one program twice, under the name of its rules.
            if line["target"] not in targets or (line["target"], line["program"]) in seen:
                continue
            seen.add((line["target"], line["program"]))
            for number, space in enumerate(line["spaces"]):
                name = f"{line['target']}/{line['program']}/{number}"
                yield name, programs[line["program"]], space["trace"]
