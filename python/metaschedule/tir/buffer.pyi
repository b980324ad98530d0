# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class
from metaschedule.ir.range import Range as Range
from metaschedule.tir.expr import IntImm as IntImm
from metaschedule.tir.expr import Ramp as Ramp

class Buffer(Object):
    """
    A named, shaped view of memory; `buf[i, j]` is a load, with slices a region.
    """
    ...
    def scope(self) -> str:
        """
        The storage scope of the data pointer.
        """
        ...
    def vload(self, begin: typing.Any, dtype: typing.Any = None, predicate: typing.Any = None) -> typing.Any:
        """
        A load at the indices `begin`; with a vector as `dtype`, of neighbours from there on.
        Lanes where the mask `predicate` is false are not loaded.
        """
        ...
    def vstore(self, begin: typing.Any, value: typing.Any, predicate: typing.Any = None) -> typing.Any:
        """
        A store at the indices `begin`, of as many neighbours as `value` has lanes.
        """
        ...
    def access_ptr(self, access_mask: typing.Any, ptr_type: typing.Any = 'handle', content_lanes: typing.Any = 1, offset: typing.Any = 0, extent: typing.Any = None) -> typing.Any:
        """
        A pointer for an intrinsic that reads ("r"), writes ("w") or both ("rw"): `offset`
        elements after the start of the buffer, for `extent` elements or to its end.
        """
        ...
    def offset_of(self, indices: typing.Any) -> typing.Any:
        """
        Where an element lies, in elements: a list of one index, or of one for each group of
        dimensions between axis separators.
        """
        ...
    def __getitem__(self, indices: typing.Any) -> typing.Any:
        ...
    @property
    def data(self) -> typing.Any: ...
    @property
    def dtype(self) -> str: ...
    @property
    def shape(self) -> Array: ...
    @property
    def strides(self) -> Array: ...
    @property
    def axis_separators(self) -> Array: ...
    @property
    def elem_offset(self) -> typing.Any: ...
    @property
    def name(self) -> str: ...
    @property
    def data_alignment(self) -> int: ...
    @property
    def offset_factor(self) -> int: ...
    @property
    def buffer_type(self) -> int: ...

class BufferRegion(Object):
    """
    A box in a buffer.
    """
    ...
    def __new__(cls, buffer: typing.Any, region: typing.Any) -> typing_extensions.Self:
        ...
    @property
    def buffer(self) -> typing.Any: ...
    @property
    def region(self) -> Array: ...

class MatchBufferRegion(Object):
    """
    A buffer that is an alias of a region of another.
    """
    ...
    def __new__(cls, buffer: typing.Any, source: typing.Any) -> typing_extensions.Self:
        ...
    @property
    def buffer(self) -> typing.Any: ...
    @property
    def source(self) -> typing.Any: ...

def decl_buffer(shape: typing.Any, dtype: typing.Any = 'float32', name: typing.Any = 'buffer', data: typing.Any = None, strides: typing.Any = None, elem_offset: typing.Any = None, scope: typing.Any = '', data_alignment: typing.Any = -1, offset_factor: typing.Any = 0, buffer_type: typing.Any = '', axis_separators: typing.Any = None) -> Buffer:
    """
    Declares a buffer of `shape` (an expression or a sequence of them); alignment is in bytes.
    """
    ...
