# SPDX-License-Identifier: Apache-2.0
"""`./dev lint`: every check of this folder, one line each, with what it found."""

import argparse
import os
import sys
import time
from pathlib import Path

import files
import format
import headers
import layers
import umbrella

CHECKS = [
    ("layers", layers.check),
    ("files", files.check),
    ("formatting", format.check),
    ("headers compile alone", headers.check),
    ("umbrella header", umbrella.check),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--fix", action="store_true", help="reformat before checking")
    parser.add_argument(
        "--strict", action="store_true", help="no precompiled headers (the default where CI is set)"
    )
    options = parser.parse_args()
    options.strict = options.strict or bool(os.environ.get("CI"))
    root = Path(__file__).resolve().parents[2]
    failed = 0
    for name, check in CHECKS:
        start = time.monotonic()
        problems, warnings = check(root, options)
        for text in warnings:
            print(f"  warning: {text}")
        for text in problems:
            print(f"  {text}")
        failed += len(problems)
        verdict = f"{len(problems)} problems" if problems else "ok"
        print(f"lint: {name}: {verdict} ({time.monotonic() - start:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
