# SPDX-License-Identifier: Apache-2.0
"""TVM's tensor intrinsics, registered when a trace names them. Importing all of them, as TVM does,
takes some 25 s of processor time; the module of one target takes a fraction of a second on CPUs."""

import importlib
import importlib.util
import sys
import types
from pathlib import Path

from . import dialect
from .errors import InteropError

_PACKAGE = "tvm.s_tir.tensor_intrin"
# The cheap ones first: a name stands in one of them only.
_MODULES = ("x86", "riscv_cpu", "arm_cpu", "hexagon", "metal", "rocm", "cuda")


def _is_known(name):
    return dialect.node("TensorIntrin").get(name, allow_missing=True) is not None


def _folder():
    return Path(importlib.util.find_spec("tvm.s_tir").origin).parent / "tensor_intrin"


def _likely_first(name, modules):
    """The modules, those that have the name in their text first: some names are put together."""
    return sorted(modules, key=lambda m: f'"{name}"' not in (_folder() / f"{m}.py").read_text())


def _import(module):
    """Imports a module of the package but not the package, whose initialisation imports all."""
    if _PACKAGE in sys.modules:
        importlib.import_module(f"{_PACKAGE}.{module}")
        return
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [str(_folder())]
    sys.modules[_PACKAGE] = package
    try:
        importlib.import_module(f"{_PACKAGE}.{module}")
    finally:
        del sys.modules[_PACKAGE]  # who imports it later gets all of it


def named_in(trace_json):
    """The tensor intrinsics that a trace in TVM's JSON form names."""
    names = set()
    for kind, inputs, attrs, _ in trace_json[0]:
        if kind == "Tensorize":
            names.add(attrs[0])
        elif kind == "Annotate" and attrs[0].startswith("meta_schedule.auto_tensorize"):
            names.add(inputs[1].strip('"'))
    return {name for name in names if isinstance(name, str) and name}


def register(names, modules=_MODULES):
    """Makes TVM know the intrinsics of these names; InteropError for one that it has not."""
    for name in sorted(names):
        if _is_known(name):
            continue
        for module in _likely_first(name, modules):
            _import(module)
            if _is_known(name):
                break
        else:
            raise InteropError(f"TVM has no tensor intrinsic named {name}")
