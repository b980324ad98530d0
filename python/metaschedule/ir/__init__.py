# SPDX-License-Identifier: Apache-2.0
"""What all programs are made of: containers, types, ranges, functions' names, modules and
what they know besides functions."""

from .base import (
    Array,
    Map,
    Object,
    assert_structural_equal,
    load_json,
    node_class,
    save_json,
    structural_equal,
    structural_hash,
)
from .global_info import DummyGlobalInfo, GlobalInfo, VDevice
from .module import GlobalVar, IRModule, Op
from .range import Range
from .type import FuncType, PointerType, PrimType, TupleType, Type

__all__ = [
    "Array",
    "DummyGlobalInfo",
    "FuncType",
    "GlobalInfo",
    "GlobalVar",
    "IRModule",
    "Map",
    "Object",
    "Op",
    "PointerType",
    "PrimType",
    "Range",
    "TupleType",
    "Type",
    "VDevice",
    "assert_structural_equal",
    "load_json",
    "node_class",
    "save_json",
    "structural_equal",
    "structural_hash",
]
