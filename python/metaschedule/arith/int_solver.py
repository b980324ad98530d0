# SPDX-License-Identifier: Apache-2.0
"""Systems of linear equations over the integers."""

from collections.abc import Iterable
from typing import NamedTuple, Optional, Union

from .. import _core
from ..ir import Range
from ..tir.expr import PrimExpr, Var


class IntConstraints(NamedTuple):
    """Variables, the ranges of some of them and relations that they satisfy."""

    variables: list[Var]
    ranges: dict[Var, Range]
    relations: list[PrimExpr]


class IntConstraintsTransform(NamedTuple):
    """Constraints, equivalent ones in other variables, and what the variables of each are in terms
    of the other."""

    src: IntConstraints
    dst: IntConstraints
    src_to_dst: dict[Var, PrimExpr]
    dst_to_src: dict[Var, PrimExpr]


def solve_linear_equations(
    equations: Union[PrimExpr, Iterable[PrimExpr]],
    variables: Optional[Iterable[Var]] = None,
    ranges: Optional[dict[Var, Range]] = None,
) -> IntConstraintsTransform:
    """Solves equations (`==`) that are linear in the variables with constant factors.

    The new variables `n0`, … are free in their ranges, as far as the relations let them; a relation
    that is false says that there is no solution. ValueError where an equation is not linear."""
    equations = list(equations) if isinstance(equations, (list, tuple)) else [equations]
    variables, ranges = list(variables or ranges or ()), dict(ranges or {})
    fresh, fresh_ranges, relations, there, back = _core.arith_solve_linear_equations(
        equations, variables, ranges
    )
    return IntConstraintsTransform(
        IntConstraints(variables, ranges, equations),
        IntConstraints(list(fresh), fresh_ranges, relations),
        there,
        back,
    )
