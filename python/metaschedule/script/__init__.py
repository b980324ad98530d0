# SPDX-License-Identifier: Apache-2.0
"""TVMScript: `T` and `I` decorate functions and classes; `from_source` reads text."""

from . import ir, tir
from .frontend import from_source
from .ir import ir_module

parse = from_source

__all__ = ["from_source", "ir", "ir_module", "parse", "tir"]
