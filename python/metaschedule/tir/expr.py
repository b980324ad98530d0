# SPDX-License-Identifier: Apache-2.0
"""Expressions: node classes and operators."""

from .. import _core
from ..ir.base import Object, node_class


def _is_int(value) -> bool:
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, str):
        return dtype.startswith("int")
    return isinstance(value, int)


class ExprOp:
    """Arithmetic operators that build folded expressions with matched types."""

    __slots__ = ()

    def __add__(self, other):
        return _core.binary("Add", self, other)

    def __radd__(self, other):
        return _core.binary("Add", other, self)

    def __sub__(self, other):
        return _core.binary("Sub", self, other)

    def __rsub__(self, other):
        return _core.binary("Sub", other, self)

    def __mul__(self, other):
        return _core.binary("Mul", self, other)

    def __rmul__(self, other):
        return _core.binary("Mul", other, self)

    def __truediv__(self, other):
        return _divide(self, other)

    def __rtruediv__(self, other):
        return _divide(other, self)

    def __floordiv__(self, other):
        return _core.binary("FloorDiv", self, other)

    def __rfloordiv__(self, other):
        return _core.binary("FloorDiv", other, self)

    def __mod__(self, other):
        return _core.binary("FloorMod", self, other)

    def __rmod__(self, other):
        return _core.binary("FloorMod", other, self)

    def __neg__(self):
        return _core.neg(self)

    def __lshift__(self, other):
        return _core.bitwise("shl", self, other)

    def __rlshift__(self, other):
        return _core.bitwise("shl", other, self)

    def __rshift__(self, other):
        return _core.bitwise("shr", self, other)

    def __rrshift__(self, other):
        return _core.bitwise("shr", other, self)

    def __and__(self, other):
        return _core.bitwise("and", self, other)

    def __rand__(self, other):
        return _core.bitwise("and", other, self)

    def __or__(self, other):
        return _core.bitwise("or", self, other)

    def __ror__(self, other):
        return _core.bitwise("or", other, self)

    def __xor__(self, other):
        return _core.bitwise("xor", self, other)

    def __rxor__(self, other):
        return _core.bitwise("xor", other, self)

    def __invert__(self):
        return _core.bitwise_not(self)

    def __lt__(self, other):
        return _core.binary("LT", self, other)

    def __le__(self, other):
        return _core.binary("LE", self, other)

    def __gt__(self, other):
        return _core.binary("GT", self, other)

    def __ge__(self, other):
        return _core.binary("GE", self, other)

    def __eq__(self, other):
        return EqualOp(self, other)

    def __ne__(self, other):
        return NotEqualOp(self, other)

    def __hash__(self):
        return _core.Object.__hash__(self)

    def __bool__(self):
        raise ValueError(
            "Cannot use and / or / not operator to Expr, hint: use tir.all / tir.any instead"
        )

    def equal(self, other):
        """The comparison as an expression."""
        return _core.binary("EQ", self, other)

    def astype(self, dtype):
        """Conversion to `dtype`."""
        return _core.cast(dtype, self)


def _divide(a, b):
    if _is_int(a) and _is_int(b):
        raise RuntimeError(
            "TVM supports multiple types of integer divisions: use floordiv (//), truncdiv or div"
        )
    return _core.binary("Div", a, b)


class EqualOp(ExprOp):
    """`a == b`: identity when used as a Python bool, a comparison where an expression is needed."""

    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def asobject(self):
        return _core.binary("EQ", self.a, self.b)

    def __bool__(self):
        return _same(self.a, self.b)

    __nonzero__ = __bool__

    @property
    def dtype(self):
        return self.asobject().dtype


class NotEqualOp(EqualOp):
    """`a != b`, deferred like EqualOp."""

    __slots__ = ()

    def asobject(self):
        return _core.binary("NE", self.a, self.b)

    def __bool__(self):
        return not _same(self.a, self.b)


def _same(a, b) -> bool:
    return isinstance(a, _core.Object) and _core.Object.__eq__(a, b) is True


class PrimExpr(ExprOp, Object):
    """Base of expressions."""

    __slots__ = ()
    __hash__ = Object.__hash__


class ConstExpr(PrimExpr):
    __slots__ = ()


@node_class
class Var(PrimExpr):
    """A variable; the node is its identity, the name is for people."""

    __slots__ = ()

    def __new__(cls, name, dtype="int32"):
        return _core.make_var(name, dtype, cls is SizeVar)


@node_class
class SizeVar(Var):
    """A variable that is not negative."""

    __slots__ = ()


@node_class
class IntImm(ConstExpr):
    """An integer constant."""

    __slots__ = ()

    def __new__(cls, dtype, value):
        return _core.make_int_imm(dtype, int(value))

    def __int__(self):
        return self.value

    __index__ = __int__

    def __bool__(self):
        return self.value != 0

    def __eq__(self, other):
        if isinstance(other, (int, IntImm)):
            return self.value == int(other)
        return EqualOp(self, other)

    def __ne__(self, other):
        if isinstance(other, (int, IntImm)):
            return self.value != int(other)
        return NotEqualOp(self, other)

    def __hash__(self):
        return hash(self.value)


@node_class
class FloatImm(ConstExpr):
    """A float constant."""

    __slots__ = ()

    def __new__(cls, dtype, value):
        return _core.make_float_imm(dtype, float(value))

    def __float__(self):
        return self.value


@node_class
class StringImm(ConstExpr):
    """A string constant."""

    __slots__ = ()

    def __new__(cls, value):
        return _core.make_string_imm(value)

    def __eq__(self, other):
        return self.value == getattr(other, "value", other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.value)


class BinaryOpExpr(PrimExpr):
    """Two operands of one type; the constructor does not fold."""

    __slots__ = ()

    def __new__(cls, a, b):
        return _core.make_binary(cls.__name__, a, b)


class CmpExpr(BinaryOpExpr):
    __slots__ = ()


class LogicalExpr(BinaryOpExpr):
    __slots__ = ()


def _binary_class(name, base, doc):
    return node_class(
        type(name, (base,), {"__slots__": (), "__doc__": doc, "__module__": __name__})
    )


Add = _binary_class("Add", BinaryOpExpr, "Sum.")
Sub = _binary_class("Sub", BinaryOpExpr, "Difference.")
Mul = _binary_class("Mul", BinaryOpExpr, "Product.")
Div = _binary_class("Div", BinaryOpExpr, "Division that truncates towards zero for integers.")
Mod = _binary_class("Mod", BinaryOpExpr, "Remainder with the sign of the dividend.")
FloorDiv = _binary_class("FloorDiv", BinaryOpExpr, "Division that rounds down.")
FloorMod = _binary_class("FloorMod", BinaryOpExpr, "Remainder with the sign of the divisor.")
Min = _binary_class("Min", BinaryOpExpr, "The smaller.")
Max = _binary_class("Max", BinaryOpExpr, "The larger.")
EQ = _binary_class("EQ", CmpExpr, "a == b.")
NE = _binary_class("NE", CmpExpr, "a != b.")
LT = _binary_class("LT", CmpExpr, "a < b.")
LE = _binary_class("LE", CmpExpr, "a <= b.")
GT = _binary_class("GT", CmpExpr, "a > b.")
GE = _binary_class("GE", CmpExpr, "a >= b.")
And = _binary_class("And", LogicalExpr, "Logical and.")
Or = _binary_class("Or", LogicalExpr, "Logical or.")


@node_class
class Not(LogicalExpr):
    """Logical not."""

    __slots__ = ()

    def __new__(cls, a):
        return _core.make_not(a)


@node_class
class Cast(PrimExpr):
    """Conversion, lane by lane."""

    __slots__ = ()

    def __new__(cls, dtype, value):
        return _core.make_cast(dtype, value)


@node_class
class Select(PrimExpr):
    """A choice that evaluates both sides."""

    __slots__ = ()

    def __new__(cls, condition, true_value, false_value):
        return _core.make_select(condition, true_value, false_value)


@node_class
class BufferLoad(PrimExpr):
    """An element of a buffer, or as many as the last index has lanes."""

    __slots__ = ()

    def __new__(cls, buffer, indices, predicate=None, span=None):
        return _core.make_buffer_load(buffer, indices, predicate)


@node_class
class ProducerLoad(PrimExpr):
    """An element of a tensor expression."""

    __slots__ = ()

    def __new__(cls, producer, indices):
        return _core.make_producer_load(producer, indices)


@node_class
class Ramp(PrimExpr):
    """base, base + stride, …"""

    __slots__ = ()

    def __new__(cls, base, stride, lanes):
        return _core.make_ramp(base, stride, lanes)


@node_class
class Broadcast(PrimExpr):
    """One value in all lanes."""

    __slots__ = ()

    def __new__(cls, value, lanes):
        return _core.make_broadcast(value, lanes)


@node_class
class Let(PrimExpr):
    """`body` with `var` bound to `value`."""

    __slots__ = ()

    def __new__(cls, var, value, body):
        return _core.make_let(var, value, body)


@node_class
class Call(PrimExpr):
    """A call of an intrinsic (by name, `tir.exp`) or of a function of the module."""

    __slots__ = ()

    def __new__(cls, dtype, op, args):
        return _core.make_call(dtype, op, list(args))


@node_class
class Shuffle(PrimExpr):
    """Lanes picked from vectors."""

    __slots__ = ()

    def __new__(cls, vectors, indices, span=None):
        return _core.make_shuffle(list(vectors), list(indices))


@node_class
class Reduce(PrimExpr):
    """A reduction in a tensor expression."""

    __slots__ = ()

    def __new__(cls, combiner, source, rdom, condition=True, value_index=0, init=None):
        return _core.make_reduce(combiner, source, rdom, condition, value_index, init or [])


@node_class(kind="AnyExpr")
class Any(PrimExpr):
    """An unknown size."""

    __slots__ = ()


@node_class
class CommReducer(Object):
    """A commutative combination with its identity."""

    __slots__ = ()

    def __new__(cls, lhs, rhs, result, identity_element):
        return _core.make_comm_reducer(lhs, rhs, result, identity_element)


@node_class
class IterVar(ExprOp, Object):
    """A variable with its domain and role."""

    __slots__ = ()
    DataPar, ThreadIndex, CommReduce, Ordered, Opaque = range(5)
    Unrolled, Vectorized, Parallelized, Tensorized = range(5, 9)

    def __new__(cls, dom, var, iter_type, thread_tag=""):
        from ..ir.range import Range

        if isinstance(dom, (list, tuple)):
            dom = Range(*dom)
        if isinstance(var, str):
            var = Var(var, dom.extent.dtype if dom is not None else "int32")
        return _core.make_iter_var(dom, var, iter_type, thread_tag)

    @property
    def dtype(self):
        return self.var.dtype

    __hash__ = Object.__hash__
