# SPDX-License-Identifier: Apache-2.0
"""Feature extractors: candidates as matrices for cost models."""

from typing import Literal, Union

from ._core import FeatureExtractor, PerStoreFeature
from .runtime.ndarray import array
from .utils import python_base


@python_base
class PyFeatureExtractor(FeatureExtractor):
    """Base of FeatureExtractor classes written in Python."""


class RandomFeatureExtractor(PyFeatureExtractor):
    """Random matrices: one to `max_block_num` rows of `feature_size` numbers in [0, 1). Its random
    numbers are its own."""

    def __init__(self, *, feature_size: int = 30, max_block_num: int = 5, seed: int = 0):
        import numpy as np

        if max_block_num < 1:
            raise ValueError(f"max_block_num: expected at least 1, found {max_block_num}")
        self.feature_size, self.max_block_num = feature_size, max_block_num
        self._rng = np.random.RandomState(seed)

    def extract_from(self, context, candidates):
        return [
            array(self._rng.rand(self._rng.randint(1, self.max_block_num + 1), self.feature_size))
            for _ in candidates
        ]


def create(kind: str = "per-store-feature", *args, **kwargs) -> FeatureExtractor:
    """The feature extractor of a kind: "per-store-feature" or "random"."""
    if kind == "random":
        return RandomFeatureExtractor(*args, **kwargs)
    if kind == "per-store-feature":
        return PerStoreFeature(*args, **kwargs)
    raise ValueError(f"Unknown FeatureExtractor: {kind}")


FeatureExtractor.create = staticmethod(create)
FeatureExtractor.FeatureExtractorType = Union[FeatureExtractor, Literal["per-store-feature"]]

__all__ = [
    "FeatureExtractor",
    "PerStoreFeature",
    "PyFeatureExtractor",
    "RandomFeatureExtractor",
    "create",
]
