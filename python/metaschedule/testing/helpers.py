# SPDX-License-Identifier: Apache-2.0
"""What test files take from `tvm.testing`: parameters as fixtures, comparison, a main function."""

import functools
import inspect
import sys

from .._core import TVMError
from ..ir import IRModule, assert_structural_equal
from ..runtime import build
from ..script import from_source
from ..script import tir as T


def main():
    """Runs the tests of the file that calls this, as `pytest FILE` would, and exits."""
    import pytest

    file = inspect.getsourcefile(sys._getframe(1))
    sys.exit(pytest.main([file, *sys.argv[1:]]))


def assert_allclose(actual, desired, rtol=1e-7, atol=1e-7):
    """numpy's comparison, whose absolute tolerance here is not zero; shapes must be equal."""
    import numpy as np

    actual, desired = np.asanyarray(actual), np.asanyarray(desired)
    if actual.shape != desired.shape:
        raise AssertionError(f"expected shape {desired.shape}, found {actual.shape}")
    np.testing.assert_allclose(actual, desired, rtol=rtol, atol=atol, verbose=True)


def parameter(*values, ids=None, by_dict=None):
    """A fixture that takes each value in turn; `by_dict` names them."""
    import pytest

    if by_dict is not None:
        if values or ids:
            raise RuntimeError("expected either values and `ids` or `by_dict`, found both")
        ids, values = list(by_dict), list(by_dict.values())
    return pytest.fixture(params=values, ids=ids)(lambda request: request.param)


def parameters(*value_sets):
    """As many fixtures as each tuple has values; they go through the tuples together."""
    if len({len(values) for values in value_sets}) > 1:
        raise ValueError("expected tuples of one length")
    return tuple(parameter(*column) for column in zip(*value_sets))


def fixture(func=None, *, cache_return_value=False):
    """A pytest fixture. With `cache_return_value` it is computed once a module."""
    import pytest

    scope = "module" if cache_return_value else "function"
    return pytest.fixture(func, scope=scope) if func else pytest.fixture(scope=scope)


@functools.cache
def _compiles():
    @T.prim_func
    def nothing(A: T.Buffer((1,))):
        A[0] = T.float32(0)

    try:
        build(nothing)
    except TVMError:
        return False
    return True


def requires_llvm(func=None):
    """Skips a test where programs cannot be compiled, as in a build without LLVM."""
    import pytest

    mark = pytest.mark.skipif(not _compiles(), reason="programs cannot be compiled here")
    return mark(func) if func is not None else mark


class CompareBeforeAfter:
    """A test of a pass: a subclass has `transform` (a method of a module, or one without
    parameters that gives a function of a module), `before`, and
    `expected`: a function, a module, or the exception that is to be raised.

    `before` and `expected` may be written as plain functions with the body of a script; they are
    parsed then."""

    def __init_subclass__(cls):
        for name in ("before", "expected"):
            value = vars(cls).get(name)
            if inspect.isfunction(value) and "self" not in inspect.signature(value).parameters:
                setattr(cls, name, T.prim_func(value))

    def _value(self, name):
        value = getattr(self, name)
        gives = inspect.ismethod(value) and not inspect.signature(value).parameters
        return value() if gives else value

    def test_compare(self):
        """`transform(before)` is `expected`."""
        transform, before, expected = (self._value(n) for n in ("transform", "before", "expected"))
        if inspect.isclass(expected) and issubclass(expected, Exception):
            import pytest

            with pytest.raises(expected):
                transform(_module(before))
            return
        assert_structural_equal(transform(_module(before)), _module(expected))


def _module(program):
    """A module of whatever a program is given as: its function is `main`, without a symbol of its
    own, so that names do not matter to the comparison."""
    if isinstance(program, str):
        program = from_source(program)
    if isinstance(program, IRModule):
        return program
    return IRModule({"main": program.without_attr("global_symbol")})
