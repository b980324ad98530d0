# SPDX-License-Identifier: Apache-2.0
"""Tasks that a front end took out of a model."""

from dataclasses import dataclass, field
from typing import Any, List


@dataclass
class ExtractedTask:
    """A program to tune, the programs it may be lowered to, and how often it occurs."""

    task_name: str
    mod: Any
    target: Any
    dispatched: List[Any] = field(default_factory=list)
    weight: int = 1
