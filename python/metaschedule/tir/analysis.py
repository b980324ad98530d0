# SPDX-License-Identifier: Apache-2.0
"""Questions about programs."""

from .. import _core
from .._core import estimate_tir_flops, find_anchor_block
from .expr import PrimExpr


def expr_deep_equal(lhs, rhs) -> bool:
    """Whether two expressions are the same tree over the same variables."""
    for side in (lhs, rhs):
        if not isinstance(side, PrimExpr):
            raise TypeError(f"expected expressions, found {type(side).__name__}")
    return _core.structural_equal(lhs, rhs, False)


__all__ = ["estimate_tir_flops", "expr_deep_equal", "find_anchor_block"]
