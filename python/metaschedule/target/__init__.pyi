# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class

class _Kind:
    """
    The kind of a target.
    """
    ...
    def __init__(self, name: typing.Any) -> None:
        ...
    def __str__(self) -> str:
        ...

class Target(Object):
    """
    `Target("llvm -num-cores 4")`, a tag such as "aws/cpu/c5.9xlarge", a dict, or another target.
    Usable in a `with` statement as the current target.
    """
    ...
    def __new__(cls, target: typing.Any, host: typing.Any = None) -> typing_extensions.Self:
        ...
    @property
    def kind(self) -> _Kind:
        """
        The kind; its `name` is for instance "llvm".
        """
        ...
    @property
    def mcpu(self) -> str:
        """
        The processor to compile for, or "".
        """
        ...
    def export(self) -> dict:
        """
        The target as a dict of plain values.
        """
        ...
    def __str__(self) -> str:
        ...
    def __repr__(self) -> str:
        ...
    def __enter__(self) -> typing.Any:
        ...
    def __exit__(self, *_exception: typing.Any) -> typing.Any:
        ...
    @staticmethod
    def current(allow_none: bool = True) -> typing.Any:
        """
        The innermost target of a `with` statement; None or ValueError without one.
        """
        ...
    @property
    def tag(self) -> str: ...
    @property
    def keys(self) -> Array: ...
    @property
    def attrs(self) -> Map: ...
    @property
    def host(self) -> typing.Any: ...

def hexagon(cpu_ver: str = 'v68', **options: typing.Any) -> Target:
    """
    The target of a Hexagon processor of a version, with these options: `hvx` (bytes of a vector:
    128, 64, or 0 for none), `use_qfloat` (from v68 on), `use_ieee_fp`, `num_cores` (4),
    `vtcm_capacity` (bytes, 0) and `llvm_options` (a string or a list).
    """
    ...
