# SPDX-License-Identifier: Apache-2.0
"""What every builder has, and the ways to make one."""

from typing import Literal, Union

from .._core import Builder, BuilderInput, BuilderResult
from ..utils import python_base


@python_base
class PyBuilder(Builder):
    """Base of Builder classes written in Python."""


def create(kind="local", *args, **kwargs) -> Builder:
    """The builder of a kind: "local" builds in worker processes of this machine, "rpc" on the
    servers of a tracker."""
    if kind == "local":
        from .local_builder import LocalBuilder

        return LocalBuilder(*args, **kwargs)
    if kind == "rpc":
        from .rpc_builder import RPCBuilder

        return RPCBuilder(*args, **kwargs)
    raise ValueError(f"Unknown Builder: {kind}")


Builder.create = staticmethod(create)
Builder.BuilderType = Union[Builder, Literal["local", "rpc"]]

__all__ = ["Builder", "BuilderInput", "BuilderResult", "PyBuilder", "create"]
