# SPDX-License-Identifier: Apache-2.0
"""What scripts take from `tvm._ffi`, `tvm._ffi.base` and `tvm.error`."""

import sys

from .._core import InternalError, ParseError, TVMError
from ..interfaces import register_object
from ..registry import get_global_func, register_func
from ..rpc.errors import RPCError

base = registry = sys.modules[__name__]
# What the parser reports under TVM's name.
DiagnosticError = ParseError

__all__ = [
    "DiagnosticError",
    "InternalError",
    "RPCError",
    "TVMError",
    "base",
    "get_global_func",
    "register_func",
    "register_object",
]
