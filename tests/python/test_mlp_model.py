# SPDX-License-Identifier: Apache-2.0
"""The cost model of a neural network, from Python."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.cost_model.mlp_model import (
    MLPModel,
    SegmentSumMLPConfig,
    SegmentSumMLPTrainer,
    State,
    TrainerConfig,
)
from programs import matmul

TARGET = "llvm -num-cores 1"


def measured():
    """Candidates of one program, and made-up times of them."""
    context = ms.TuneContext(
        mod=matmul(), target=TARGET, space_generator="post-order-apply", rand_state=3
    )
    candidates = [ms.MeasureCandidate(sch, []) for sch in context.generate_design_space()]
    results = [ms.runner.RunnerResult([1e-3 * (k + 1)], None) for k in range(len(candidates))]
    return context, candidates, results


def small(**config):
    return MLPModel(
        trainer=SegmentSumMLPTrainer(
            TrainerConfig(num_epoch_full=3, **config), State(SegmentSumMLPConfig(hidden_dim=16))
        )
    )


def test_defaults_are_those_that_scripts_expect():
    model = ms.CostModel.create("mlp", num_tuning_cores=2)
    assert isinstance(model, MLPModel) and isinstance(model, ms.CostModel)
    assert model.trainer.train_config.batch_size == 128
    assert model.trainer.state.model_config == SegmentSumMLPConfig(172, 256, 1, False, False)
    assert model.trainer.state.extractor.feature_vector_length == 172
    assert model.data_size == 0


def test_it_learns_predicts_and_comes_back_from_a_file(tmp_path):
    context, candidates, results = measured()
    model, other = small(), small()
    model.update(context, candidates, results)
    assert model.data_size == len(candidates) > 1
    scores = model.predict(context, candidates)
    assert scores.shape == (len(candidates),) and scores.dtype == np.float64
    model.save(str(tmp_path / "model"))
    assert not np.array_equal(other.predict(context, candidates), scores)
    other.load(str(tmp_path / "model"))
    assert np.array_equal(other.predict(context, candidates), scores)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="batch_size"):
        small(batch_size=0)
    with pytest.raises(ValueError, match="output_dim"):
        MLPModel(trainer=SegmentSumMLPTrainer(state=State(SegmentSumMLPConfig(output_dim=2))))
    context, candidates, _ = measured()
    narrow = MLPModel(
        trainer=SegmentSumMLPTrainer(state=State(SegmentSumMLPConfig(), "per-store-feature"))
    )
    with pytest.raises(ValueError, match="172 features a row, the extractor gives 164"):
        narrow.predict(context, candidates)
