# SPDX-License-Identifier: Apache-2.0
"""Pooling."""

from ... import _core
from ..utils import pair


def pool2d(
    data,
    kernel,
    stride,
    dilation,
    padding,
    pool_type,
    ceil_mode=False,
    layout="NCHW",
    count_include_pad=True,
):
    """The largest ("max") or the mean ("avg") of windows of `kernel` pixels. `padding` is (top,
    left, bottom, right); `ceil_mode` rounds sizes up. A mean counts pixels of the padding unless
    `count_include_pad` says otherwise."""
    if pool_type not in ("max", "avg"):
        raise ValueError(f'pool_type: expected "max" or "avg", found {pool_type!r}')
    return _core.topi_pool2d(
        data,
        pair(kernel),
        pair(stride),
        pair(dilation),
        list(padding),
        pool_type == "max",
        ceil_mode,
        layout,
        count_include_pad,
    )
