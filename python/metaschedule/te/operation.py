# SPDX-License-Identifier: Apache-2.0
"""Making tensors and functions of tensors."""

import functools
import inspect

from .. import _core
from ..ir.range import Range
from ..tir.buffer import decl_buffer
from ..tir.expr import IterVar, PrimExpr, SizeVar, Var
from ..tir.stmt import Evaluate, Stmt
from ..tir.stmt_functor import post_order_visit
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
            raise ValueError(
                f"expected no nested tag_scope, found {self.tag!r} inside {tag_scope._open[-1]!r}"
            )
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
            raise ValueError(
                f"expected an operation without a nested tag in the tag_scope "
                f"{tag_scope._open[-1]!r}, found {tag!r}"
            )
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


def _placeholder_buffer(shape, dtype, name):
    return decl_buffer(shape, dtype, name, elem_offset=Var("elem_offset", "int32"), offset_factor=1)


def extern(
    shape,
    inputs,
    fcompute,
    name="extern",
    dtype=None,
    in_buffers=None,
    out_buffers=None,
    tag="",
    attrs=None,
):
    """Tensors that a statement computes: `fcompute(ins, outs)` gets a buffer for each input and
    output, and returns a statement or an expression to evaluate. `shape` is that of the output, or
    a list of shapes; `dtype` is that of all outputs, a list, or that of the inputs. Buffers of
    one's own may be given for both sides. One tensor, or a list of them."""
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    for tensor in inputs:
        if not isinstance(tensor, Tensor):
            raise ValueError(f"extern {name}: expected tensors as inputs, found {type(tensor)}")
    if isinstance(shape, (int, PrimExpr)):
        shape = (shape,)
    shapes = [shape] if not shape or isinstance(shape[0], (int, PrimExpr)) else list(shape)
    if in_buffers is None:
        in_buffers = [_placeholder_buffer(t.shape, t.dtype, t.op.name) for t in inputs]
    elif not isinstance(in_buffers, (list, tuple)):
        in_buffers = [in_buffers]
    if len(in_buffers) != len(inputs):
        raise RuntimeError(
            f"extern {name}: {len(inputs)} inputs, but {len(in_buffers)} buffers for them"
        )
    if out_buffers is None:
        if dtype is None:
            dtypes = {t.dtype for t in inputs}
            if len(dtypes) != 1:
                raise ValueError("Cannot infer output type, please provide dtype argument")
            dtype = dtypes.pop()
        dtypes = [dtype] * len(shapes) if isinstance(dtype, str) else list(dtype)
        if len(dtypes) != len(shapes):
            raise ValueError(f"extern {name}: {len(shapes)} shapes, but {len(dtypes)} dtypes")
        out_buffers = [_placeholder_buffer(s, t, name) for s, t in zip(shapes, dtypes)]
    elif not isinstance(out_buffers, (list, tuple)):
        out_buffers = [out_buffers]
    body = fcompute(list(in_buffers), list(out_buffers))
    if isinstance(body, PrimExpr):
        body = Evaluate(body)
    if not isinstance(body, Stmt):
        raise ValueError(
            f"Function '{getattr(fcompute, '__name__', fcompute)}' should return PrimExpr or Stmt, "
            f"but it returned '{type(body)}'"
        )
    outputs = _core.te_extern(
        name,
        tag_scope._of(tag),
        dict(attrs or {}),
        inputs,
        list(in_buffers),
        list(out_buffers),
        body,
    )
    return list(outputs) if len(outputs) > 1 else outputs[0]


def extern_primfunc(input_tensors, primfunc, **kwargs):
    """Tensors that a function computes: the buffers of its parameters that it reads first take
    `input_tensors`, in order; those that it only writes are the outputs. Further arguments go to
    `extern`."""
    read, written = set(), set()

    def visit(node):
        for kind, found in (("BufferLoad", read), ("BufferStore", written)):
            if type(node).__name__ == kind:
                found.add(node.buffer)

    post_order_visit(primfunc.body, visit)
    buffers = [primfunc.buffer_map[p] for p in primfunc.params if p in primfunc.buffer_map]
    inputs = [b for b in buffers if b in read]
    outputs = [b for b in buffers if b in written and b not in read]
    if not outputs:
        # What it reads and writes last is the result.
        in_place = [b for b in inputs if b in written]
        if not in_place:
            raise ValueError("extern_primfunc: the function writes no buffer of its parameters")
        outputs = in_place[-1:]
        inputs.remove(outputs[0])
    input_tensors = list(input_tensors)
    if len(inputs) != len(input_tensors):
        raise ValueError(
            f"extern_primfunc: the function reads {len(inputs)} buffers, found "
            f"{len(input_tensors)} tensors"
        )
    for tensor, buffer in zip(input_tensors, inputs):
        same = [str(a) == str(b) for a, b in zip(tensor.shape, buffer.shape)]
        if len(tensor.shape) != len(buffer.shape) or not all(same):
            raise ValueError(
                f"extern_primfunc: buffer {buffer.name} has shape {list(buffer.shape)}, found a "
                f"tensor of shape {list(tensor.shape)}"
            )
    return extern(
        [b.shape for b in outputs],
        input_tensors,
        lambda _ins, _outs: primfunc.body,
        in_buffers=inputs,
        out_buffers=outputs,
        **kwargs,
    )


def create_prim_func(ops, index_dtype_override=None):
    """The function that computes the outputs among `ops` (tensors, in the order of parameters).
    `index_dtype_override` ("int64") makes all indices that wide."""
    return _core.te_create_prim_func(list(ops), index_dtype_override)
