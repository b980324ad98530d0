# SPDX-License-Identifier: Apache-2.0
"""Values of Python as those that nodes hold."""

from ..ir.base import Array, Map


def convert(value):
    """Lists as Arrays, dicts as Maps, all that is in them too; an object by its `asobject()`; other
    values as they are. TypeError for what no node can hold."""
    if isinstance(value, (list, tuple)):
        return Array(convert(item) for item in value)
    if isinstance(value, dict):
        return Map({key: convert(item) for key, item in value.items()})
    if hasattr(value, "asobject"):
        return value.asobject()
    if isinstance(value, (set, frozenset, bytes, complex)):
        raise TypeError(f"don't know how to convert type {type(value)} to object")
    return value
