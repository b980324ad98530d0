# SPDX-License-Identifier: Apache-2.0
"""Reductions of tensor expressions."""

from .. import _core
from ..tir.expr import CommReducer, Reduce, Var
from ..tir.op import const, max_value, min_value


def _tuple(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def make_reducer(fcombine, fidentity, name="reduce"):
    """A function `reducer(expr, axis, where=None, init=None)` from `fcombine(lhs, rhs)` and
    `fidentity(*dtypes)`; all three may work on tuples."""

    def reducer(expr, axis, where=None, init=None):
        sources = [_core.to_expression(e) for e in _tuple(expr)]
        dtypes = [e.dtype for e in sources]
        lhs = [Var(f"lhs{i}" if len(sources) > 1 else "x", t) for i, t in enumerate(dtypes)]
        rhs = [Var(f"rhs{i}" if len(sources) > 1 else "y", t) for i, t in enumerate(dtypes)]
        if len(sources) > 1:
            result = _tuple(fcombine(tuple(lhs), tuple(rhs)))
        else:
            result = _tuple(fcombine(lhs[0], rhs[0]))
        identity = [_core.to_expression(e) for e in _tuple(fidentity(*dtypes))]
        combiner = CommReducer(lhs, rhs, result, identity)
        axes = _tuple(axis)
        condition = True if where is None else where
        start = [] if init is None else _tuple(init)
        outputs = [
            Reduce(combiner, sources, axes, condition, i, start) for i in range(len(sources))
        ]
        return tuple(outputs) if len(outputs) > 1 else outputs[0]

    reducer.__name__ = name
    reducer.__doc__ = f"{name} of an expression (or a tuple of them) over one or more axes."
    return reducer


def comm_reducer(fcombine, fidentity, name="reduce"):
    """A reducer of your own: see `make_reducer`."""
    return make_reducer(fcombine, fidentity, name)


sum = make_reducer(lambda x, y: x + y, lambda dtype: const(0, dtype), "sum")  # noqa: A001
min = make_reducer(lambda x, y: _core.binary("Min", x, y), max_value, "min")  # noqa: A001
max = make_reducer(lambda x, y: _core.binary("Max", x, y), min_value, "max")  # noqa: A001
