# SPDX-License-Identifier: Apache-2.0
"""Devices. There is only the CPU."""

from typing import NamedTuple


class Device(NamedTuple):
    """Where a compiled program runs."""

    device_type: str
    device_id: int = 0

    @property
    def exist(self) -> bool:
        """Whether programs can run on it."""
        return self.device_type == "cpu"

    def sync(self, stream=None) -> None:
        """Waits for the device; the CPU is never behind."""

    def __str__(self) -> str:
        return f"{self.device_type}({self.device_id})"


def device(device_type: str, device_id: int = 0) -> Device:
    """The device of a kind of target; ValueError for one that is not there."""
    name, _, number = str(device_type).partition(":")
    name = name.split()[0] if name.split() else ""
    if name not in ("llvm", "cpu", "c"):
        raise ValueError(f"expected a device of kind llvm or cpu, found {device_type}")
    return Device("cpu", int(number) if number else device_id)


def cpu(device_id: int = 0) -> Device:
    """The CPU."""
    return Device("cpu", device_id)


def enabled(target: str) -> bool:
    """Whether programs can be compiled for a kind of target and run here."""
    return str(target).split()[:1] in (["llvm"], ["cpu"])
