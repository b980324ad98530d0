# SPDX-License-Identifier: Apache-2.0
"""The header that includes all public ones stays light: what parsing it costs is printed, and bounded."""

import os
import resource
import subprocess
from pathlib import Path

UMBRELLA = "metaschedule/metaschedule.h"
MAX_SECONDS = 6.0


def check(root: Path, options):
    include = root / "include"
    if not (include / UMBRELLA).exists():
        return [], []
    compiler = os.environ.get("CXX") or "c++"
    command = [compiler, "-std=c++20", "-fsyntax-only", f"-I{include}", "-x", "c++", "-"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=f"#include <{UMBRELLA}>\n", text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"  {UMBRELLA}: {seconds:.1f} s of processor time")
    if seconds > MAX_SECONDS:
        return [f"{UMBRELLA}: {seconds:.1f} s to parse, the limit is {MAX_SECONDS} s"], []
    return [], []
