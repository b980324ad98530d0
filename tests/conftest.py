# SPDX-License-Identifier: Apache-2.0
"""Marks the tests of tests/golden, so that `./dev test --quick` can leave them out."""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_collection_modifyitems(items):
    for item in items:
        if GOLDEN in item.path.parents:
            item.add_marker(pytest.mark.golden)
