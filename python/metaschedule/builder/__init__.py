# SPDX-License-Identifier: Apache-2.0
"""Builders: from programs to artifacts."""

from .builder import Builder, BuilderInput, BuilderResult, PyBuilder, create
from .local_builder import LocalBuilder, default_build, default_export
from .rpc_builder import RPCBuilder

__all__ = [
    "Builder",
    "BuilderInput",
    "BuilderResult",
    "LocalBuilder",
    "PyBuilder",
    "RPCBuilder",
    "create",
]
