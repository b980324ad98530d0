# SPDX-License-Identifier: Apache-2.0
"""`T`: the decorators, the constructors of nodes, and names that stand in annotations. Bodies of
scripts are read by the parser and never run, so every other name here only has to exist."""

import sys

from .. import _core, tir
from ..target.codegen import llvm_lookup_intrinsic_id  # noqa: F401
from .frontend import Macro, captured_by, from_source, parse_function


class _Name:
    """A name of the language, as it appears in annotations that Python evaluates."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *_args, **_kwargs):
        return self

    def __getitem__(self, _item):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(f"{self._name}.{name}")

    def __repr__(self):
        return f"T.{self._name}"


# Names that make nodes without folding, in Python as in scripts.
_NODES = frozenset(
    "Add Sub Mul Div Mod FloorDiv FloorMod Min Max EQ NE LT LE GT GE And Or Not Select Ramp "
    "Broadcast Shuffle Cast Call BufferLoad ProducerLoad Reduce CommReducer IterVar Var SizeVar "
    "IntImm FloatImm StringImm".split()
)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(tir, name) if name in _NODES else _Name(name)


def call_kernel(kernel, launch_args, *args, **kwargs):
    """Always raises NotImplementedError: kernels in other languages are not compiled here."""
    raise NotImplementedError(
        "T.call_kernel: no compiler for kernels in another language is here. Write the kernel as a "
        "T.prim_func, or compile it elsewhere and call it by T.call_packed; see docs/migrating.md"
    )


def _in_class_body(frame) -> bool:
    return "__qualname__" in frame.f_locals and "__module__" in frame.f_locals


def prim_func(func=None, private=False, check_well_formed=True):
    """The PrimFunc that a Python definition describes. Inside a class under `@I.ir_module` the
    definition is left as it is for that decorator to read."""
    frame = sys._getframe(1)

    def decorate(function):
        if _in_class_body(frame):
            return function
        variables = {**frame.f_globals, **frame.f_locals, **captured_by(function)}
        parsed = parse_function(function, variables)
        if check_well_formed:
            _core.check_well_formed(parsed)
        return parsed

    return decorate(func) if func is not None else decorate


def macro(func=None, *, hygienic=True):
    """Marks a function whose body replaces its calls in scripts. `hygienic`: free names mean what
    they mean at its definition, otherwise at the call."""

    def decorate(function):
        return Macro(function, hygienic)

    return decorate(func) if func is not None else decorate


__all__ = ["call_kernel", "from_source", "macro", "prim_func"]
