# SPDX-License-Identifier: Apache-2.0
"""Mutators: from one trace to a neighbour."""

from typing import Dict

from . import _core
from ._core import (
    MutateComputeLocation,
    MutateParallel,
    MutateThreadBinding,
    MutateTileSize,
    MutateUnroll,
    Mutator,
)
from .utils import python_base


@python_base
class PyMutator(Mutator):
    """Base of Mutator classes written in Python."""


def create(kind: str = "llvm") -> Dict[Mutator, float]:
    """The mutators of a kind of target with their weights, as a dict."""
    return dict(_core.default_mutators(kind))


Mutator.create = staticmethod(create)

__all__ = [
    "MutateComputeLocation",
    "MutateParallel",
    "MutateThreadBinding",
    "MutateTileSize",
    "MutateUnroll",
    "Mutator",
    "PyMutator",
    "create",
]
