# SPDX-License-Identifier: Apache-2.0
"""Custom schedule rules for GPUs of CUDA."""

from . import layout_transform

__all__ = ["layout_transform"]
