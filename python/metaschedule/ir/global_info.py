# SPDX-License-Identifier: Apache-2.0
"""What a module as a whole refers to: virtual devices, and infos that say nothing."""

from .. import _core
from .base import Object, node_class, structural_equal, structural_hash


class GlobalInfo(Object):
    """Base of global infos. `==` compares what they say."""

    __slots__ = ()

    def __eq__(self, other):
        return structural_equal(self, other) if isinstance(other, GlobalInfo) else NotImplemented

    def __hash__(self):
        return structural_hash(self)


@node_class
class VDevice(GlobalInfo):
    """A virtual device: the memory `memory_scope` of device number `vdevice_id` of a kind. `target`
    is a Target or what one is made of; ValueError for anything else. It says where something may
    live, not that the machine has such a device."""

    __slots__ = ()

    def __new__(cls, target=None, vdevice_id: int = 0, memory_scope: str = "global"):
        from ..target import Target

        return _core.make_vdevice(Target(target), vdevice_id, memory_scope)


@node_class
class DummyGlobalInfo(GlobalInfo):
    """A global info that says nothing; any two are equal."""

    __slots__ = ()

    def __new__(cls):
        return _core.make_dummy_global_info()
