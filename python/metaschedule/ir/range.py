# SPDX-License-Identifier: Apache-2.0
"""Ranges of integers."""

from .. import _core
from .base import Object, node_class


@node_class
class Range(Object):
    """`Range(begin, end)`, or `Range(extent)` from 0."""

    __slots__ = ()

    def __new__(cls, begin, end=None):
        return _core.make_range(begin, end)

    @staticmethod
    def from_min_extent(min_value, extent):
        """The range that starts at `min_value` and has `extent` elements."""
        return _core.make_range_min_extent(min_value, extent)

    def __eq__(self, other):
        return _core.structural_equal(self, other) if isinstance(other, Range) else NotImplemented

    __hash__ = Object.__hash__
