# SPDX-License-Identifier: Apache-2.0
"""Cost models: which candidate is likely to be fast."""

from typing import Literal, NamedTuple, Optional, Union

from .._core import CostModel, RandomModel, XGBModel
from ..utils import python_base


@python_base
class PyCostModel(CostModel):
    """Base of CostModel classes written in Python."""


class XGBConfig(NamedTuple):
    """Parameters of XGBoost. Trees are always grown by histograms on one thread, so that equal data
    give equal models: `nthread` and `tree_method` are taken and change nothing."""

    max_depth: int = 10
    gamma: float = 0.001
    min_child_weight: float = 0
    eta: float = 0.2
    seed: int = 43
    nthread: Optional[int] = None
    tree_method: str = "auto"

    def to_dict(self):
        """The parameters by name."""
        return self._asdict()


_init = XGBModel.__init__


def _make(
    self,
    *,
    extractor="per-store-feature",
    config=None,
    num_warmup_samples: int = 100,
    early_stopping_rounds: int = 50,
    verbose_eval: int = 25,
    average_peak_n: int = 32,
    adaptive_training: bool = True,
    num_tuning_cores: Optional[int] = None,
    tree_method: Optional[str] = None,
    path: Optional[str] = None,
) -> None:
    """Gradient-boosted trees over per-store features. `config` is an XGBConfig or a dict of its
    fields."""
    del num_tuning_cores, tree_method
    if isinstance(extractor, str):
        from ..feature_extractor import create as create_extractor

        extractor = create_extractor(extractor)
    config = config._asdict() if isinstance(config, XGBConfig) else dict(config or {})
    unknown = set(config) - set(XGBConfig._fields)
    if unknown:
        raise ValueError(
            f"XGBModel: config: expected fields of {list(XGBConfig._fields)}, found "
            f"{sorted(unknown)}"
        )
    config = {k: v for k, v in config.items() if k not in ("nthread", "tree_method")}
    _init(
        self,
        extractor,
        config,
        num_warmup_samples,
        early_stopping_rounds,
        verbose_eval,
        average_peak_n,
        adaptive_training,
        10000,
    )
    if path is not None:
        self.load(path)


XGBModel.__init__ = _make
XGBModel.config = property(lambda self: XGBConfig(*self._config))


def create(kind: str = "xgb", *args, **kwargs) -> Optional[CostModel]:
    """The cost model of a kind: "xgb", "mlp", "random", or "none" for no model at all."""
    if kind == "xgb":
        return XGBModel(*args, **kwargs)
    kwargs.pop("num_tuning_cores", None)
    kwargs.pop("tree_method", None)
    if kind == "random":
        return RandomModel(*args, **kwargs)
    if kind == "mlp":
        return MLPModel(*args, **kwargs)
    if kind == "none":
        return None
    raise ValueError(f"Unknown CostModel: {kind}")


from .mlp_model import MLPModel  # noqa: E402

CostModel.create = staticmethod(create)
CostModel.CostModelType = Union[CostModel, Literal["xgb", "mlp", "random"]]

__all__ = [
    "CostModel",
    "MLPModel",
    "PyCostModel",
    "RandomModel",
    "XGBConfig",
    "XGBModel",
    "create",
]
