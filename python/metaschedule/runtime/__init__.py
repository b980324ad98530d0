# SPDX-License-Identifier: Apache-2.0
"""Arrays, compiled modules, the registry of functions."""

from ..ir.paths import ObjectPath
from ..registry import get_global_func, register_func
from .convert import convert
from .data_type import DataType, DataTypeCode
from .device import Device, cpu, device, enabled
from .export import export_schedule
from .module import Module, build, load_module, lower
from .ndarray import NDArray, array, empty, from_dlpack
from .params import load_param_dict, save_param_dict

__all__ = [
    "DataType",
    "DataTypeCode",
    "Device",
    "Module",
    "NDArray",
    "ObjectPath",
    "array",
    "build",
    "convert",
    "cpu",
    "device",
    "empty",
    "enabled",
    "export_schedule",
    "from_dlpack",
    "get_global_func",
    "load_module",
    "load_param_dict",
    "lower",
    "register_func",
    "save_param_dict",
]
