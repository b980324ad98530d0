# SPDX-License-Identifier: Apache-2.0
"""Operators that keep the dimensions."""

from ... import _core


def pad(data, pad_before, pad_after=None, pad_value=0.0, name="PadInput", attrs=None):
    """A border of `pad_value` around a tensor: so many elements before and after in each dimension.
    `pad_after` is `pad_before` unless given."""
    before = list(pad_before)
    after = before if pad_after is None else list(pad_after)
    return _core.topi_pad(data, before, after, pad_value, name, dict(attrs or {}))


def relu(x):
    """max(x, 0), element by element."""
    return _core.topi_relu(x)


def softmax(x, axis=-1):
    """exp(x) over its sum along an axis, in four stages."""
    return _core.topi_softmax(x, axis)
