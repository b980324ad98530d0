# SPDX-License-Identifier: Apache-2.0
"""Bounds that conditions imply."""

from .. import _core
from ..tir.expr import PrimExpr, Var
from .int_set import IntSet


def deduce_bound(
    var: Var, cond: PrimExpr, hint_map: dict[Var, IntSet], relax_map: dict[Var, IntSet]
) -> IntSet:
    """The values of `var` for which `cond` holds whatever the variables of `relax_map` are in their
    sets; the empty set where that is not known. Signs of factors are told from `hint_map`."""
    return _core.arith_deduce_bound(var, cond, hint_map, relax_map)
