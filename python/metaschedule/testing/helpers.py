# SPDX-License-Identifier: Apache-2.0
"""What test files take from `tvm.testing`: parameters as fixtures, comparison, a main function."""

import functools
import importlib
import inspect
import platform
import sys
from pathlib import Path

from .._core import TVMError
from ..ir import IRModule, assert_structural_equal
from ..runtime import build, cpu
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


def _mark(skipped, reason, func):
    import pytest

    mark = pytest.mark.skipif(skipped, reason=reason)
    return mark(func) if func is not None else mark


def requires_llvm(func=None):
    """Skips a test where programs cannot be compiled, as in a build without LLVM."""
    return _mark(not _compiles(), "programs cannot be compiled here", func)


def _requires_device(name):
    def requires(func=None):
        return _mark(True, f"there is no {name} here: programs run on the CPU", func)

    requires.__name__ = f"requires_{name}"
    requires.__doc__ = f"Skips a test that needs {name}, which this library does not run on."
    return requires


requires_gpu, requires_cuda, requires_tensorcore, requires_rocm = map(
    _requires_device, ("gpu", "cuda", "tensorcore", "rocm")
)
requires_metal, requires_vulkan, requires_opencl, requires_hexagon = map(
    _requires_device, ("metal", "vulkan", "opencl", "hexagon")
)
requires_cudnn, requires_cublas = map(_requires_device, ("cudnn", "cublas"))


def requires_cuda_compute_version(major_version, minor_version=0):
    """Skips a test that needs a GPU of at least this version: there is none."""
    del major_version, minor_version
    return requires_cuda


def _flags():
    """What the processor can do, as the kernel lists it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    found = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return set(found.partition(":")[2].split())


def requires_x86(func=None):
    """Skips a test on other processors than x86."""
    return _mark(platform.machine() != "x86_64", "the processor is not of x86", func)


def requires_aarch64(func=None):
    """Skips a test on other processors than Arm's 64-bit ones."""
    return _mark(platform.machine() != "aarch64", "the processor is not of aarch64", func)


def requires_x86_avx512(func=None):
    """Skips a test without AVX-512."""
    return _mark("avx512f" not in _flags(), "the processor has no AVX-512", func)


def requires_x86_vnni(func=None):
    """Skips a test without the dot products of AVX-512."""
    return _mark("avx512_vnni" not in _flags(), "the processor has no AVX-512 VNNI", func)


def requires_package(*packages):
    """Skips a test when one of these packages cannot be imported."""

    def is_missing(name):
        try:
            importlib.import_module(name)
        except ImportError:
            return True
        return False

    missing = [name for name in packages if is_missing(name)]
    return lambda func: _mark(bool(missing), f"not installed: {', '.join(missing)}", func)


def skip_if_32bit(reason="programs of more than 4 GB"):
    """Skips a test where pointers have 32 bits."""
    return lambda func: _mark(sys.maxsize < 2**32, reason, func)


def enabled_targets():
    """(target, device) pairs that programs can be run on."""
    return [("llvm", cpu(0))] if _compiles() else []


def parametrize_targets(*args):
    """Runs a test with `target` and `dev` for each of the targets given, or for all that there are;
    those without a device are skipped."""
    import pytest

    def decorate(func):
        wanted = [target for target in args if isinstance(target, str)]
        devices = dict(enabled_targets())
        wanted = wanted or list(devices)
        cases = []
        for target in wanted:
            kind = target.split()[0]
            skip = [] if kind in devices else [pytest.mark.skip(reason=f"there is no {kind} here")]
            cases.append(pytest.param(target, devices.get(kind), marks=skip, id=target))
        return pytest.mark.parametrize(("target", "dev"), cases)(func)

    if len(args) == 1 and callable(args[0]):
        func, args = args[0], ()
        return decorate(func)
    return decorate


def exclude_targets(*targets):
    """Marks a test as one that does not run for these kinds of targets."""

    def decorate(func):
        func.tvm_excluded_targets = list(targets)
        return func

    return decorate


def terminate_self():
    """Ends the process at once, with an error."""
    sys.exit(-1)


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
