# SPDX-License-Identifier: Apache-2.0
"""What differs on GPUs."""

from . import conv2d_winograd

__all__ = ["conv2d_winograd"]
