# SPDX-License-Identifier: Apache-2.0
"""Convolutions of images."""

from ... import _core
from ..utils import pair
from .utils import get_pad_tuple


def conv2d_nchw(Input, Filter, stride, padding, dilation, out_dtype=None):
    """(N, CI, H, W) and (CO, CI, KH, KW) to (N, CO, H', W'). `padding` as in `get_pad_tuple`, of
    the kernel with its gaps."""
    rows, columns = pair(dilation)
    kernel = [(int(size) - 1) * gap + 1 for size, gap in zip(Filter.shape[2:], (rows, columns))]
    return _core.topi_conv2d_nchw(
        Input,
        Filter,
        pair(stride),
        list(get_pad_tuple(padding, kernel)),
        [rows, columns],
        out_dtype or Input.dtype,
    )


def _winograd(
    nhwc, data, weight, strides, padding, dilation, out_dtype, tile_size, pre_computed, level
):
    if pair(strides) != [1, 1] or pair(dilation) != [1, 1]:
        raise ValueError(f"winograd: expected strides and dilation of 1: {strides}, {dilation}")
    return _core.topi_winograd(
        data,
        weight,
        nhwc,
        list(get_pad_tuple(padding, [3, 3])),
        tile_size,
        pre_computed,
        out_dtype or data.dtype,
        level,
    )


def _no_rewrite(auto_scheduler_rewritten_layout, meta_schedule_original_shape):
    if auto_scheduler_rewritten_layout or meta_schedule_original_shape:
        raise ValueError("winograd: weights in a rewritten layout are not supported")


def _conv2d_winograd_nhwc_impl(
    data,
    weight,
    strides,
    padding,
    dilation,
    out_dtype,
    tile_size,
    pre_computed=False,
    write_cache_level=None,
    auto_scheduler_rewritten_layout="",
    meta_schedule_original_shape=None,
):
    """A convolution of (N, H, W, CI) by 3 x 3 kernels, by Winograd's minimal filtering."""
    _no_rewrite(auto_scheduler_rewritten_layout, meta_schedule_original_shape)
    level = write_cache_level or 0
    return _winograd(
        True, data, weight, strides, padding, dilation, out_dtype, tile_size, pre_computed, level
    )


def _conv2d_winograd_nchw_impl(
    data,
    weight,
    strides,
    padding,
    dilation,
    out_dtype,
    tile_size,
    pre_computed=False,
    auto_scheduler_rewritten_layout="",
    meta_schedule_original_shape=None,
):
    """The same for (N, CI, H, W)."""
    _no_rewrite(auto_scheduler_rewritten_layout, meta_schedule_original_shape)
    return _winograd(
        False, data, weight, strides, padding, dilation, out_dtype, tile_size, pre_computed, 0
    )
