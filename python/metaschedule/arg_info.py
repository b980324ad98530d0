# SPDX-License-Identifier: Apache-2.0
"""What a function takes: `TensorInfo` and its base."""

import json

from . import _core
from ._core import ArgInfo, TensorInfo

ArgInfo.from_json = staticmethod(lambda obj: _core.arg_info_from_json(json.dumps(obj)))
ArgInfo.from_prim_func = staticmethod(_core.arg_info_from_prim_func)
ArgInfo.from_entry_func = staticmethod(
    lambda mod, remove_preproc=True: _core.arg_info_from_entry_func(mod, remove_preproc)
)

_as_json = ArgInfo.as_json
ArgInfo.as_json = lambda self: json.loads(_as_json(self))

__all__ = ["ArgInfo", "TensorInfo"]
