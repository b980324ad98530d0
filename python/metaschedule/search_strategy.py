# SPDX-License-Identifier: Apache-2.0
"""Search strategies: what to measure next."""

from typing import Literal, Union

from ._core import EvolutionarySearch, MeasureCandidate, ReplayFunc, ReplayTrace, SearchStrategy
from .utils import python_base


@python_base
class PySearchStrategy(SearchStrategy):
    """Base of SearchStrategy classes written in Python."""


def create(kind: str = "evolutionary", *args, **kwargs) -> SearchStrategy:
    """The strategy of a kind: "evolutionary", "replay-trace" or "replay-func"."""
    kinds = {
        "evolutionary": EvolutionarySearch,
        "replay-trace": ReplayTrace,
        "replay-func": ReplayFunc,
    }
    if kind not in kinds:
        raise ValueError(f"Unknown SearchStrategy: {kind}")
    return kinds[kind](*args, **kwargs)


SearchStrategy.create = staticmethod(create)
SearchStrategy.SearchStrategyType = Union[
    SearchStrategy, Literal["replay-func", "replay-trace", "evolutionary"]
]

__all__ = [
    "EvolutionarySearch",
    "MeasureCandidate",
    "PySearchStrategy",
    "ReplayFunc",
    "ReplayTrace",
    "SearchStrategy",
    "create",
]
