# SPDX-License-Identifier: Apache-2.0
"""The pieces of training on sums of rows, over NumPy arrays, for scripts that call the Python
package xgboost themselves. XGBModel does the same in C++ and needs none of this."""

import math

import numpy as np

from . import XGBConfig, XGBModel


def _xgboost():
    try:
        import xgboost
    except ImportError as error:
        raise ImportError(
            "this needs the Python package xgboost: pip install xgboost (XGBModel does not need it)"
        ) from error
    return xgboost


class PackSum:
    """Samples of several rows each, one below another. A model scores rows; what it predicts for a
    sample is the sum of its rows' scores.

    `xs`: one array of float32, rows by features, for each sample. `ys`: what to predict for each
    sample, or None. `ids`: the sample of each row."""

    def __init__(self, xs, ys=None):
        counts = [len(x) for x in xs]
        self.ids = np.repeat(np.arange(len(xs)), counts)
        self.labels = None if ys is None else np.repeat(np.asarray(ys), counts)
        self._features = np.concatenate(list(xs), axis=0)
        self._samples = len(xs)
        self._matrix = None

    @property
    def dmatrix(self):
        """The rows as a DMatrix of xgboost, labelled and weighted with the samples' `ys`."""
        if self._matrix is None:
            self._matrix = _xgboost().DMatrix(self._features, label=self.labels)
            if self.labels is not None:
                self._matrix.set_weight(self.labels)
        return self._matrix

    def predict_with_booster(self, booster):
        """What a booster predicts for each sample."""
        return self.predict_with_score(booster.predict(self.dmatrix))

    def predict_with_score(self, pred):
        """The sums of the rows' scores, sample by sample."""
        return np.bincount(self.ids, weights=pred, minlength=self._samples)

    def _errors(self, ys_pred):
        return self.predict_with_score(ys_pred)[self.ids] - self.labels

    def obj_square_error(self, ys_pred):
        """The gradient and the curvature, row by row, of half the squared errors of the sums, each
        weighted with its label."""
        return self._errors(ys_pred) * self.labels, self.labels

    def rmse(self, ys_pred):
        """("p-rmse", the root of the mean over rows of the squared error of their sample)."""
        return "p-rmse", math.sqrt(np.square(self._errors(ys_pred)).mean())

    def average_peak_score(self, ys_pred, n: int):
        """("a-peak@n", how close the best of the first 1..n samples by prediction comes to the best
        of all, on average)."""
        labels = np.zeros(self._samples)
        labels[self.ids] = self.labels
        order = np.argsort(-self.predict_with_score(ys_pred), kind="stable")[:n]
        curve = np.maximum.accumulate(labels[order]) / labels.max()
        return f"a-peak@{n}", float(curve.mean())


def _get_custom_call_back(
    early_stopping_rounds, verbose_eval, fevals, evals, focused_metric="tr-p-rmse", cvfolds=None
):
    """A callback for `xgboost.train`: it evaluates `fevals(scores, dmatrix) -> (name, value)` on
    each (dmatrix, name) of `evals`, and ends the training when the focused metric has not become
    smaller for `early_stopping_rounds` rounds. The booster's attributes `best_score`,
    `best_iteration` and `best_msg` say when it was best."""
    if cvfolds is not None:
        raise ValueError("cvfolds: expected None, cross validation is not supported")
    from ..logging import get_logger

    logger = get_logger("metaschedule.cost_model.xgb_model")

    class _Callback(_xgboost().callback.TrainingCallback):
        def __init__(self):
            super().__init__()
            self.best_score, self.best_iteration = None, 0

        def _resume(self, model):
            score, iteration = model.attr("best_score"), model.attr("best_iteration")
            self.best_score = float(score) if score is not None else math.inf
            self.best_iteration = int(iteration) if iteration is not None else 0

        def after_iteration(self, model, epoch, evals_log):
            if self.best_score is None:
                self._resume(model)
            metrics = {}
            for matrix, name in evals:
                scores = model.predict(matrix)
                for feval in fevals:
                    metric, value = feval(scores, matrix)
                    metrics[f"{name}-{metric}"] = round(value, 6)  # finer steps are not progress
            if focused_metric not in metrics:
                raise ValueError(
                    f"focused_metric: expected one of {sorted(metrics)}, found {focused_metric!r}"
                )
            message = "\t".join(f"{name}: {value:.6f}" for name, value in metrics.items())
            if verbose_eval and epoch % verbose_eval == 0:
                logger.debug("XGB iter: %3d\t%s", epoch, message)
            if metrics[focused_metric] < self.best_score:
                self.best_score, self.best_iteration = metrics[focused_metric], epoch
                model.set_attr(
                    best_score=str(self.best_score),
                    best_iteration=str(epoch),
                    best_msg=f"[{epoch}] {message}",
                )
                return False
            return epoch - self.best_iteration >= early_stopping_rounds

    return _Callback()


__all__ = ["PackSum", "XGBConfig", "XGBModel"]
