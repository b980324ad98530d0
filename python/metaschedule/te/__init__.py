# SPDX-License-Identifier: Apache-2.0
"""Tensor expressions: computations given point by point, made into functions by
`create_prim_func`."""

from ..tir import all, any, const, div, if_then_else, indexdiv, indexmod  # noqa: A004
from ..tir.expr import SizeVar, Var
from ..tir.function import IndexMap
from ..tir.op import *  # noqa: F403
from .operation import (
    compute,
    create_prim_func,
    extern,
    extern_primfunc,
    placeholder,
    reduce_axis,
    size_var,
    tag_scope,
    thread_axis,
    var,
)
from .reduction import comm_reducer, max, min, sum  # noqa: A004
from .tensor import ComputeOp, ExternOp, Operation, PlaceholderOp, Tensor, TensorSlice

AXIS_SEPARATOR = IndexMap.AXIS_SEPARATOR

__all__ = [
    "AXIS_SEPARATOR",
    "ComputeOp",
    "ExternOp",
    "Operation",
    "PlaceholderOp",
    "SizeVar",
    "Tensor",
    "TensorSlice",
    "Var",
    "all",
    "any",
    "comm_reducer",
    "compute",
    "const",
    "create_prim_func",
    "div",
    "extern",
    "extern_primfunc",
    "if_then_else",
    "indexdiv",
    "indexmod",
    "max",
    "min",
    "placeholder",
    "reduce_axis",
    "size_var",
    "sum",
    "tag_scope",
    "thread_axis",
    "var",
]
