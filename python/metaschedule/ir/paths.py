# SPDX-License-Identifier: Apache-2.0
"""Ways from a node to what is below it, as reports of differences write them:
`<root>.functions[I.GlobalVar("main")].body.block.body.seq[0]`."""

import re

from .. import _core


class ObjectPath(str):
    """A way as text, step by step: `ObjectPath.root().attr("body").array_index(0)`."""

    __slots__ = ()

    @staticmethod
    def root() -> "ObjectPath":
        """The way that does not leave the node."""
        return ObjectPath("<root>")

    def attr(self, attr_key: str) -> "ObjectPath":
        """On to a field."""
        return ObjectPath(f"{self}.{attr_key}")

    def array_index(self, index: int) -> "ObjectPath":
        """On to an item of a list."""
        return ObjectPath(f"{self}[{index}]")

    def map_value(self, key) -> "ObjectPath":
        """On to the value of a key: a string, or a GlobalVar."""
        if isinstance(key, str):
            return ObjectPath(f'{self}["{key}"]')
        return ObjectPath(f"{self}[{key!r}]")

    def is_prefix_of(self, other: str) -> bool:
        """Whether the other way starts like this one."""
        return str(other).startswith(self) and str(other)[len(self) :][:1] in ("", ".", "[")


_STEP = re.compile(r'\.(\w+)|\[(\d+)\]|\["([^"]*)"\]|\[I\.GlobalVar\("([^"]*)"\)\]')


def nodes_along(root, path):
    """The root and the nodes on the way that a path says, as far as it goes."""
    path = str(path)
    here, at, nodes = root, len("<root>"), [root]
    if not path.startswith("<root>"):
        raise ValueError(f"expected a path from <root>, found {path!r}")
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            break
        name, index, key, function = step.groups()
        try:
            if name is not None:
                here = getattr(here, name)
            elif function is not None:
                here = next(f for v, f in here.items() if v.name_hint == function)
            else:
                here = here[int(index) if index is not None else key]
        except (AttributeError, IndexError, KeyError, StopIteration, TypeError):
            break
        at = step.end()
        if isinstance(here, _core.Object):
            nodes.append(here)
    return nodes


def underlined(root, path):
    """The text of a node with the place that a path leads to underlined, or what is nearest around
    it of all that the text shows."""
    if not isinstance(root, _core.Object):
        return str(root)
    for node in reversed(nodes_along(root, path)):
        text = _core.to_script(root, syntax_sugar=False, obj_to_underline=[node])
        if "^" in text:
            return text
    return _core.to_script(root, syntax_sugar=False)
