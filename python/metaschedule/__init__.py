# SPDX-License-Identifier: Apache-2.0
"""metaschedule tunes tensor programs."""

from . import _core, ir, tir
from ._core import (
    BuildError,
    DatabaseError,
    InternalError,
    ParseError,
    RunError,
    ScheduleError,
    TVMError,
    VerifyError,
    __version__,
)

__all__ = [
    "BuildError",
    "DatabaseError",
    "InternalError",
    "ParseError",
    "RunError",
    "ScheduleError",
    "TVMError",
    "VerifyError",
    "__version__",
    "_core",
    "ir",
    "tir",
]
