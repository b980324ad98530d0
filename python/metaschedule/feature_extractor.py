# SPDX-License-Identifier: Apache-2.0
"""Feature extractors: candidates as matrices for cost models."""

from ._core import FeatureExtractor, PerStoreFeature
from .runtime.ndarray import array
from .utils import python_base

PyFeatureExtractor = python_base(FeatureExtractor)


def _extract_from(self, context, candidates):
    """One matrix (float64, rows by features) for each candidate."""
    return [array(matrix) for matrix in self._extract_from(context, candidates)]


FeatureExtractor.extract_from = _extract_from


def create(kind="per-store-feature", *args, **kwargs) -> FeatureExtractor:
    """The feature extractor of a kind: "per-store-feature"."""
    if kind == "per-store-feature":
        return PerStoreFeature(*args, **kwargs)
    raise ValueError(f"Unknown FeatureExtractor: {kind}")


FeatureExtractor.create = staticmethod(create)

__all__ = ["FeatureExtractor", "PerStoreFeature", "PyFeatureExtractor", "create"]
