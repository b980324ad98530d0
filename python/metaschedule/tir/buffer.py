# SPDX-License-Identifier: Apache-2.0
"""Buffers and regions."""

from .. import _core
from ..ir.base import Object, node_class
from ..ir.range import Range


@node_class
class Buffer(Object):
    """A named, shaped view of memory; `buf[i, j]` is a load, with slices a region."""

    __slots__ = ()

    def scope(self) -> str:
        """The storage scope of the data pointer."""
        return self.data.type_annotation.storage_scope or "global"

    def __getitem__(self, indices):
        indices = indices if isinstance(indices, tuple) else (indices,)
        if not any(isinstance(i, slice) for i in indices):
            return _core.make_buffer_load(self, list(indices))
        ranges = []
        for index, extent in zip(indices, self.shape):
            if not isinstance(index, slice):
                ranges.append(Range.from_min_extent(index, 1))
                continue
            if index.step is not None:
                raise ValueError(f"buffer {self.name}: a region cannot have a step")
            start = 0 if index.start is None else index.start
            ranges.append(Range(start, extent if index.stop is None else index.stop))
        return _core.make_buffer_region(self, ranges)


@node_class
class BufferRegion(Object):
    """A box in a buffer."""

    __slots__ = ()

    def __new__(cls, buffer, region):
        return _core.make_buffer_region(buffer, region)


@node_class
class MatchBufferRegion(Object):
    """A buffer that is an alias of a region of another."""

    __slots__ = ()

    def __new__(cls, buffer, source):
        return _core.make_match_buffer_region(buffer, source)


def decl_buffer(
    shape,
    dtype="float32",
    name="buffer",
    data=None,
    strides=None,
    elem_offset=None,
    scope="",
    data_alignment=-1,
    offset_factor=0,
    buffer_type="",
    axis_separators=None,
) -> Buffer:
    """Declares a buffer of `shape` (an expression or a sequence of them); alignment is in bytes."""
    shape = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    return _core.make_buffer(
        shape,
        dtype,
        name,
        data,
        strides or [],
        elem_offset,
        scope,
        data_alignment,
        offset_factor,
        buffer_type,
        axis_separators or [],
    )
