# SPDX-License-Identifier: Apache-2.0
"""Where the time of a tuning session goes."""

from . import _core
from ._core import Profiler

Profiler.timeit = staticmethod(_core.timeit)

__all__ = ["Profiler"]
