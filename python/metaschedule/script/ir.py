# SPDX-License-Identifier: Apache-2.0
"""`I`: modules."""

import inspect
import sys

from .. import _core
from .frontend import captured_by_class, parse, source_of


def ir_module(cls=None, check_well_formed=True):
    """The IRModule whose functions are the `@T.prim_func` definitions of a class."""
    frame = sys._getframe(1)

    def decorate(cls):
        text, first_line = source_of(cls)
        file = inspect.getsourcefile(cls) or "<string>"
        parsed = parse(text, captured_by_class(cls, frame), file, first_line)
        if check_well_formed:
            _core.check_well_formed(parsed)
        return parsed

    return decorate(cls) if cls is not None else decorate


def _ignored(*_args, **_kwargs):
    return None


# Read by the parser inside the class; at run time of the class body they do nothing.
module_attrs = module_global_infos = module_set_attr = dummy_global_info = _ignored
