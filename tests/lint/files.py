# SPDX-License-Identifier: Apache-2.0
"""Files: how long they may be, how they begin, and what they may not hold."""

import re
import subprocess
from pathlib import Path

WARN_LINES = 400
MAX_LINES = 600
COMPAT_MAX_LINES = 1500
CODE = {".h", ".cc", ".py", ".cmake"}
SPDX = "SPDX-License-Identifier: Apache-2.0"
# Spelled in two halves, so that this file passes its own check.
LEFTOVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def tracked(root: Path) -> list:
    """Files of the repository, the new ones that are not ignored included."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listing.stdout.splitlines() if (root / name).is_file()]


def check(root: Path, options):
    problems, warnings = [], []
    compat = 0
    for name in tracked(root):
        path = root / name
        if path.suffix not in CODE and path.name not in ("CMakeLists.txt", "dev", "run"):
            continue
        lines = path.read_text().splitlines()
        if name.startswith("python/metaschedule/compat/"):
            compat += len(lines)
        if len(lines) > MAX_LINES:
            problems.append(f"{name}: {len(lines)} lines, the limit is {MAX_LINES}: split it")
        elif len(lines) > WARN_LINES:
            warnings.append(f"{name}: {len(lines)} lines, aim below {WARN_LINES}")
        if lines and not any(SPDX in line for line in lines[:2]):
            problems.append(f"{name}:1: the SPDX line is missing")
        for number, line in enumerate(lines, 1):
            if LEFTOVER.search(line):
                problems.append(f"{name}:{number}: {line.strip()[:80]}")
    if compat > COMPAT_MAX_LINES:
        problems.append(f"python/metaschedule/compat: {compat} lines, limit {COMPAT_MAX_LINES}")
    return problems, warnings
