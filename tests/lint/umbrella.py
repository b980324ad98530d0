# SPDX-License-Identifier: Apache-2.0
"""The header that includes all public ones is complete and stays light; bodies.h and the sources name every body."""

import os
import re
import resource
import subprocess
from pathlib import Path

UMBRELLA = "metaschedule/metaschedule.h"
BODIES = "metaschedule/bodies.h"
# The headers of the standard library, {fmt} and JSON that nearly every source needs.
YARDSTICK = "cmake/pch.h"
MAX_RATIO = 5.0
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"](metaschedule/[^>"]+)[>"]', re.M)
LINKED = re.compile(
    r"metaschedule/(runtime|codegen)/"
)  # a body that needs these is always compiled


def included(include: Path, names) -> set:
    """Headers of ours that are reached from some, these among them."""
    seen, stack = set(), list(names)
    while stack:
        name = stack.pop()
        if name not in seen and (include / name).exists():
            seen.add(name)
            stack += INCLUDE.findall((include / name).read_text())
    return seen


def forgotten(root: Path) -> list:
    """Public headers that the umbrella does not bring, bodies that one of the two builds lacks."""
    include = root / "include"
    texts = {p.relative_to(include).as_posix(): p.read_text() for p in include.rglob("*.h")}
    bodies = {name for name in texts if name.endswith("-inl.h")}
    public = {name for name in texts if "/detail/" not in name} - bodies - {BODIES}
    sources = "".join(path.read_text() for path in sorted((root / "src").rglob("*.cc")))
    header_only = included(include, [BODIES])
    compiled = included(include, INCLUDE.findall(sources))
    found = [
        f"include/{UMBRELLA}: lacks {name}"
        for name in sorted(public - included(include, [UMBRELLA]))
    ]
    for name in sorted(bodies):
        if name not in compiled:
            found.append(f"src: no source includes {name}")
        if name not in header_only and not LINKED.search(texts[name]):
            found.append(f"include/{BODIES}: lacks {name}")
    return found


def seconds_to_parse(command: list, source: str) -> float:
    """Processor time of the compiler for a source."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=source, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def check(root: Path, options):
    include = root / "include"
    if not (include / UMBRELLA).exists():
        return [], []
    compiler = os.environ.get("CXX") or "c++"
    command = [compiler, "-std=c++20", "-w", "-fsyntax-only", f"-I{include}", "-x", "c++", "-"]
    # Machines differ by a factor of two, so the yardstick is parsed on the same one.
    plain = seconds_to_parse(command, (root / YARDSTICK).read_text())
    seconds = seconds_to_parse(command, f"#include <{UMBRELLA}>\n")
    ratio = seconds / plain
    print(f"  {UMBRELLA}: {seconds:.1f} s of processor time, {ratio:.1f} times {YARDSTICK}")
    if ratio > MAX_RATIO:
        return [f"{UMBRELLA}: {ratio:.1f} times {YARDSTICK} to parse, the limit is {MAX_RATIO}"], []
    return forgotten(root), []
