# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class

class Range(Object):
    """
    `Range(begin, end)`, or `Range(extent)` from 0.
    """
    ...
    def __new__(cls, begin: typing.Any, end: typing.Any = None) -> typing_extensions.Self:
        ...
    @staticmethod
    def from_min_extent(min_value: typing.Any, extent: typing.Any) -> typing.Any:
        """
        The range that starts at `min_value` and has `extent` elements.
        """
        ...
    def __eq__(self, other: object) -> typing.Any: ...
    @property
    def min(self) -> typing.Any: ...
    @property
    def extent(self) -> typing.Any: ...
