# SPDX-License-Identifier: Apache-2.0
"""Cost models: which candidate is likely to be fast."""

from . import _core
from ._core import CostModel, RandomModel, XGBModel
from .utils import python_base

PyCostModel = python_base(CostModel)


def create(kind="xgb", *args, **kwargs):
    """The cost model of a kind: "xgb", "random", or "none" for no model at all."""
    if kind == "xgb":
        return XGBModel(*args, **kwargs)
    kwargs.pop("num_tuning_cores", None)
    kwargs.pop("tree_method", None)
    if kind == "random":
        return RandomModel(*args, **kwargs)
    if kind == "none":
        return None
    raise ValueError(f"Unknown CostModel: {kind}")


CostModel.create = staticmethod(create)


def max_curve(trial_scores):
    """The best score so far, trial by trial."""
    import numpy as np

    return np.maximum.accumulate(np.maximum(np.asarray(trial_scores, dtype="float64"), -1e9))


__all__ = ["CostModel", "PyCostModel", "RandomModel", "XGBModel", "create", "max_curve"]

_ = _core
