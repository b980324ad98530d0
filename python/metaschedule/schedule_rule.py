# SPDX-License-Identifier: Apache-2.0
"""Schedule rules: they grow design spaces, block by block."""

from typing import Callable, List, NamedTuple, Optional

from . import _core
from ._core import (
    AddRFactor,
    ApplyCustomRule,
    AutoBind,
    CrossThreadReduction,
    InlineConstantScalars,
    ParallelizeVectorizeUnroll,
    RandomComputeLocation,
    RowReduction,
    ScheduleRule,
)
from .utils import python_base


@python_base
class PyScheduleRule(ScheduleRule):
    """Base of ScheduleRule classes written in Python."""


class ReuseType(NamedTuple):
    """Whether ("no", "may", "must") and under which tile levels a cache in `scope` is added."""

    req: str
    levels: List[int]
    scope: str

    def as_dict(self) -> dict:
        """The fields as a dict."""
        return self._asdict()


_NO_REUSE = ReuseType("no", [], "")


def _innermost(factor):
    return -1 if factor is None else factor


class MultiLevelTiling(_core.MultiLevelTiling):
    """Tiles all loops by a structure such as "SSRSRS" and adds cache stages."""

    def __init__(
        self,
        structure: str,
        tile_binds: Optional[List[str]] = None,
        max_innermost_factor: Optional[int] = None,
        vector_load_lens: Optional[List[int]] = None,
        reuse_read: Optional[ReuseType] = None,
        reuse_write: Optional[ReuseType] = None,
        filter_fn: Optional[Callable] = None,
    ):
        super().__init__(
            structure,
            list(tile_binds or []),
            _innermost(max_innermost_factor),
            list(vector_load_lens or []),
            tuple(reuse_read or _NO_REUSE),
            tuple(reuse_write or _NO_REUSE),
            filter_fn,
        )


class MultiLevelTilingPacked(_core.MultiLevelTilingPacked):
    """Multi-level tiling that also copies together, for each tile, what it reads of an operand that
    is reused and does not fit into the first cache. The schedule without it goes on beside it."""

    def __init__(
        self,
        structure: str = "SRSRS",
        max_innermost_factor: Optional[int] = 64,
        reuse_write: Optional[ReuseType] = None,
    ):
        super().__init__(
            structure, _innermost(max_innermost_factor), tuple(reuse_write or _NO_REUSE)
        )


class MultiLevelTilingWithIntrin(_core.MultiLevelTilingWithIntrin):
    """Multi-level tiling around a tensor intrinsic."""

    def __init__(
        self,
        intrin_name: str,
        structure: str,
        tile_binds: Optional[List[str]] = None,
        max_innermost_factor: Optional[int] = None,
        vector_load_lens: Optional[List[int]] = None,
        reuse_read: Optional[ReuseType] = None,
        reuse_write: Optional[ReuseType] = None,
    ):
        super().__init__(
            intrin_name,
            structure,
            list(tile_binds or []),
            _innermost(max_innermost_factor),
            list(vector_load_lens or []),
            tuple(reuse_read or _NO_REUSE),
            tuple(reuse_write or _NO_REUSE),
        )


class MultiLevelTilingWideVector(_core.MultiLevelTilingWideVector):
    """Multi-level tiling with one vector of `vector_length_in_bits` innermost."""

    def __init__(
        self,
        structure: str,
        vector_length_in_bits: int,
        max_innermost_factor: Optional[int] = None,
        reuse_read: Optional[ReuseType] = None,
        reuse_write: Optional[ReuseType] = None,
    ):
        super().__init__(
            structure,
            vector_length_in_bits,
            _innermost(max_innermost_factor),
            tuple(reuse_read or _NO_REUSE),
            tuple(reuse_write or _NO_REUSE),
        )


class MultiLevelTilingTensorCore(_core.MultiLevelTilingTensorCore):
    """Multi-level tiling onto tensor cores. `intrin_groups` is a dict of the names `init`,
    `load_a`, `load_b`, `compute`, `store`, or a list of such."""

    def __init__(
        self,
        intrin_groups,
        structure: str,
        tile_binds: Optional[List[str]] = None,
        max_innermost_factor: Optional[int] = None,
        vector_load_lens: Optional[List[int]] = None,
        reuse_read: Optional[ReuseType] = None,
        reuse_write: Optional[ReuseType] = None,
        use_software_pipeline: bool = False,
    ):
        super().__init__(
            [intrin_groups] if isinstance(intrin_groups, dict) else list(intrin_groups),
            structure,
            list(tile_binds or []),
            _innermost(max_innermost_factor),
            list(vector_load_lens or []),
            tuple(reuse_read or _NO_REUSE),
            tuple(reuse_write or _NO_REUSE),
            use_software_pipeline,
        )


class AutoInline(_core.AutoInline):
    """Inlines blocks into consumers or producers where that loses nothing."""

    def __init__(
        self,
        into_producer: bool,
        into_consumer: bool,
        inline_const_tensor: bool,
        disallow_if_then_else: bool,
        require_injective: bool,
        require_ordered: bool,
        disallow_op: Optional[List[str]] = None,
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


def create(kind: str = "llvm") -> List[ScheduleRule]:
    """The rules of a kind of target, in order."""
    return _core.default_schedule_rules(kind)


ScheduleRule.create = staticmethod(create)

__all__ = [
    "AddRFactor",
    "ApplyCustomRule",
    "AutoBind",
    "AutoInline",
    "CrossThreadReduction",
    "InlineConstantScalars",
    "MultiLevelTiling",
    "MultiLevelTilingPacked",
    "MultiLevelTilingTensorCore",
    "MultiLevelTilingWideVector",
    "MultiLevelTilingWithIntrin",
    "ParallelizeVectorizeUnroll",
    "PyScheduleRule",
    "RandomComputeLocation",
    "ReuseType",
    "RowReduction",
    "ScheduleRule",
    "create",
]
