# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class
from metaschedule.ir.base import structural_equal as structural_equal
from metaschedule.ir.base import structural_hash as structural_hash

class GlobalInfo(Object):
    """
    Base of global infos. `==` compares what they say.
    """
    ...
    def __eq__(self, other: object) -> typing.Any: ...

class VDevice(GlobalInfo):
    """
    A virtual device: the memory `memory_scope` of device number `vdevice_id` of a kind. `target`
    is a Target or what one is made of; ValueError for anything else. It says where something may
    live, not that the machine has such a device.
    """
    ...
    def __new__(cls, target: typing.Any = None, vdevice_id: int = 0, memory_scope: str = 'global') -> typing_extensions.Self:
        ...
    @property
    def target(self) -> typing.Any: ...
    @property
    def vdevice_id(self) -> int: ...
    @property
    def memory_scope(self) -> str: ...

class DummyGlobalInfo(GlobalInfo):
    """
    A global info that says nothing; any two are equal.
    """
    ...
    def __new__(cls) -> typing_extensions.Self:
        ...
