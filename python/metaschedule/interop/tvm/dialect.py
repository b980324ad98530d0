# SPDX-License-Identifier: Apache-2.0
"""How the releases of TVM differ in what programs are made of, in one place. Up to 0.25 expressions
have a dtype and buffers are nodes of their own; since 0.26 expressions have a type and a buffer is
a variable of type BufferType; 0.27 moved blocks to `s_tir` and arithmetic to `prim`."""

import re

import tvm
import tvm_ffi
from tvm import ir, s_tir, tirx

from ... import _core
from .errors import InteropError

TYPED = hasattr(tirx, "BufferType")


def node(name):
    """The constructor of a kind of node, wherever this release keeps it; None without."""
    for module in (tirx, s_tir, ir):
        if hasattr(module, name):
            return getattr(module, name)
    return None


def global_info(name):
    """The class of a kind of global info; 0.27 moved them to relax, which is loaded only for
    them."""
    if hasattr(ir, name):
        return getattr(ir, name)
    from tvm import relax

    return getattr(relax, name)


_FLOAT8 = {"e4m3_float8": "float8_e4m3fn", "e5m2_float8": "float8_e5m2"}
_FLOAT8_BACK = {theirs: ours for ours, theirs in _FLOAT8.items()}


def _renamed(dtype, names):
    for old, new in names.items():
        if dtype.startswith(old):
            return new + dtype[len(old) :]
    return dtype


def dtype_to_tvm(dtype):
    """A dtype of ours as TVM spells it."""
    return _renamed(dtype, _FLOAT8)


def dtype_from_tvm(dtype):
    """A dtype of TVM as we spell it; InteropError for those that we do not have."""
    name = _renamed(str(dtype), _FLOAT8_BACK)
    if name in ("", "void"):
        return "void"
    if re.fullmatch(r"(bool|handle|bfloat16|u?int\d+|float\d+|e[45]m[23]_float8)(x.*)?", name):
        return name
    raise InteropError(f"dtype {dtype} has no counterpart here")


def dtype_of(expr):
    """The dtype of an expression of TVM, as we spell it."""
    if not TYPED:
        return dtype_from_tvm(expr.dtype)
    kind = type(expr.ty).__name__
    if kind == "PrimType":
        return dtype_from_tvm(expr.ty.dtype)
    if kind in ("PointerType", "BufferType"):
        return "handle"
    if kind == "TupleType" and not expr.ty.fields:
        return "void"
    raise InteropError(f"an expression of type {expr.ty} has no counterpart here")


def is_plain_layout(layout, shape):
    """Whether a buffer's layout says what having none says: rows one after another."""
    from tvm.tirx.layout import S, TileLayout

    return len(shape) > 0 and tvm_ffi.structural_equal(layout, TileLayout(S[tuple(shape)]))


# Operators that are nodes in 0.27 and calls elsewhere.
BITWISE = {
    "bitwise_and": "BitwiseAnd",
    "bitwise_or": "BitwiseOr",
    "bitwise_xor": "BitwiseXor",
    "bitwise_not": "BitwiseNot",
    "shift_left": "LShift",
    "shift_right": "RShift",
}
BITWISE_BACK = {theirs: ours for ours, theirs in BITWISE.items()}
BITWISE_ARE_NODES = hasattr(tirx, "BitwiseAnd")

_OUR_OPS = frozenset(_core.op_names())
_THEIR_OPS = frozenset(str(name) for name in ir.Op.list_op_names())


def op_from_tvm(name):
    """The name of an intrinsic of TVM among ours."""
    short = re.sub(r"^(tirx|prim)\.", "", name)
    ours = f"tir.{short}"
    if short == name or ours not in _OUR_OPS:
        raise InteropError(f"the intrinsic {name} has no counterpart here")
    return ours


def op_to_tvm(name):
    """The name of an intrinsic of ours in this release of TVM."""
    short = name[len("tir.") :]
    for theirs in (f"tirx.{short}", f"prim.{short}"):
        if theirs in _THEIR_OPS:
            return theirs
    raise InteropError(f"the intrinsic {name} has no counterpart in TVM {tvm.__version__}")


def key_from_tvm(key):
    """The key of an attribute or annotation: `tirx.noalias` there is `tir.noalias` here."""
    if key.startswith("tir."):
        raise InteropError(f"the key {key} could not be told from tirx{key[3:]} here")
    return "tir." + key[len("tirx.") :] if key.startswith("tirx.") else str(key)


def key_to_tvm(key):
    """The key of an attribute or annotation as TVM spells it."""
    return "tirx." + key[len("tir.") :] if key.startswith("tir.") else key
