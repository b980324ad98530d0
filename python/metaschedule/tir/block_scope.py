# SPDX-License-Identifier: Apache-2.0
"""What the blocks of a scope do to each other, and names of statements that survive edits."""

import enum

from .._core import BlockScope, Dependency, StmtSRef


class DepKind(enum.IntEnum):
    """Why one block must come after another: it reads what was written, writes it again, writes
    what was read, or nobody knows."""

    RAW = 0
    WAW = 1
    WAR = 2
    OPAQUE = 3


__all__ = ["BlockScope", "DepKind", "Dependency", "StmtSRef"]
