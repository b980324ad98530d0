# SPDX-License-Identifier: Apache-2.0
"""Functions by name: what one part of a program registers another looks up."""

import importlib

from . import _core

_functions = {}

# Dicts of what this library itself registers, as (module, name), by the prefix of its names.
_TABLES = {
    "meta_schedule.": ("metaschedule.functions", "FUNCTIONS"),
    "tir.schedule.": ("metaschedule.tir.schedule.functions", "FUNCTIONS"),
    "tvm.meta_schedule.": ("metaschedule.functions", "SESSION_FUNCTIONS"),
}

# Custom schedule rules of this library that are written in Python, as (module, name).
_RULES = {
    "meta_schedule.cuda.layout_transform": (
        "metaschedule.schedule.cuda.layout_transform",
        "cuda_layout_transform",
    ),
}


def _register_rule(name):
    module, function = _RULES[name]

    def rule(sch, block):
        return getattr(importlib.import_module(module), function)(sch, block)

    _core.register_custom_rule(name, rule)


# ApplyCustomRule does not look here.
for _name in _RULES:
    _register_rule(_name)


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


def _ours():
    return {
        prefix + name: function
        for prefix, (module, table) in _TABLES.items()
        for name, function in getattr(importlib.import_module(module), table).items()
    }


def get_global_func(name: str, allow_missing: bool = False):
    """What is registered under `name`; ValueError, or None with `allow_missing`, otherwise."""
    if name in _functions:
        return _functions[name]
    found = _ours().get(name) if name.startswith(tuple(_TABLES)) else None
    if found is None and not allow_missing:
        raise ValueError(f"Cannot find global function {name}")
    return found


def remove_global_func(name: str) -> None:
    """Forgets what was registered under `name`, if anything was; what this library itself
    registers stays."""
    if _functions.pop(name, None) is not None and name.startswith("meta_schedule."):
        _core.remove_custom_rule(name)
        if name in _RULES:
            _register_rule(name)


def list_global_func_names():
    """All registered names."""
    return sorted({**_ours(), **_functions})
