# SPDX-License-Identifier: Apache-2.0
"""Schedule rules: they grow design spaces, block by block."""

from typing import List, NamedTuple

from . import _core
from ._core import (
    AddRFactor,
    ApplyCustomRule,
    InlineConstantScalars,
    ParallelizeVectorizeUnroll,
    RandomComputeLocation,
    ScheduleRule,
)
from .utils import python_base

PyScheduleRule = python_base(ScheduleRule)


class ReuseType(NamedTuple):
    """Whether ("no", "may", "must") and under which tile levels a cache in `scope` is added."""

    req: str
    levels: List[int]
    scope: str

    def as_dict(self):
        """The fields as a dict."""
        return self._asdict()


_NO_REUSE = ReuseType("no", [], "")


class MultiLevelTiling(_core.MultiLevelTiling):
    """Tiles all loops by a structure such as "SSRSRS" and adds cache stages."""

    def __init__(
        self,
        structure,
        tile_binds=None,
        max_innermost_factor=None,
        vector_load_lens=None,
        reuse_read=None,
        reuse_write=None,
        filter_fn=None,
    ):
        super().__init__(
            structure,
            list(tile_binds or []),
            -1 if max_innermost_factor is None else max_innermost_factor,
            list(vector_load_lens or []),
            tuple(reuse_read or _NO_REUSE),
            tuple(reuse_write or _NO_REUSE),
            filter_fn,
        )


class AutoInline(_core.AutoInline):
    """Inlines blocks into consumers or producers where that loses nothing."""

    def __init__(
        self,
        into_producer,
        into_consumer,
        inline_const_tensor,
        disallow_if_then_else,
        require_injective,
        require_ordered,
        disallow_op=None,
    ):
        super().__init__(
            into_producer,
            into_consumer,
            inline_const_tensor,
            disallow_if_then_else,
            require_injective,
            require_ordered,
            list(disallow_op or []),
        )


def create(kind="llvm"):
    """The rules of a kind of target, in order."""
    return _core.default_schedule_rules(kind)


ScheduleRule.create = staticmethod(create)

__all__ = [
    "AddRFactor",
    "ApplyCustomRule",
    "AutoInline",
    "InlineConstantScalars",
    "MultiLevelTiling",
    "ParallelizeVectorizeUnroll",
    "PyScheduleRule",
    "RandomComputeLocation",
    "ReuseType",
    "ScheduleRule",
    "create",
]
