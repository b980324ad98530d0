# SPDX-License-Identifier: Apache-2.0
"""Tuning and compiling TensorIR programs."""

from .tune import compile_tir, tune_tir

__all__ = ["compile_tir", "tune_tir"]
