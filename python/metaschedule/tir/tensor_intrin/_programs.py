# SPDX-License-Identifier: Apache-2.0
"""Programs of intrinsics as attributes of a module, read when they are asked for."""

from typing import Callable, Dict, Tuple

from ..function import PrimFunc, TensorIntrin


def lazy_programs(module: str, programs: Dict[str, Tuple[str, str]]) -> Callable[[str], PrimFunc]:
    """A module's `__getattr__` for names that stand for ("intrinsic", "desc" or "impl")."""

    def get(name: str) -> PrimFunc:
        if name not in programs:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        intrin, part = programs[name]
        return getattr(TensorIntrin.get(intrin), part)

    return get
