# SPDX-License-Identifier: Apache-2.0
"""Iteration maps: indices as fusions and splits of iterators.

`input_iters` maps variables to Ranges; an IterMapLevel may be given by its name in lower case."""

import enum
from collections.abc import Iterable
from typing import NamedTuple, Optional, Union

from .. import _core
from ..ir import Range, structural_equal
from ..tir.expr import PrimExpr, Var

IterMark = _core.IterMark
IterSplitExpr = _core.IterSplitExpr
IterSumExpr = _core.IterSumExpr


class IterMapLevel(enum.IntEnum):
    """What is asked of a map."""

    Bijective = 0
    Surjective = 1
    NoCheck = 3

    @staticmethod
    def from_str(name: str) -> "IterMapLevel":
        """The level of this name, in lower case or mixed."""
        for level in IterMapLevel:
            if level.name.lower() == name.replace("_", "").lower():
                return level
        raise ValueError(f"Unknown IterMapLevel {name}: expected bijective, surjective or nocheck")


class IterMapResult(NamedTuple):
    """One IterSumExpr for each index, empty where the map is not understood; why not; where
    padding of iterators has introduced points."""

    indices: list[IterSumExpr]
    errors: list[str]
    padding_predicate: PrimExpr


def _level(level: Union[IterMapLevel, str, int]) -> int:
    return int(IterMapLevel.from_str(level) if isinstance(level, str) else level)


def detect_iter_map(
    indices: Iterable[PrimExpr],
    input_iters: dict[Var, Range],
    predicate: Union[PrimExpr, bool] = True,
    check_level: Union[IterMapLevel, str] = IterMapLevel.Surjective,
    simplify_trivial_iterators: bool = True,
) -> IterMapResult:
    """The indices as sums of iterators."""
    return IterMapResult(
        *_core.arith_detect_iter_map(
            list(indices), input_iters, predicate, _level(check_level), simplify_trivial_iterators
        )
    )


def normalize_to_iter_sum(index: PrimExpr, input_iters: dict[Var, Range]) -> IterSumExpr:
    """One index as a sum of parts of iterators, largest scale first."""
    return _core.arith_normalize_to_iter_sum(index, input_iters)


def normalize_iter_map_to_expr(expr: Union[IterSumExpr, IterSplitExpr]) -> PrimExpr:
    """The plain expression that an IterSumExpr or IterSplitExpr stands for."""
    return _core.arith_normalize_iter_map_to_expr(expr)


def iter_map_simplify(
    indices: Iterable[PrimExpr],
    input_iters: dict[Var, Range],
    predicate: Union[PrimExpr, bool] = True,
    check_level: Union[IterMapLevel, str] = IterMapLevel.Surjective,
    simplify_trivial_iterators: bool = True,
) -> list[PrimExpr]:
    """The indices in the normal form of iteration maps; as they are where not understood."""
    return _core.arith_iter_map_simplify(
        list(indices), input_iters, predicate, _level(check_level), simplify_trivial_iterators
    )


def inverse_affine_iter_map(
    iter_map: Iterable[IterSumExpr], outputs: Iterable[PrimExpr]
) -> dict[Var, PrimExpr]:
    """A dictionary from the variables of the map to their values where it gives `outputs`."""
    return _core.arith_inverse_affine_iter_map(list(iter_map), list(outputs))


def subspace_divide(
    bindings: Iterable[PrimExpr],
    input_iters: dict[Var, Range],
    sub_iters: Iterable[Var],
    predicate: Union[PrimExpr, bool] = True,
    check_level: Union[IterMapLevel, str] = IterMapLevel.Surjective,
    simplify_trivial_iterators: bool = True,
) -> list[list["_Part"]]:
    """Each binding as [outer, inner], the part outside of `sub_iters` and the part in it, both with
    `source` and `extent`; last the two predicates. Empty where a binding mixes them."""
    found = _core.arith_subspace_divide(
        list(bindings),
        input_iters,
        list(sub_iters),
        predicate,
        _level(check_level),
        simplify_trivial_iterators,
    )
    if found is None:
        return []
    parts, outer_predicate, inner_predicate = found
    out = [[_Part(o, oe), _Part(i, ie)] for o, oe, i, ie in parts]
    return [*out, [_Part(outer_predicate, None), _Part(inner_predicate, None)]]


class _Part(NamedTuple):
    """One side of a divided binding: an expression and its extent."""

    source: PrimExpr
    extent: Optional[PrimExpr]

    def same_as(self, other: "_Part") -> bool:
        return structural_equal(self.source, other.source)
