# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
from metaschedule import _core

class Object(_core.Object):
    """
    An immutable node of a program. Fields are read-only attributes; `==` is identity.
    """
    ...
    @property
    def type_key(self) -> str:
        """
        The name of the node's kind in files, for instance `tir.For`.
        """
        ...
    def same_as(self, other: typing.Any) -> bool:
        """
        True when both are the same node.
        """
        ...
    def script(self, **options: typing.Any) -> str:
        """
        The node as TVMScript; `options` are those of `PrintOptions` (see docs/programs.md).
        """
        ...
    def show(self, *_args: typing.Any, **options: typing.Any) -> None:
        """
        Prints `script()`.
        """
        ...
    def __repr__(self) -> str:
        ...
    def __dir__(self) -> typing.Any:
        ...
    def __reduce__(self) -> typing.Any:
        ...

class Array(tuple):
    """
    An immutable sequence, as attributes of nodes return it.
    """
    ...
    def __getitem__(self, index: typing.Any) -> typing.Any:
        ...
    def __eq__(self, other: object) -> typing.Any: ...
    @property
    def items(self) -> Array: ...

class Map(dict):
    """
    A map, as attributes of nodes return it; changing it does not change the node.
    """
    ...
    @property
    def items(self) -> Map: ...

def node_class(cls, *, kind: typing.Any = None) -> typing.Any:
    """
    Registers a class as the Python face of a node kind (by default the class's own name).
    """
    ...

def structural_equal(lhs: typing.Any, rhs: typing.Any, map_free_vars: bool = False) -> bool:
    """
    Equality up to the names of variables, buffers and blocks.
    """
    ...

def structural_hash(node: typing.Any, map_free_vars: bool = False) -> int:
    """
    A hash that structurally equal values share.
    """
    ...

def assert_structural_equal(lhs: typing.Any, rhs: typing.Any, map_free_vars: bool = False) -> None:
    """
    Raises ValueError, with both programs and the place of the first difference, unless equal.
    """
    ...
