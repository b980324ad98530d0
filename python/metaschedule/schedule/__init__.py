# SPDX-License-Identifier: Apache-2.0
"""Schedules of operators that the default rules do not do well: custom schedule rules in Python."""

from . import cuda

__all__ = ["cuda"]
