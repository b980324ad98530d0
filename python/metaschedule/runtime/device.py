# SPDX-License-Identifier: Apache-2.0
"""Devices. There is only the CPU."""

from typing import NamedTuple


class Device(NamedTuple):
    """Where a compiled program runs."""

    device_type: str
    device_id: int = 0

    def sync(self) -> None:
        """Waits for the device; the CPU is never behind."""


def device(device_type: str, device_id: int = 0) -> Device:
    """The device of a kind of target; ValueError for one that is not there."""
    if device_type not in ("llvm", "cpu", "c"):
        raise ValueError(f"expected a device of kind llvm or cpu, found {device_type}")
    return Device("cpu", device_id)


def cpu(device_id: int = 0) -> Device:
    """The CPU."""
    return Device("cpu", device_id)
