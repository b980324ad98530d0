# SPDX-License-Identifier: Apache-2.0
"""clang-format on C++, ruff on Python."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cache import Cache
from files import tracked

PYTHON_FOLDERS = ("python/", "tests/", "examples/", "benchmarks/")


def clang_format(root: Path, options):
    tool = os.environ.get("CLANG_FORMAT")
    if not tool:
        return ["clang-format was not found: ./dev setup"]
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    sources = [n for n in tracked(root) if n.endswith((".h", ".cc")) and not n.startswith("docs/")]
    if options.fix and sources:
        subprocess.run([tool, "-i", *sources], cwd=root, check=True)
    cache = Cache(root, "format", version + (root / ".clang-format").read_text())
    todo = [name for name in sources if not cache.has(cache.key((root / name).read_text()))]

    def run(batch):
        return subprocess.run(
            [tool, "--dry-run", "-Werror", "--ferror-limit=1", *batch],
            cwd=root,
            capture_output=True,
            text=True,
        )

    batches = [todo[i : i + 16] for i in range(0, len(todo), 16)]
    bad = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(run, batches):
            for line in result.stderr.splitlines():
                where = re.match(r"(.+?):(\d+):\d+: error:", line)
                if where:
                    bad.setdefault(where.group(1), where.group(2))
    for name in todo:
        if name not in bad:
            cache.add(cache.key((root / name).read_text()))
    cache.save()
    return [f"{name}:{line}: not clang-formatted (./dev lint --fix)" for name, line in bad.items()]


def ruff(root: Path, options):
    sources = [n for n in tracked(root) if n.endswith(".py") and n.startswith(PYTHON_FOLDERS)]
    if not sources:
        return []
    if options.fix:
        subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", *sources], cwd=root)
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *sources], cwd=root)
    problems = []
    for arguments in (["check", "--output-format=concise", "-q"], ["format", "--check", "-q"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, *sources],
            cwd=root,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            problems += (result.stdout + result.stderr).strip().splitlines()
    return problems


def check(root: Path, options):
    return clang_format(root, options) + ruff(root, options), []
