# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
from metaschedule import _core
from metaschedule.ir.paths import ObjectPath as ObjectPath
from metaschedule.ir.paths import nodes_along as nodes_along
from metaschedule.ir.paths import underlined as underlined

class Object(_core.Object):
    """
    An immutable node of a program. Fields are read-only attributes; `==` is identity.
    """
    ...
    @property
    def type_key(self) -> str:
        """
        The name of the node's kind in files, for instance `tir.For`.
        """
        ...
    def same_as(self, other: typing.Any) -> bool:
        """
        True when both are the same node.
        """
        ...
    def script(self, *, path_to_underline: typing.Any = None, path_to_annotate: typing.Any = None, **options: typing.Any) -> str:
        """
        The node as TVMScript. Options: name, show_meta, ir_prefix, tir_prefix, buffer_dtype,
        int_dtype, float_dtype, indent_spaces, syntax_sugar, print_line_numbers, module_alias (a
        name that nothing takes), show_object_address; obj_to_underline (a list of nodes),
        obj_to_annotate (a dict from nodes to remarks), num_context_lines (left around what is
        underlined), dialect ("block", or "sblock" for the spelling of later versions of TVM).
        Places may also be told as paths from here, `<root>.body`. TypeError for another option.
        """
        ...
    def show(self, style: typing.Any = None, black_format: typing.Any = None, **options: typing.Any) -> None:
        """
        Prints `script()`, coloured where a terminal shows it and pygments is there. `style`:
        "light", "dark" or "ansi", by default what TVM_PYGMENTIZE_STYLE says; `black_format` passes
        the text through black where that is there.
        """
        ...
    def __repr__(self) -> str:
        ...
    def __dir__(self) -> typing.Any:
        ...
    def __reduce__(self) -> typing.Any:
        ...

def save_json(node: typing.Any) -> str:
    """
    The node and all it refers to as JSON text.
    """
    ...

def load_json(json_str: str) -> typing.Any:
    """
    The node that `save_json` wrote; ParseError for other text.
    """
    ...

class Array(tuple):
    """
    An immutable sequence, as attributes of nodes return it.
    """
    ...
    def __getitem__(self, index: typing.Any) -> typing.Any:
        ...
    def __eq__(self, other: object) -> typing.Any: ...
    @property
    def items(self) -> Array: ...

class Map(dict):
    """
    A map, as attributes of nodes return it; changing it does not change the node.
    """
    ...
    @property
    def items(self) -> Map: ...

def node_class(cls, *, kind: typing.Any = None) -> typing.Any:
    """
    Registers a class as the Python face of a node kind (by default the class's own name).
    """
    ...

def structural_equal(lhs: typing.Any, rhs: typing.Any, map_free_vars: bool = False) -> bool:
    """
    Equality up to the names of variables, buffers and blocks.
    """
    ...

def structural_hash(node: typing.Any, map_free_vars: bool = False) -> int:
    """
    A hash that structurally equal values share.
    """
    ...

def get_first_structural_mismatch(lhs: typing.Any, rhs: typing.Any, map_free_vars: bool = False) -> typing.Any:
    """
    The paths to the first difference on both sides; None where there is none.
    """
    ...

def assert_structural_equal(lhs: typing.Any, rhs: typing.Any, map_free_vars: bool = False) -> None:
    """
    Raises ValueError, with both programs and the first difference underlined in them, unless
    equal.
    """
    ...
