# SPDX-License-Identifier: Apache-2.0
"""Builders: from programs to artifacts."""

from ._core import Builder, BuilderInput, BuilderResult, LocalBuilder
from .utils import python_base

PyBuilder = python_base(Builder)


def create(kind="local", *args, **kwargs) -> Builder:
    """The builder of a kind; "local" builds in worker processes of this machine."""
    if kind == "local":
        return LocalBuilder(*args, **kwargs)
    raise ValueError(f"Unknown Builder: {kind}")


Builder.create = staticmethod(create)

__all__ = ["Builder", "BuilderInput", "BuilderResult", "LocalBuilder", "PyBuilder", "create"]
