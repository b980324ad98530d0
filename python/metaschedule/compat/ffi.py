# SPDX-License-Identifier: Apache-2.0
"""What scripts take from `tvm._ffi`, `tvm._ffi.base` and `tvm.error`."""

import sys

from .._core import TVMError
from ..interfaces import register_object
from ..registry import get_global_func, register_func

base = sys.modules[__name__]

__all__ = ["TVMError", "base", "get_global_func", "register_func", "register_object"]
