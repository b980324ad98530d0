# SPDX-License-Identifier: Apache-2.0
"""Applying what tuning found for one program to another."""

from . import _core
from .target import Target


def schedule_using_anchor_trace(sch, anchor_trace, target) -> None:
    """Runs the trace of another program, which has the same anchor block (the reduction that does
    most of the work) and other blocks around it, on `sch`. Blocks that follow the anchor block and
    that the trace does not name are inlined; one that is left over is run in parallel, or bound to
    threads. `anchor_trace` must be a simplified trace, as databases hold. Raises ValueError when
    more than one block is left over; after an error `sch` is as it was."""
    _core.schedule_using_anchor_trace(sch, anchor_trace, Target(target))


__all__ = ["schedule_using_anchor_trace"]
