# SPDX-License-Identifier: Apache-2.0
"""Training on sums of rows in Python: PackSum and the callback for `xgboost.train`."""

import sys

import numpy as np
import pytest
from metaschedule.cost_model.xgb_model import PackSum, _get_custom_call_back

XS = [np.array([[1, 2]], "float32"), np.array([[3, 4], [5, 6]], "float32")]


def test_the_prediction_of_a_sample_is_the_sum_of_its_rows():
    pack = PackSum(XS, ys=[0.5, 1.0])
    assert pack.ids.tolist() == [0, 1, 1]
    assert pack.predict_with_score(np.array([1.0, 2.0, 3.0])).tolist() == [1.0, 5.0]


def test_errors_and_scores_are_those_of_the_sums():
    pack = PackSum(XS, ys=[0.5, 1.0])
    rows = np.array([1.0, 0.25, 0.25])  # sums 1 and 0.5: errors 0.5 and -0.5
    gradient, curvature = pack.obj_square_error(rows)
    assert gradient.tolist() == [0.25, -0.5, -0.5] and curvature.tolist() == [0.5, 1.0, 1.0]
    assert pack.rmse(rows) == ("p-rmse", 0.5)
    # The sample predicted first reaches half of the best, the second is the best.
    assert pack.average_peak_score(rows, 2) == ("a-peak@2", 0.75)
    assert pack.average_peak_score(rows, 1) == ("a-peak@1", 0.5)


def test_without_xgboost_one_error_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match="pip install xgboost"):
        PackSum(XS, ys=[1.0, 2.0]).dmatrix  # noqa: B018
    with pytest.raises(ImportError, match="pip install xgboost"):
        _get_custom_call_back(1, 1, [], [])


def test_a_training_ends_when_it_gets_no_better():
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.RandomState(0)
    xs = [rng.rand(rng.randint(1, 4), 8).astype("float32") for _ in range(30)]
    ys = np.array([x.sum() for x in xs])
    pack = PackSum(xs, ys / ys.max())
    callback = _get_custom_call_back(
        early_stopping_rounds=5,
        verbose_eval=25,
        fevals=[lambda s, _: pack.rmse(s), lambda s, _: pack.average_peak_score(s, 8)],
        evals=[(pack.dmatrix, "tr")],
    )
    booster = xgboost.train(
        {"max_depth": 6, "eta": 0.2, "seed": 43, "nthread": 1},
        pack.dmatrix,
        num_boost_round=1000,
        obj=lambda s, _: pack.obj_square_error(s),
        callbacks=[callback],
    )
    best = int(booster.attr("best_iteration"))
    assert booster.num_boosted_rounds() == best + 6 < 1000
    assert float(booster.attr("best_score")) < 0.05 and "tr-a-peak@8" in booster.attr("best_msg")
    assert np.abs(pack.predict_with_booster(booster) - ys / ys.max()).max() < 0.1
