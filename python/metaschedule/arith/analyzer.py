# SPDX-License-Identifier: Apache-2.0
"""The analyzer and what it tells."""

import enum

from .. import _core
from .int_set import IntSet


class ProofStrength(enum.IntEnum):
    """How hard `can_prove` tries."""

    DEFAULT = 0
    SYMBOLIC_BOUND = 1


class ModularSet:
    """The integers `coeff * k + base`."""

    def __init__(self, coeff: int, base: int) -> None:
        self.coeff, self.base = coeff, base

    def __eq__(self, other):
        same = isinstance(other, ModularSet)
        return (self.coeff, self.base) == (other.coeff, other.base) if same else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"ModularSet(coeff={self.coeff}, base={self.base})"


class ConstIntBound:
    """The integers from `min_value` to `max_value`."""

    POS_INF = (1 << 63) - 1
    NEG_INF = -POS_INF

    def __init__(self, min_value: int, max_value: int) -> None:
        self.min_value, self.max_value = min_value, max_value

    def __eq__(self, other):
        same = isinstance(other, ConstIntBound)
        ends = (self.min_value, self.max_value)
        return ends == (other.min_value, other.max_value) if same else NotImplemented

    __hash__ = None

    def __repr__(self):
        return f"ConstIntBound(min_value={self.min_value}, max_value={self.max_value})"


ConstraintScope = _core.ConstraintScope
Analyzer = _core.Analyzer


def _update(self, var, info, override=False):
    """Sets what is known of a variable: a ConstIntBound, a ModularSet or an IntSet."""
    if isinstance(info, ConstIntBound):
        self._update_bound(var, info.min_value, info.max_value, override)
    elif isinstance(info, ModularSet):
        self._update_modular(var, info.coeff, info.base, override)
    elif isinstance(info, IntSet):
        self._update_set(var, info, override)
    else:
        raise TypeError(
            "Analyzer.update: expected a ConstIntBound, a ModularSet or an IntSet, "
            f"found {type(info).__name__}"
        )


def _can_prove(self, expr, strength=ProofStrength.DEFAULT):
    """True when the condition holds wherever bindings and constraints do; False when unknown."""
    return self._can_prove(expr, int(strength))


Analyzer.const_int_bound = lambda self, expr: ConstIntBound(*self._const_int_bound(expr))
Analyzer.modular_set = lambda self, expr: ModularSet(*self._modular_set(expr))
Analyzer.can_prove = _can_prove
Analyzer.update = _update
