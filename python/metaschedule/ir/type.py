# SPDX-License-Identifier: Apache-2.0
"""Types of variables and functions."""

from .. import _core
from .base import Object, node_class


class Type(Object):
    """Base of types."""

    __slots__ = ()


@node_class
class PrimType(Type):
    """The type of a scalar or vector."""

    __slots__ = ()

    def __new__(cls, dtype):
        return _core.make_prim_type(dtype)


@node_class
class PointerType(Type):
    """A pointer to elements of a type in a storage scope."""

    __slots__ = ()

    def __new__(cls, element_type, storage_scope=""):
        return _core.make_pointer_type(element_type, storage_scope)


@node_class
class TupleType(Type):
    """A tuple of types; the empty one is void."""

    __slots__ = ()


@node_class
class FuncType(Type):
    """The type of a function."""

    __slots__ = ()
