# SPDX-License-Identifier: Apache-2.0
"""Buffers and regions."""

from .. import _core
from ..ir.base import Object, node_class
from ..ir.range import Range
from .expr import IntImm, Ramp


@node_class
class Buffer(Object):
    """A named, shaped view of memory; `buf[i, j]` is a load, with slices a region."""

    __slots__ = ()

    def scope(self) -> str:
        """The storage scope of the data pointer."""
        return self.data.type_annotation.storage_scope or "global"

    def vload(self, begin, dtype=None, predicate=None):
        """A load at the indices `begin`; with a vector as `dtype`, of neighbours from there on.
        Lanes where the mask `predicate` is false are not loaded."""
        return _core.buffer_vload(self, _indices(begin), dtype, predicate)

    def vstore(self, begin, value, predicate=None):
        """A store at the indices `begin`, of as many neighbours as `value` has lanes."""
        return _core.buffer_vstore(self, _indices(begin), value, predicate)

    def access_ptr(self, access_mask, ptr_type="handle", content_lanes=1, offset=0, extent=None):
        """A pointer for an intrinsic that reads ("r"), writes ("w") or both ("rw"): `offset`
        elements after the start of the buffer, for `extent` elements or to its end."""
        if ptr_type != "handle" or content_lanes != 1:
            raise ValueError("access_ptr: only pointers of type handle to single lanes are made")
        start = None if isinstance(offset, int) and offset == 0 else offset
        return _core.buffer_access_ptr(self, access_mask, start, extent)

    def offset_of(self, indices):
        """Where an element lies, in elements: a list of one index, or of one for each group of
        dimensions between axis separators."""
        return list(_core.buffer_offset_of(self, _indices(indices)))

    def __getitem__(self, indices):
        indices = _indices(indices)
        if not any(isinstance(i, slice) for i in indices):
            return _core.make_buffer_load(self, indices)
        if len(indices) != len(self.shape):
            raise ValueError(
                f"buffer {self.name} is {len(self.shape)}-dimensional, but is indexed with "
                f"{len(indices)} indices"
            )
        if any(isinstance(i, slice) and i.step is not None for i in indices):
            return _core.make_buffer_load(self, list(map(_vector_index, indices, self.shape)))
        ranges = []
        for index, extent in zip(indices, self.shape):
            if not isinstance(index, slice):
                ranges.append(Range.from_min_extent(index, 1))
                continue
            start = 0 if index.start is None else index.start
            ranges.append(Range(start, extent if index.stop is None else index.stop))
        return _core.make_buffer_region(self, ranges)


def _indices(indices):
    return list(indices) if isinstance(indices, (tuple, list)) else [indices]


def _vector_index(index, extent):
    """An index or a slice of a constant number of steps as an index."""
    if not isinstance(index, slice):
        return index
    start = 0 if index.start is None else index.start
    stop = extent if index.stop is None else index.stop
    step = 1 if index.step is None else int(index.step)
    if step == 0:
        raise ValueError("the step of a slice must not be zero")
    steps = Range(start, stop).extent
    if not isinstance(steps, IntImm):
        raise ValueError(f"a slice that is a vector needs a constant extent, found {steps}")
    lanes = -(-int(steps) // step)
    if lanes < 1:
        raise ValueError(f"a slice from {start} to {stop} by {step} is empty")
    return start if lanes == 1 else Ramp(start, step, lanes)


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
