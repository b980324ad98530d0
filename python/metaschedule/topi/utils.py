# SPDX-License-Identifier: Apache-2.0
"""Helpers of the operators."""

from ..arith import Analyzer
from ..tir.expr import PrimExpr


def simplify(expr):
    """An expression simplified; numbers of Python as they are."""
    return Analyzer().simplify(expr) if isinstance(expr, PrimExpr) else expr


def pair(value):
    """One number for rows and columns, or two."""
    return [value, value] if isinstance(value, int) else [int(v) for v in value]
