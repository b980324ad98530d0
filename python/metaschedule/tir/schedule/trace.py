# SPDX-License-Identifier: Apache-2.0
"""Traces: the steps that made a schedule, with what sampling chose."""

import json

from ... import _core
from ..._core import Trace


def _as_json(self, remove_postproc=False, dialect="block"):
    """`[instructions, decisions]` as lists, strings and numbers. `dialect="sblock"` writes what
    later versions of TVM read (`GetSBlock`, and their form of index maps), "block" what TVM 0.13 to
    0.21 reads; `apply_json_to_schedule` takes both. ValueError for another dialect, and for an
    index map that the later form has no words for."""
    if dialect not in ("block", "sblock"):
        raise ValueError(
            f'Trace.as_json: expected the dialect "block" or "sblock", found {dialect!r}'
        )
    return json.loads(self._as_json(remove_postproc, dialect == "sblock"))


def _apply_json_to_schedule(json_obj, sch):
    """Runs the steps that `as_json` gave on a schedule. ValueError when it is no trace."""
    _core.apply_json_to_schedule(json.dumps(json_obj), sch)


def _show(self, style=None, black_format=False):
    """Prints the trace. There are no colours and there is no reformatting: the arguments are for
    scripts that give them."""
    print(self)


Trace.as_json = _as_json
Trace.apply_json_to_schedule = staticmethod(_apply_json_to_schedule)
Trace.show = _show

__all__ = ["Trace"]
