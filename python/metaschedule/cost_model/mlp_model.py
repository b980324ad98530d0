# SPDX-License-Identifier: Apache-2.0
"""The cost model of a neural network: rows of features are encoded, summed for each candidate, and
turned into a score that is trained to rank. It is trained in C++ and needs no other library."""

from dataclasses import dataclass, field
from typing import NamedTuple, Optional, Union

from .. import _core
from ..feature_extractor import FeatureExtractor
from ..feature_extractor import create as create_extractor


class SegmentSumMLPConfig(NamedTuple):
    """The shape of the network; `input_dim` is the number of features of a row."""

    input_dim: int = 172
    hidden_dim: int = 256
    output_dim: int = 1
    use_norm: bool = False
    use_sigmoid: bool = False

    def to_dict(self):
        """The fields by name."""
        return self._asdict()


class TrainerConfig(NamedTuple):
    """How the network is trained."""

    batch_size: int = 128
    learning_rate: float = 7e-4
    weight_decay: float = 1e-6
    num_epoch_full: int = 50
    num_epoch_incremental: int = 5
    grad_clip_norm: float = 0.5
    train_verbose: int = 1000
    test_interval: int = 1
    test_split: float = 0.2
    frozen: bool = False

    def to_dict(self):
        """The fields by name."""
        return self._asdict()


@dataclass
class State:
    """The network's shape and the extractor of its features (default: per-store features with those
    of the workload, 172 a row)."""

    model_config: Optional[SegmentSumMLPConfig] = None
    extractor: Optional[Union[FeatureExtractor, str]] = None

    def __post_init__(self):
        self.model_config = self.model_config or SegmentSumMLPConfig()
        if self.extractor is None:
            self.extractor = create_extractor("per-store-feature", extract_workload=True)
        elif isinstance(self.extractor, str):
            self.extractor = create_extractor(self.extractor)


@dataclass
class SegmentSumMLPTrainer:
    """What an MLPModel is made from. `seed` fixes the first weights and the order of samples."""

    train_config: Optional[TrainerConfig] = None
    state: State = field(default_factory=State)
    seed: int = 0

    def __post_init__(self):
        self.train_config = self.train_config or TrainerConfig()
        self.state = self.state or State()


class MLPModel(_core.MLPModel):
    """A cost model; larger scores for faster candidates, without a scale. Raises ValueError where a
    row of features has not `input_dim` numbers."""

    def __init__(self, *, trainer: Optional[SegmentSumMLPTrainer] = None):
        self.trainer = trainer or SegmentSumMLPTrainer()
        super().__init__(
            self.trainer.state.extractor,
            self.trainer.state.model_config._asdict(),
            self.trainer.train_config._asdict(),
            self.trainer.seed,
        )


__all__ = ["MLPModel", "SegmentSumMLPConfig", "SegmentSumMLPTrainer", "State", "TrainerConfig"]
