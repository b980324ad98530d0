# SPDX-License-Identifier: Apache-2.0
"""Postprocs: they finish a sampled schedule, or refuse it."""

from typing import List

from . import _core
from ._core import (
    DisallowAsyncStridedMemCopy,
    DisallowDynamicLoop,
    Postproc,
    RewriteCooperativeFetch,
    RewriteLayout,
    RewriteParallelVectorizeUnroll,
    RewriteReductionBlock,
    RewriteTensorize,
    RewriteUnboundBlock,
    VerifyGPUCode,
    VerifyVTCMLimit,
)
from .utils import python_base


@python_base
class PyPostproc(Postproc):
    """Base of Postproc classes written in Python."""


def create(kind: str = "llvm") -> List[Postproc]:
    """The postprocs of a kind of target, in order."""
    return _core.default_postprocs(kind)


Postproc.create = staticmethod(create)

__all__ = [
    "DisallowAsyncStridedMemCopy",
    "DisallowDynamicLoop",
    "Postproc",
    "PyPostproc",
    "RewriteCooperativeFetch",
    "RewriteLayout",
    "RewriteParallelVectorizeUnroll",
    "RewriteReductionBlock",
    "RewriteTensorize",
    "RewriteUnboundBlock",
    "VerifyGPUCode",
    "VerifyVTCMLimit",
    "create",
]
