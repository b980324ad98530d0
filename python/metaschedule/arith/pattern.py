# SPDX-License-Identifier: Apache-2.0
"""Linear forms of expressions."""

from collections.abc import Iterable
from typing import Optional

from .. import _core
from ..tir.expr import PrimExpr, Var


def detect_linear_equation(expr: PrimExpr, var_list: Iterable[Var]) -> list[PrimExpr]:
    """The coefficients of the variables and the base, `[c0, …, base]`; empty where `expr` is not
    linear in them."""
    return _core.arith_detect_linear_equation(expr, list(var_list))


def detect_clip_bound(expr: PrimExpr, var_list: Iterable[Var]) -> list[Optional[PrimExpr]]:
    """What a conjunction says about each variable, `[min0, max0, …]` with None where nothing; empty
    where it is not made of comparisons of one variable each."""
    return _core.arith_detect_clip_bound(expr, list(var_list))
