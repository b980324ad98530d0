# SPDX-License-Identifier: Apache-2.0
"""Modules, names of functions, intrinsics."""

from .. import _core
from .base import Object, node_class


@node_class
class Op(Object):
    """An intrinsic; `Op.get("tir.exp")` finds one."""

    __slots__ = ()

    @staticmethod
    def get(name: str) -> "Op":
        """The intrinsic of this name; ValueError when there is none."""
        return _core.op_get(name)

    def __repr__(self) -> str:
        return f"Op({self.name})"


@node_class
class GlobalVar(Object):
    """The name of a function in a module."""

    __slots__ = ()

    def __new__(cls, name_hint: str):
        return _core.make_global_var(name_hint)

    def __call__(self, *args):
        """A call of the function, of type void: what it returns is not known here."""
        from ..tir.expr import Call

        return Call("void", self, list(args))

    def __repr__(self) -> str:
        return f'I.GlobalVar("{self.name_hint}")'


@node_class
class IRModule(Object):
    """Functions by name, with attributes and global infos (a dict of lists: `{"vdevice": [...]}`).
    What is stored is immutable: `with_…` and `without_…` return a new module; `mod[name] = func`,
    `del mod[name]` and the `update` methods make this object stand for a changed one, which other
    objects of the same module do not see. TypeError for a global info that is none, and for
    `type_definitions`, which only programs of another language have."""

    __slots__ = ()

    def __new__(cls, functions=None, type_definitions=None, attrs=None, global_infos=None):
        if type_definitions:
            raise TypeError(
                "IRModule: there are no type definitions here; attributes are given as `attrs=`"
            )
        return _core.make_module(dict(functions or {}), dict(attrs or {}), dict(global_infos or {}))

    @staticmethod
    def from_expr(func) -> "IRModule":
        """A module of one function, named by its `global_symbol` or else `main`."""
        return _core.module_from_func(func)

    def __getitem__(self, name):
        return _core.module_lookup(self, getattr(name, "name_hint", name))

    def _become(self, functions):
        _core.rebind(self, _core.make_module(functions, self.attrs, self.global_infos))

    def __setitem__(self, name, func):
        self.update_func(name, func)

    def __delitem__(self, name):
        name = getattr(name, "name_hint", name)
        self[name]  # raises for an unknown one
        self._become({v: f for v, f in self.functions.items() if v.name_hint != name})

    def update_func(self, var, func) -> None:
        """Sets one function, by its GlobalVar or name."""
        _core.rebind(self, _core.module_with_function(self, getattr(var, "name_hint", var), func))

    def update(self, other) -> None:
        """Sets all functions of another module, or of a dict of them."""
        for var, func in (other.functions if isinstance(other, IRModule) else other).items():
            self.update_func(var, func)

    def update_global_info(self, name: str, global_info) -> None:
        """Sets the list of global infos of one name; TypeError for an item that is none."""
        _core.rebind(self, _core.module_with_global_info(self, name, list(global_info)))

    def replace_global_vars(self, replacements) -> "IRModule":
        """A copy with functions under other names, by GlobalVars or names. Calls of them follow."""
        names = {
            getattr(old, "name_hint", old): getattr(new, "name_hint", new)
            for old, new in replacements.items()
        }
        return _core.module_rename(self, names)

    def clone(self) -> "IRModule":
        """The same module as another object."""
        return _core.make_module(dict(self.functions), self.attrs, self.global_infos)

    def get_attr(self, attr_key: str):
        """An attribute, or None."""
        return self.attrs.get(attr_key)

    def with_attrs(self, attr_map) -> "IRModule":
        """A copy with all attributes of a dict."""
        return self.with_attr(dict(attr_map))

    def __contains__(self, name) -> bool:
        return getattr(name, "name_hint", name) in {v.name_hint for v in self.functions}

    def get_global_var(self, name: str) -> GlobalVar:
        """The GlobalVar of this name; ValueError names those that exist."""
        return _core.module_global_var(self, name)

    def get_global_vars(self):
        """All GlobalVars, sorted by name."""
        return sorted(self.functions, key=lambda v: v.name_hint)

    def functions_items(self):
        """(GlobalVar, function) pairs, sorted by name."""
        return sorted(self.functions.items(), key=lambda item: item[0].name_hint)

    def with_function(self, name: str, func) -> "IRModule":
        """A copy with one function set."""
        return _core.module_with_function(self, name, func)

    def with_attr(self, key, value=None) -> "IRModule":
        """A copy with an attribute, or with all of a dict."""
        return _core.module_with_attrs(self, key if isinstance(key, dict) else {key: value})

    def without_attr(self, key: str) -> "IRModule":
        """A copy without an attribute."""
        return _core.module_without_attr(self, key)
