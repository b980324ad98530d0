# SPDX-License-Identifier: Apache-2.0
"""Sets of integers as intervals, and the regions of buffers that they make up."""

from collections.abc import Sequence
from typing import Optional, Union

from .. import _core
from ..ir import Range
from ..tir.expr import PrimExpr, Var

End = Union[PrimExpr, int, None]
Predicate = Union[PrimExpr, bool]

_POS_INF = Var("pos_inf", "handle")
_NEG_INF = Var("neg_inf", "handle")


def pos_inf() -> Var:
    """The end of an interval without upper bound."""
    return _POS_INF


def neg_inf() -> Var:
    """The end of an interval without lower bound."""
    return _NEG_INF


IntSet = _core.IntSet
IntSet.min_value = property(lambda self: _NEG_INF if self._min is None else self._min)
IntSet.max_value = property(lambda self: _POS_INF if self._max is None else self._max)
IntSet.__repr__ = lambda self: (
    "IntervalSet(nothing)"
    if self.is_nothing()
    else f"IntervalSet[{self.min_value}, {self.max_value}]"
)
IntSet.vector = staticmethod(
    lambda vec: (
        _core.IntSet.interval(vec.base, vec.base + vec.stride * (vec.lanes - 1))
        if hasattr(vec, "stride")
        else _core.IntSet.single_point(vec)
    )
)


def IntervalSet(min_value: End, max_value: End) -> IntSet:
    """The closed interval of two ends, which may be `neg_inf()` and `pos_inf()`."""

    def end(value):
        infinite = value is None or (isinstance(value, Var) and value.dtype == "handle")
        return None if infinite else value

    return IntSet.interval(end(min_value), end(max_value))


def estimate_region_lower_bound(
    region: Sequence[Range], var_dom: dict[Var, Range], predicate: Predicate = True
) -> Optional[list[IntSet]]:
    """A region of which every point is touched, one IntSet a dimension; None where it is not known.

    `region` is a list of Ranges, `var_dom` maps variables to Ranges."""
    return _core.arith_region("lower", region, var_dom, predicate)


def estimate_region_strict_bound(
    region: Sequence[Range], var_dom: dict[Var, Range], predicate: Predicate = True
) -> Optional[list[IntSet]]:
    """Just the region touched; None where it is not known."""
    return _core.arith_region("strict", region, var_dom, predicate)


def estimate_region_upper_bound(
    region: Sequence[Range], var_dom: dict[Var, Range], predicate: Predicate = True
) -> list[IntSet]:
    """A region outside of which nothing is touched."""
    return _core.arith_region("upper", region, var_dom, predicate)


def union_lower_bound(sets: Sequence[IntSet]) -> IntSet:
    """The union of those sets that provably touch the first ones."""
    return _core.arith_union_lower_bound(sets)
