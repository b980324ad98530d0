# SPDX-License-Identifier: Apache-2.0
"""Arrays, compiled modules, the registry of functions."""

from ..registry import get_global_func, register_func
from .device import Device, cpu, device
from .export import export_schedule
from .module import Module, build, load_module, lower
from .ndarray import NDArray, array, empty, from_dlpack

__all__ = [
    "Device",
    "Module",
    "NDArray",
    "array",
    "build",
    "cpu",
    "device",
    "empty",
    "export_schedule",
    "from_dlpack",
    "get_global_func",
    "load_module",
    "lower",
    "register_func",
]
