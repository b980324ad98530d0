# SPDX-License-Identifier: Apache-2.0
"""Callbacks after each measured batch."""

from typing import List, Literal, Union

from ._core import AddToDatabase, MeasureCallback, RemoveBuildArtifact, UpdateCostModel
from .utils import python_base


@python_base
class PyMeasureCallback(MeasureCallback):
    """Base of MeasureCallback classes written in Python."""


def create(kind: str = "default") -> List[MeasureCallback]:
    """The callbacks of a kind; "default" commits records, removes artifacts, updates the model."""
    if kind == "default":
        return [AddToDatabase(), RemoveBuildArtifact(), UpdateCostModel()]
    raise ValueError(f"Unknown MeasureCallback: {kind}")


MeasureCallback.create = staticmethod(create)
MeasureCallback.CallbackListType = Union[List[MeasureCallback], MeasureCallback, Literal["default"]]

__all__ = [
    "AddToDatabase",
    "MeasureCallback",
    "PyMeasureCallback",
    "RemoveBuildArtifact",
    "UpdateCostModel",
    "create",
]
