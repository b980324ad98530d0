# SPDX-License-Identifier: Apache-2.0
"""The base of node classes, containers, and structural comparison."""

from .. import _core
from .paths import ObjectPath, nodes_along, underlined


class Object(_core.Object):
    """An immutable node of a program. Fields are read-only attributes; `==` is identity."""

    __slots__ = ()

    @property
    def type_key(self) -> str:
        """The name of the node's kind in files, for instance `tir.For`."""
        return _core.type_key_of(self)

    def same_as(self, other) -> bool:
        """True when both are the same node."""
        return _core.Object.__eq__(self, other) is True

    def script(self, *, path_to_underline=None, path_to_annotate=None, **options) -> str:
        """The node as TVMScript. Options: name, show_meta, ir_prefix, tir_prefix, buffer_dtype,
        int_dtype, float_dtype, indent_spaces, syntax_sugar, print_line_numbers, module_alias (a
        name that nothing takes), show_object_address; obj_to_underline (a list of nodes),
        obj_to_annotate (a dict from nodes to remarks), num_context_lines (left around what is
        underlined), dialect ("block", or "sblock" for the spelling of later versions of TVM).
        Places may also be told as paths from here, `<root>.body`. TypeError for another option."""
        if path_to_underline:
            paths = [path_to_underline] if isinstance(path_to_underline, str) else path_to_underline
            found = [nodes_along(self, path)[-1] for path in paths]
            options["obj_to_underline"] = [*(options.get("obj_to_underline") or ()), *found]
        if path_to_annotate:
            notes = dict(options.get("obj_to_annotate") or {})
            notes.update({nodes_along(self, p)[-1]: note for p, note in path_to_annotate.items()})
            options["obj_to_annotate"] = notes
        return _core.to_script(self, **options)

    def show(self, style=None, black_format=None, **options) -> None:
        """Prints `script()`, coloured where a terminal shows it and pygments is there. `style`:
        "light", "dark" or "ansi", by default what TVM_PYGMENTIZE_STYLE says; `black_format` passes
        the text through black where that is there."""
        from .highlight import highlighted

        print(highlighted(self.script(**options), style, black_format))

    def __repr__(self) -> str:
        return self.script()

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(_core.field_names(_core.kind_of(self))))

    def __reduce__(self):
        return _core.load_json, (_core.save_json(self),)


def save_json(node) -> str:
    """The node and all it refers to as JSON text."""
    return _core.save_json(node)


def load_json(json_str: str):
    """The node that `save_json` wrote; ParseError for other text."""
    return _core.load_json(json_str)


class Array(tuple):
    """An immutable sequence, as attributes of nodes return it."""

    __slots__ = ()

    def __getitem__(self, index):
        item = tuple.__getitem__(self, index)
        return list(item) if isinstance(index, slice) else item

    def __eq__(self, other):
        return tuple(self) == tuple(other) if isinstance(other, (tuple, list)) else NotImplemented

    __hash__ = tuple.__hash__


class Map(dict):
    """A map, as attributes of nodes return it; changing it does not change the node."""


_core.register_containers(Array, Map)


def node_class(cls=None, *, kind=None):
    """Registers a class as the Python face of a node kind (by default the class's own name)."""

    def register(cls):
        _core.register_class(kind or cls.__name__, cls)
        return cls

    return register if cls is None else register(cls)


def structural_equal(lhs, rhs, map_free_vars: bool = False) -> bool:
    """Equality up to the names of variables, buffers and blocks."""
    return _core.structural_equal(lhs, rhs, map_free_vars)


def structural_hash(node, map_free_vars: bool = False) -> int:
    """A hash that structurally equal values share."""
    return _core.structural_hash(node, map_free_vars)


def get_first_structural_mismatch(lhs, rhs, map_free_vars: bool = False):
    """The paths to the first difference on both sides; None where there is none."""
    found = _core.first_mismatch(lhs, rhs, map_free_vars)
    return found and tuple(map(ObjectPath, found))


def assert_structural_equal(lhs, rhs, map_free_vars: bool = False) -> None:
    """Raises ValueError, with both programs and the first difference underlined in them, unless
    equal."""
    found = _core.first_mismatch(lhs, rhs, map_free_vars)
    if found is None:
        return
    left, right = found
    raise ValueError(
        f"StructuralEqual check failed, caused by lhs at {left}:\n{underlined(lhs, left)}\n"
        f"and rhs at {right}:\n{underlined(rhs, right)}"
    )
