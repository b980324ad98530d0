# SPDX-License-Identifier: Apache-2.0
"""Functions by name: what one part of a program registers another looks up."""

from . import _core

_functions = {}


def register_func(name, f=None, override=False):
    """Registers a function: `register_func("my.add", f)`, or a decorator with or without a name."""
    if callable(name):
        return register_func(name.__name__, name, override)

    def register(function):
        if name in _functions and not override:
            raise ValueError(f"Global PackedFunc {name} is already registered")
        _functions[name] = function
        if name.startswith("meta_schedule."):
            # ApplyCustomRule looks for it by this name.
            _core.register_custom_rule(name, function)
        return function

    return register(f) if f is not None else register


def get_global_func(name: str, allow_missing: bool = False):
    """What is registered under `name`; ValueError, or None with `allow_missing`, otherwise."""
    if name not in _functions and not allow_missing:
        raise ValueError(f"Cannot find global function {name}")
    return _functions.get(name)


def list_global_func_names():
    """All registered names."""
    return sorted(_functions)
