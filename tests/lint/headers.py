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


def check(root: Path, options):
    include = root / "include"
    compiler = os.environ.get("CXX") or "c++"
    closure = Closure(include)
    names = sorted(path.relative_to(include).as_posix() for path in include.rglob("*.h"))
    flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", f"-I{include}", "-x", "c++"]
    cache = Cache(root, "headers", compiler + " ".join(flags[:-3]))
    jobs = []
    for name in names:
        key = cache.key(closure.of(name))
        if not cache.has(key):
            jobs.append((name, key))

    def run(job):
        source = f"#include <{job[0]}>\n"
        return job, subprocess.run(
            [compiler, *flags, "-"], input=source, capture_output=True, text=True
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
