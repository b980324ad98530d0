# SPDX-License-Identifier: Apache-2.0
"""`tvm` as another name for this library.

    import metaschedule.compat.tvm as tvm        # in place of `import tvm`

or, before a script that is not to be touched imports tvm:

    import metaschedule.compat.tvm
    metaschedule.compat.tvm.install()

What is imported by a name of TVM is the module of this library that has its meaning, not a copy. A
part of TVM that is not here raises ModuleNotFoundError, which says where to read on.
"""

import importlib
import importlib.abc
import importlib.util
import sys

# The longest prefix counts. None: TVM has it and this library has not.
_MODULES = {
    "": "metaschedule.compat.tvm",
    "_ffi": "metaschedule.compat.ffi",
    "_ffi.base": "metaschedule.compat.ffi",
    "_ffi.registry": "metaschedule.compat.ffi",
    "arith": "metaschedule.arith",
    "driver": "metaschedule.runtime",
    "error": "metaschedule.compat.ffi",
    "ir": "metaschedule.ir",
    "ir.transform": "metaschedule.transform",
    "meta_schedule": "metaschedule",
    "nd": "metaschedule.runtime.ndarray",
    "relax": None,
    "relay": None,
    "rpc": "metaschedule.rpc",
    "runtime": "metaschedule.runtime",
    "script": "metaschedule.script",
    "target": "metaschedule.target",
    "te": "metaschedule.te",
    "testing": "metaschedule.testing",
    "tir": "metaschedule.tir",
    "topi": "metaschedule.topi",
    "transform": "metaschedule.transform",
}
_HERE = __name__


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports `PREFIX.x.y` as what the table says."""

    def __init__(self, prefix):
        self.prefix = prefix

    def _target(self, name):
        parts = name[len(self.prefix) + 1 :].split(".") if name != self.prefix else []
        for end in range(len(parts), -1, -1):
            key = ".".join(parts[:end])
            if key in _MODULES and (key or not parts):
                if _MODULES[key] is None:
                    break
                return ".".join([_MODULES[key], *parts[end:]])
        raise ModuleNotFoundError(
            f"{name}: metaschedule has no such part of TVM; docs/migrating.md lists what it has",
            name=name,
        )

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.prefix and not fullname.startswith(self.prefix + "."):
            return None
        # Packages all of them: what lies below is asked of this finder again.
        return importlib.util.spec_from_loader(fullname, self, is_package=True)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__spec__.name
        try:
            sys.modules[name] = importlib.import_module(self._target(name))
        except ModuleNotFoundError as error:
            if error.name == name:
                raise
            raise ModuleNotFoundError(
                f"{name}: metaschedule has no such part of TVM ({error.name} is not there); "
                "docs/migrating.md lists what it has",
                name=name,
            ) from None


def install(name="tvm"):
    """Makes `import tvm` mean this library, in this process from now on. ImportError when the real
    one is imported already."""
    loaded = sys.modules.get(name)
    if loaded is not None and loaded is not sys.modules[_HERE]:
        raise ImportError(f"{name} is imported already, from {getattr(loaded, '__file__', '?')}")
    if not any(isinstance(f, _Finder) and f.prefix == name for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder(name))


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return importlib.import_module(f"{_HERE}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(str(error)) from None


__path__ = []  # a package, so that `import metaschedule.compat.tvm.tir` asks the finder
sys.meta_path.insert(0, _Finder(_HERE))

from .. import __version__  # noqa: E402, F401
from .._core import TVMError  # noqa: E402, F401
from ..ir import IRModule  # noqa: E402, F401
from ..registry import get_global_func, register_func  # noqa: E402, F401
from ..runtime import (  # noqa: E402, F401
    DataType,
    DataTypeCode,
    build,
    convert,
    cpu,
    device,
    lower,
)
