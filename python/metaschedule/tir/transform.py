# SPDX-License-Identifier: Apache-2.0
"""The passes of lowering, one by one: `Simplify()(mod)`. Each is here under TVM's name for it; a
name that this library has no pass for raises AttributeError."""

from .. import _core
from ..transform import Pass, PassInfo, prim_func_pass


def _constructor(name, doc):
    def make(*_args, **_options):
        return Pass(lambda mod, _context: _core.run_pass(mod, name), PassInfo(f"tir.{name}"))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = doc
    return make


_names = []
for _name, _doc in _core.pass_table():
    globals()[_name] = _constructor(_name, _doc)
    _names.append(_name)


def VectorizeLoop(enable_vectorize=True):  # noqa: N802
    """Vectorised loops become vector statements, or serial loops without `enable_vectorize`."""
    return Pass(
        lambda mod, _context: _core.vectorize_loop(mod, bool(enable_vectorize)),
        PassInfo("tir.VectorizeLoop"),
    )


def Apply(function):  # noqa: N802
    """A pass that replaces each function by what `function` makes of it."""
    return prim_func_pass(lambda func, _mod, _context: function(func), name="Apply")


def __getattr__(name):
    raise AttributeError(f"tir.transform has no pass {name}; docs/migrating.md lists what there is")


__all__ = ["Apply", "prim_func_pass", *_names]
