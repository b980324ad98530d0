# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone. That the bodies do so in header-only mode is tests/package/header_only's business."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cache import Cache

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"](metaschedule/[^>"]+)[>"]', re.M)


class Closure:
    """The text of a header and of all headers of ours that it includes."""

    def __init__(self, include: Path):
        self.include = include
        self.texts = {}

    def text(self, name: str) -> str:
        if name not in self.texts:
            path = self.include / name
            self.texts[name] = path.read_text() if path.exists() else ""
        return self.texts[name]

    def of(self, name: str) -> str:
        seen, stack = set(), [name]
        while stack:
            current = stack.pop()
            if current not in seen:
                seen.add(current)
                stack += INCLUDE.findall(self.text(current))
        return name + "".join(self.text(part) for part in sorted(seen))


def precompiled(root: Path, compiler: str, flags: list) -> list:
    """Flags that use the precompiled standard and fmt headers, made on first use; none for other compilers than clang."""
    if "clang" not in compiler:
        return []
    source = root / "cmake" / "pch.h"
    key = Cache(root, "pch", compiler + " ".join(flags)).key(source.read_text())[:16]
    target = root / "build" / "lint" / f"{key}.pch"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}")
        command = [compiler, "-std=c++20", "-x", "c++-header", str(source), "-o", str(partial)]
        subprocess.run(command, check=True)
        partial.rename(target)
    return ["-include-pch", str(target)]


def check(root: Path, options):
    include = root / "include"
    compiler = os.environ.get("CXX") or "c++"
    closure = Closure(include)
    names = sorted(path.relative_to(include).as_posix() for path in include.rglob("*.h"))
    flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", f"-I{include}", "-x", "c++"]
    # A developer's run parses the standard headers once; in CI each public header must name those it needs.
    strict = options.strict
    cache = Cache(root, "headers-strict" if strict else "headers", compiler + " ".join(flags[:-3]))
    jobs = [(name, cache.key(closure.of(name))) for name in names]
    jobs = [job for job in jobs if not cache.has(job[1])]
    quick = [*precompiled(root, compiler, flags), *flags] if jobs else flags

    def run(job):
        # Bodies are compiled by the sources, so that they stand alone matters less than how long it takes to see.
        chosen = flags if strict and not job[0].endswith("-inl.h") else quick
        source = f"#include <{job[0]}>\n"
        return job, subprocess.run(
            [compiler, *chosen, "-"], input=source, capture_output=True, text=True
        )

    problems = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for (name, key), result in pool.map(run, jobs):
            if result.returncode:
                lines = [line for line in result.stderr.splitlines() if "error" in line] or [""]
                problems.append(f"include/{name} does not compile alone: {lines[0]}")
            else:
                cache.add(key)
    cache.save()
    return problems, []
