# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class
from metaschedule.tir.expr import Var as Var

class PrimFunc(Object):
    """
    A function over buffers and scalars. Immutable: methods that change return a new one.
    `buffer_map` binds handle parameters to buffers.
    """
    ...
    def __new__(cls, params: typing.Any, body: typing.Any, ret_type: typing.Any = None, buffer_map: typing.Any = None, attrs: typing.Any = None) -> typing_extensions.Self:
        ...
    def with_body(self, body: typing.Any) -> PrimFunc:
        """
        A copy with another body.
        """
        ...
    def specialize(self, param_map: typing.Any) -> PrimFunc:
        """
        The function for known values of parameters: numbers or expressions for scalars, buffers
        for buffers, whose sizes those of the parameter then are. ValueError for a key that is no
        parameter, and for a buffer that does not fit.
        """
        ...
    def with_attr(self, key: typing.Any, value: typing.Any = None) -> PrimFunc:
        """
        A copy with an attribute, or with all of a dict.
        """
        ...
    def with_attrs(self, key: typing.Any, value: typing.Any = None) -> PrimFunc:
        """
        A copy with an attribute, or with all of a dict.
        """
        ...
    def without_attr(self, key: str) -> PrimFunc:
        """
        A copy without an attribute.
        """
        ...
    @property
    def params(self) -> Array: ...
    @property
    def body(self) -> typing.Any: ...
    @property
    def ret_type(self) -> typing.Any: ...
    @property
    def buffer_map(self) -> typing.Any: ...
    @property
    def attrs(self) -> Map: ...

class TensorIntrin(Object):
    """
    What a tensor instruction computes (`desc`) and how it is written (`impl`): two functions
    over equally many buffers. `ValueError` for others.
    """
    ...
    def __new__(cls, desc: typing.Any, impl: typing.Any) -> typing_extensions.Self:
        ...
    @staticmethod
    def register(name: str, desc: typing.Any, impl: typing.Any, override: bool = False) -> None:
        """
        Makes the pair known to `tensorize`. `ValueError` when the name is taken.
        """
        ...
    @staticmethod
    def get(name: str, allow_missing: bool = False) -> typing.Any:
        """
        The pair of this name; without one, None if that is allowed, else `ValueError`.
        """
        ...
    @property
    def desc(self) -> typing.Any: ...
    @property
    def impl(self) -> typing.Any: ...

class IndexMap(Object):
    """
    A map of index tuples.
    """
    ...
    AXIS_SEPARATOR: str
    def __new__(cls, initial_indices: typing.Any, final_indices: typing.Any, inverse_index_map: typing.Any = None) -> typing_extensions.Self:
        ...
    def map_indices(self, indices: typing.Any) -> typing.Any:
        """
        The outputs at some indices, simplified.
        """
        ...
    def map_shape(self, shape: typing.Any) -> typing.Any:
        """
        The extents of the outputs over a shape. ValueError when one does not start at 0.
        """
        ...
    def inverse(self, shape: typing.Any) -> IndexMap:
        """
        The inverse over a shape, of extents or ranges. ValueError when the map is not understood
        as a bijection.
        """
        ...
    def non_surjective_inverse(self, shape: typing.Any) -> typing.Any:
        """
        The inverse of a map that may leave points unused, and the condition on its inputs that
        holds on those that are used.
        """
        ...
    def is_equivalent_to(self, other_map: IndexMap) -> bool:
        """
        Whether both have provably the same outputs.
        """
        ...
    @staticmethod
    def from_func(mapping: typing.Any, ndim: typing.Any = None, inverse_index_map: typing.Any = None, *, index_dtype: typing.Any = 'int64') -> IndexMap:
        """
        The map that a Python function computes; its parameters name the indices.
        """
        ...
    @staticmethod
    def from_func_with_separators(mapping: typing.Any, ndim: typing.Any = None, inverse_index_map: typing.Any = None, *, index_dtype: typing.Any = 'int64') -> typing.Any:
        """
        Like `from_func`; also returns where `AXIS_SEPARATOR` stood among the results.
        """
        ...
    @property
    def initial_indices(self) -> Array: ...
    @property
    def final_indices(self) -> Array: ...
    @property
    def inverse_index_map(self) -> typing.Any: ...
