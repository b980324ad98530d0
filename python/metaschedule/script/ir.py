# SPDX-License-Identifier: Apache-2.0
"""`I`: modules, their attributes and their global infos."""

import inspect
import sys

from .. import _core
from ..ir import DummyGlobalInfo, Range, VDevice
from .frontend import captured_by_class, parse, source_of


def ir_module(cls=None, check_well_formed=True):
    """The IRModule whose functions are the `@T.prim_func` definitions of a class."""
    frame = sys._getframe(1)

    def decorate(cls):
        text, first_line = source_of(cls)
        file = inspect.getsourcefile(cls) or "<string>"
        parsed = parse(text, captured_by_class(cls, frame), file, first_line)
        if check_well_formed:
            _core.check_well_formed(parsed)
        return parsed

    return decorate(cls) if cls is not None else decorate


def vdevice(target=None, vdevice_id: int = 0, memory_scope: str = "global") -> VDevice:
    """A virtual device; `target` is a Target or what one is made of."""
    return VDevice(target, vdevice_id, memory_scope)


def dummy_global_info() -> DummyGlobalInfo:
    """A global info that says nothing."""
    return DummyGlobalInfo()


def _is_class_body(frame) -> bool:
    return "__qualname__" in frame.f_locals and "__module__" in frame.f_locals


def _left_to_the_parser(name):
    """In the body of a class Python passes over what the parser reads there. Anywhere else nobody
    would read it: ValueError."""
    if not _is_class_body(sys._getframe(2)):
        raise ValueError(
            f"I.{name} can only be used in a module: in the class under @I.ir_module, where the "
            "parser reads it"
        )


def module_attrs(attrs, allow_overwrite: bool = False) -> None:
    """Sets the attributes of the module; an error where it has some, unless `allow_overwrite`."""
    _left_to_the_parser("module_attrs")


def module_get_attr(attr_key: str):
    """An attribute of the module as set so far, or None."""
    _left_to_the_parser("module_get_attr")


def module_set_attr(attr_key: str, attr_value, allow_overwrite: bool = False) -> None:
    """Sets one attribute of the module; an error where it is there, unless `allow_overwrite`. The
    value None takes it away."""
    _left_to_the_parser("module_set_attr")


def module_global_infos(global_infos) -> None:
    """Sets the global infos of the module, lists by name: `{"vdevice": [I.vdevice("llvm")]}`; an
    error where it has some."""
    _left_to_the_parser("module_global_infos")


def lookup_vdevice(target_kind=None, device_index: int = -1):
    """The virtual device number `device_index` among those of the module whose target has this
    kind, or among all (None, "vdevice"); the only one without an index. Functions see all devices
    of their module, statements of the class those that stand above them."""
    _left_to_the_parser("lookup_vdevice")


__all__ = [
    "Range",
    "dummy_global_info",
    "ir_module",
    "lookup_vdevice",
    "module_attrs",
    "module_get_attr",
    "module_global_infos",
    "module_set_attr",
    "vdevice",
]
