# SPDX-License-Identifier: Apache-2.0
"""Making tensors and functions of tensors."""

import functools
import inspect

from .. import _core
from ..ir.range import Range
from ..tir.expr import IterVar, SizeVar, Var
from .tensor import Tensor


def _shape(shape):
    return list(shape) if isinstance(shape, (tuple, list)) else [shape]


def var(name: str = "tindex", dtype: str = "int32") -> Var:
    """A new variable."""
    return Var(name, dtype)


def size_var(name: str = "size", dtype: str = "int32") -> SizeVar:
    """A new variable that is not negative."""
    return SizeVar(name, dtype)


def placeholder(shape, dtype=None, name: str = "placeholder") -> Tensor:
    """An input tensor; float32 unless `dtype` says otherwise."""
    return _core.te_placeholder(_shape(shape), dtype or "float32", name)


def reduce_axis(dom, name: str = "rv", thread_tag: str = "") -> IterVar:
    """An axis to reduce over, `dom` being (begin, end) or a Range."""
    return IterVar(dom, name, IterVar.CommReduce, thread_tag)


def thread_axis(dom=None, tag: str = "", name: str = "") -> IterVar:
    """An axis of threads; without a domain its range is not known yet. A string alone is the
    tag."""
    if isinstance(dom, str):
        dom, tag = None, dom
    if not tag:
        raise ValueError("tag must be given as Positional or keyword argument")
    return IterVar(dom, name or tag, IterVar.ThreadIndex, tag)


class tag_scope:
    """`with tag_scope("injective"):` gives the tag to operations made in it; as a decorator it does
    so for a function. An operation with a tag of its own is an error there."""

    _open = []

    def __init__(self, tag: str):
        self.tag = tag

    def __enter__(self):
        if tag_scope._open:
            raise ValueError("nested tag_scope is not allowed for now")
        tag_scope._open.append(self.tag)
        return self

    def __exit__(self, *_exception):
        tag_scope._open.pop()

    def __call__(self, function):
        @functools.wraps(function)
        def tagged(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return tagged

    @staticmethod
    def _of(tag):
        if not tag_scope._open:
            return tag
        if tag:
            raise ValueError("nested tag is not allowed for now")
        return tag_scope._open[-1]


def _axis_names(fcompute, ndim, varargs_names):
    names, has_varargs = [], False
    for parameter in inspect.signature(fcompute).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            has_varargs = True
            extra = ndim - len(names)
            if varargs_names is not None and len(varargs_names) != extra:
                raise RuntimeError(f"varargs_names: expected {extra} names, found {varargs_names}")
            names += varargs_names or [f"i{i}" for i in range(len(names), ndim)]
        elif parameter.kind is parameter.KEYWORD_ONLY or parameter.default is not parameter.empty:
            continue
        else:
            names.append(parameter.name)
    if not names and not has_varargs:
        names = [f"i{i}" for i in range(ndim)]
    if len(names) != ndim:
        raise ValueError(f"fcompute takes {len(names)} indices, the shape has {ndim} dimensions")
    return names


def compute(shape, fcompute, name="compute", tag="", attrs=None, varargs_names=None):
    """A tensor whose element at (i, j, …) is `fcompute(i, j, …)`; a list of them when that returns
    several values."""
    shape = _shape(shape)
    axis = []
    for axis_name, extent in zip(_axis_names(fcompute, len(shape), varargs_names), shape):
        axis.append(IterVar(Range(0, extent), axis_name, IterVar.DataPar))
    body = fcompute(*[v.var for v in axis])
    several = isinstance(body, (list, tuple))
    outputs = _core.te_compute(
        name, tag_scope._of(tag), dict(attrs or {}), axis, list(body) if several else [body]
    )
    return list(outputs) if len(outputs) > 1 else outputs[0]


def create_prim_func(ops, index_dtype_override=None):
    """The function that computes the outputs among `ops` (tensors, in the order of parameters).
    `index_dtype_override` ("int64") makes all indices that wide."""
    return _core.te_create_prim_func(list(ops), index_dtype_override)
