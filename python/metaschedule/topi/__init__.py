# SPDX-License-Identifier: Apache-2.0
"""Operators as tensor expressions: the few of TVM's that tests of tuning use."""

from . import cuda, nn, utils

__all__ = ["cuda", "nn", "utils"]
