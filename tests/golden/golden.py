# SPDX-License-Identifier: Apache-2.0
"""Where the golden data lie, how they are read, and how a test reports its pass rate (see golden.h for C++)."""

import gzip
import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def golden_dir() -> Path:
    """`$METASCHEDULE_GOLDEN`, else `../shared/golden` beside the checkout."""
    return Path(os.environ.get("METASCHEDULE_GOLDEN") or ROOT.parent / "shared" / "golden")


def golden_path(file: str) -> Path:
    """The path of a golden file; skips the running test, saying why, where it is absent."""
    path = golden_dir() / file
    if not path.exists():
        pytest.skip(f"no golden file {path}; set METASCHEDULE_GOLDEN to its folder")
    return path


def read_golden(file: str):
    """The content of a `.json`, `.json.gz` (a value), `.jsonl` or `.jsonl.gz` file (a list of values)."""
    path = golden_path(file)
    opened = gzip.open(path, "rt") if file.endswith(".gz") else open(path)
    with opened as stream:
        if ".jsonl" in file:
            return [json.loads(line) for line in stream]
        return json.load(stream)


class GoldenRate:
    """Counts what passes of one golden file; `report` leaves the line that `./dev test` prints at its end."""

    def __init__(self, file: str, name: str = ""):
        self.file = file
        self.name = name or file
        self.passed = 0
        self.total = 0

    def add(self, passed: bool) -> None:
        self.total += 1
        self.passed += bool(passed)

    @property
    def percent(self) -> float:
        return 100.0 * self.passed / self.total if self.total else 0.0

    def report(self) -> float:
        """Writes the rate and returns it in per cent: `assert rate.report() >= 97`."""
        folder = Path(
            os.environ.get("METASCHEDULE_GOLDEN_RATES") or ROOT / "build" / "golden_rates"
        )
        folder.mkdir(parents=True, exist_ok=True)
        line = f"{self.file} {self.passed}/{self.total} ({self.percent:.2f} %)\n"
        (folder / f"{self.name}.txt").write_text(line)
        return self.percent
