# SPDX-License-Identifier: Apache-2.0
"""Cost models: which candidate is likely to be fast."""

from . import _core
from ._core import CostModel, RandomModel
from .utils import python_base

PyCostModel = python_base(CostModel)


def XGBModel(  # noqa: N802  (a class in the API; made by a function of C++ here)
    *,
    extractor="per-store-feature",
    config=None,
    num_warmup_samples=100,
    early_stopping_rounds=50,
    verbose_eval=25,
    average_peak_n=32,
    adaptive_training=True,
    num_tuning_cores=None,
    tree_method=None,
    path=None,
):
    """Gradient-boosted trees over per-store features. `config` is a dict of XGBoost's parameters
    (max_depth, gamma, min_child_weight, eta, seed, nthread, tree_method); trees are always grown by
    histograms on one thread, so that equal data give equal models."""
    del num_tuning_cores, tree_method
    if isinstance(extractor, str):
        from .feature_extractor import create as create_extractor

        extractor = create_extractor(extractor)
    model = _core.make_xgb_model(
        extractor,
        dict(config or {}),
        num_warmup_samples,
        early_stopping_rounds,
        verbose_eval,
        average_peak_n,
        adaptive_training,
        10000,
    )
    if path is not None:
        model.load(path)
    return model


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
