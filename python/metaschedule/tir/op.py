# SPDX-License-Identifier: Apache-2.0
"""Functions that build expressions."""

from functools import reduce as _fold

from .. import _core
from .expr import Call

_UNARY = (
    "exp exp2 exp10 erf tanh sigmoid sqrt rsqrt log log2 log10 log1p tan cos cosh sin sinh asin "
    "acos atan asinh acosh atanh popcount"
).split()


def _math(name):
    def build(x):
        return _core.call_math(name, x)

    build.__name__ = name
    build.__doc__ = f"{name} of a float expression, element by element."
    return build


globals().update({name: _math(name) for name in _UNARY})


def _rounding(name):
    def build(x):
        if str(getattr(x, "dtype", "")).startswith(("int", "uint", "bool")):
            return x
        return _core.call_math(name, x)

    build.__name__ = name
    build.__doc__ = f"{name}; integers pass through."
    return build


floor, ceil, trunc, nearbyint = map(_rounding, ("floor", "ceil", "trunc", "nearbyint"))
round = _rounding("round")  # noqa: A001  (the name of the API)


def power(x, y):
    """x to the power of y, for floats."""
    x, y = _core.match_types(x, y)
    return Call(x.dtype, "tir.pow", [x, y])


pow = power  # noqa: A001


def all(*conditions):  # noqa: A001
    """Logical and of one or more conditions."""
    return _fold(lambda a, b: _core.binary("And", a, b), conditions)


def any(*conditions):  # noqa: A001
    """Logical or of one or more conditions."""
    return _fold(lambda a, b: _core.binary("Or", a, b), conditions)


def min(a, b):  # noqa: A001
    """The smaller of two expressions."""
    return _core.binary("Min", a, b)


def max(a, b):  # noqa: A001
    """The larger of two expressions."""
    return _core.binary("Max", a, b)


def abs(x):  # noqa: A001
    """Absolute value."""
    return _core.abs(x)


def if_then_else(cond, t, f):
    """A choice that evaluates one side only."""
    return _core.if_then_else(cond, t, f)


def likely(cond):
    """A hint that a condition holds nearly always."""
    return _core.likely(cond)


def div(a, b):
    """Division; truncates for integers."""
    return _core.binary("Div", a, b)


truncdiv = indexdiv_trunc = div


def truncmod(a, b):
    """Remainder with the sign of the dividend."""
    return _core.binary("Mod", a, b)


def floordiv(a, b):
    """Division that rounds down."""
    return _core.binary("FloorDiv", a, b)


def floormod(a, b):
    """Remainder with the sign of the divisor."""
    return _core.binary("FloorMod", a, b)


indexdiv, indexmod = floordiv, floormod


def ceildiv(a, b):
    """Division that rounds up."""
    return _core.ceildiv(a, b)


def const(value, dtype=None):
    """A constant; int32 or float32 unless `dtype` says otherwise."""
    return _core.const(value, dtype)


def min_value(dtype):
    """The smallest finite value of a dtype."""
    return _core.min_value(dtype)


def max_value(dtype):
    """The largest finite value of a dtype."""
    return _core.max_value(dtype)


def infinity(dtype):
    """Positive infinity of a float dtype."""
    return _core.infinity(dtype)


def isnan(x):
    """True where a float is not a number."""
    return Call("bool", "tir.isnan", [x])


def call_intrin(dtype, name, *args):
    """A call of an intrinsic by its full name."""
    return Call(dtype, name, args)


def call_extern(dtype, name, *args):
    """A call of a C function."""
    return Call(dtype, "tir.call_extern", [name, *args])


def call_pure_extern(dtype, name, *args):
    """A call of a C function without side effects."""
    return Call(dtype, "tir.call_pure_extern", [name, *args])


def isinf(x):
    """True where a float is infinite."""
    return all(abs(x).equal(infinity(_core.to_expression(x).dtype)), _core.logical_not(isnan(x)))


def isfinite(x):
    """True where a float is neither infinite nor not a number."""
    return all(_core.logical_not(isinf(x)), _core.logical_not(isnan(x)))


def bitwise_and(x, y):
    """And, bit by bit."""
    return _core.bitwise("and", x, y)


def bitwise_or(x, y):
    """Or, bit by bit."""
    return _core.bitwise("or", x, y)


def bitwise_xor(x, y):
    """Exclusive or, bit by bit."""
    return _core.bitwise("xor", x, y)


def bitwise_not(x):
    """Not, bit by bit."""
    return _core.bitwise_not(x)


def shift_left(x, y):
    """x moved y bits to the left."""
    return _core.bitwise("shl", x, y)


def shift_right(x, y):
    """x moved y bits to the right."""
    return _core.bitwise("shr", x, y)


def reinterpret(dtype, value):
    """The bits of a value as another type of the same size."""
    return Call(dtype, "tir.reinterpret", [value])


def convert(value):
    """A value of Python as an expression, a list as a list of them."""
    if isinstance(value, (list, tuple)):
        return [convert(item) for item in value]
    return _core.to_expression(value)


def comm_reducer(fcombine, fidentity, name="reduce"):
    """A reducer for tensor expressions from `fcombine(lhs, rhs)` and `fidentity(dtype)`; each may
    return a tuple."""
    from ..te.reduction import make_reducer

    return make_reducer(fcombine, fidentity, name)


def _with_type_first(name, short):
    def build(dtype, *args):
        return Call(dtype, name, args)

    build.__doc__ = f"A call of the intrinsic `{name}` that gives a `dtype`."
    build.__name__ = short
    return build


def _with_type_last(name, short):
    def build(*args):
        return Call(args[-1], name, args[:-1])

    build.__doc__ = (
        f"A call of the intrinsic `{name}`; the last argument is the dtype that it gives."
    )
    build.__name__ = short
    return build


def _with_its_type(name, short):
    def build(*args):
        return _core.call_intrinsic(name, *args)

    build.__doc__ = f"A call of the intrinsic `{name}`."
    build.__name__ = short
    return build


_KINDS = (_with_its_type, _with_type_first, _with_type_last)
# Every other intrinsic, by its name; of those without a type of their own the operands give it.
for _name, _inputs, _dtype_at in _core.op_rows():
    _short = _name.removeprefix("tir.")
    if _short.isidentifier() and _short not in globals():
        globals()[_short] = _KINDS[_dtype_at](_name, _short)
call_packed, call_cpacked = (globals()[f"tvm_call_{kind}"] for kind in ("packed", "cpacked"))
call_packed_lowered, call_cpacked_lowered = (
    globals()[f"tvm_call_{kind}_lowered"] for kind in ("packed", "cpacked")
)
