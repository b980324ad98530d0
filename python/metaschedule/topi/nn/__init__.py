# SPDX-License-Identifier: Apache-2.0
"""Operators of neural networks."""

from . import conv2d, utils
from .conv2d import conv2d_nchw
from .elemwise import pad, relu, softmax
from .pooling import pool2d
from .utils import get_pad_tuple

__all__ = [
    "conv2d",
    "conv2d_nchw",
    "get_pad_tuple",
    "pad",
    "pool2d",
    "relu",
    "softmax",
    "utils",
]
