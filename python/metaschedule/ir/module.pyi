# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class

class Op(Object):
    """
    An intrinsic; `Op.get("tir.exp")` finds one.
    """
    ...
    @staticmethod
    def get(name: str) -> Op:
        """
        The intrinsic of this name; ValueError when there is none.
        """
        ...
    def __repr__(self) -> str:
        ...
    @property
    def name(self) -> str: ...

class GlobalVar(Object):
    """
    The name of a function in a module.
    """
    ...
    def __new__(cls, name_hint: str) -> typing_extensions.Self:
        ...
    def __call__(self, *args: typing.Any) -> typing.Any:
        """
        A call of the function, of type void: what it returns is not known here.
        """
        ...
    def __repr__(self) -> str:
        ...
    @property
    def name_hint(self) -> str: ...

class IRModule(Object):
    """
    Functions by name, with attributes and global infos (a dict of lists: `{"vdevice": [...]}`).
    What is stored is immutable: `with_…` and `without_…` return a new module; `mod[name] = func`,
    `del mod[name]` and the `update` methods make this object stand for a changed one, which other
    objects of the same module do not see. TypeError for a global info that is none, and for
    `type_definitions`, which only programs of another language have.
    """
    ...
    def __new__(cls, functions: typing.Any = None, type_definitions: typing.Any = None, attrs: typing.Any = None, global_infos: typing.Any = None) -> typing_extensions.Self:
        ...
    @staticmethod
    def from_expr(func: typing.Any) -> IRModule:
        """
        A module of one function, named by its `global_symbol` or else `main`.
        """
        ...
    def __getitem__(self, name: typing.Any) -> typing.Any:
        ...
    def __setitem__(self, name: typing.Any, func: typing.Any) -> typing.Any:
        ...
    def __delitem__(self, name: typing.Any) -> typing.Any:
        ...
    def update_func(self, var: typing.Any, func: typing.Any) -> None:
        """
        Sets one function, by its GlobalVar or name.
        """
        ...
    def update(self, other: typing.Any) -> None:
        """
        Sets all functions of another module, or of a dict of them.
        """
        ...
    def update_global_info(self, name: str, global_info: typing.Any) -> None:
        """
        Sets the list of global infos of one name; TypeError for an item that is none.
        """
        ...
    def replace_global_vars(self, replacements: typing.Any) -> IRModule:
        """
        A copy with functions under other names, by GlobalVars or names. Calls of them follow.
        """
        ...
    def clone(self) -> IRModule:
        """
        The same module as another object.
        """
        ...
    def get_attr(self, attr_key: str) -> typing.Any:
        """
        An attribute, or None.
        """
        ...
    def with_attrs(self, attr_map: typing.Any) -> IRModule:
        """
        A copy with all attributes of a dict.
        """
        ...
    def __contains__(self, name: typing.Any) -> bool:
        ...
    def get_global_var(self, name: str) -> GlobalVar:
        """
        The GlobalVar of this name; ValueError names those that exist.
        """
        ...
    def get_global_vars(self) -> typing.Any:
        """
        All GlobalVars, sorted by name.
        """
        ...
    def functions_items(self) -> typing.Any:
        """
        (GlobalVar, function) pairs, sorted by name.
        """
        ...
    def with_function(self, name: str, func: typing.Any) -> IRModule:
        """
        A copy with one function set.
        """
        ...
    def with_attr(self, key: typing.Any, value: typing.Any = None) -> IRModule:
        """
        A copy with an attribute, or with all of a dict.
        """
        ...
    def without_attr(self, key: str) -> IRModule:
        """
        A copy without an attribute.
        """
        ...
    @property
    def functions(self) -> typing.Any: ...
    @property
    def attrs(self) -> Map: ...
    @property
    def global_infos(self) -> Map: ...
