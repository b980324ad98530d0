# SPDX-License-Identifier: Apache-2.0
"""What a function takes: `TensorInfo` and its base."""

import json
from typing import Any, List

from . import _core
from ._core import ArgInfo, TensorInfo
from .ir import IRModule
from .tir import PrimFunc

_dump = ArgInfo.as_json


def _as_json(self) -> Any:
    """The value of JSON that `from_json` reads: `["TENSOR", dtype, shape]`."""
    return json.loads(_dump(self))


def _from_json(json_obj: Any) -> ArgInfo:
    """What `as_json` wrote; ValueError for anything else."""
    return _core.arg_info_from_json(json.dumps(json_obj))


def _from_prim_func(func: PrimFunc) -> List[ArgInfo]:
    """What each parameter of a function takes."""
    return _core.arg_info_from_prim_func(func)


def _from_entry_func(mod: IRModule, remove_preproc: bool = True) -> List[ArgInfo]:
    """The same for the entry function of a module, without the blocks that lay out weights."""
    return _core.arg_info_from_entry_func(mod, remove_preproc)


ArgInfo.as_json = _as_json
ArgInfo.from_json = staticmethod(_from_json)
ArgInfo.from_prim_func = staticmethod(_from_prim_func)
ArgInfo.from_entry_func = staticmethod(_from_entry_func)

__all__ = ["ArgInfo", "TensorInfo"]
