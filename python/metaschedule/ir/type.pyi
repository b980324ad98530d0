# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class

class Type(Object):
    """
    Base of types.
    """
    ...

class PrimType(Type):
    """
    The type of a scalar or vector.
    """
    ...
    def __new__(cls, dtype: typing.Any) -> typing_extensions.Self:
        ...
    @property
    def dtype(self) -> str: ...

class PointerType(Type):
    """
    A pointer to elements of a type in a storage scope.
    """
    ...
    def __new__(cls, element_type: typing.Any, storage_scope: typing.Any = '') -> typing_extensions.Self:
        ...
    @property
    def element_type(self) -> typing.Any: ...
    @property
    def storage_scope(self) -> str: ...

class TupleType(Type):
    """
    A tuple of types; the empty one is void.
    """
    ...
    @property
    def fields(self) -> Array: ...

class FuncType(Type):
    """
    The type of a function.
    """
    ...
    @property
    def arg_types(self) -> Array: ...
    @property
    def ret_type(self) -> typing.Any: ...
