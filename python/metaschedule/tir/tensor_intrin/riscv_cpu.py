# SPDX-License-Identifier: Apache-2.0
"""RISC-V's vector extension: dot products, made for the length of a target's registers."""

import re
from typing import Dict, Optional, Union

from ... import _core
from ...target import Target

_FEATURE = re.compile(r"\+zvl(\d+)b")


def _register_bits(target: Target) -> Optional[int]:
    """The length that `-mattr` promises: `+zvl<bits>b`, else 128 with `+v`, else None."""
    attrs = [str(a) for a in target.attrs.get("mattr", [])]
    lengths = [int(m.group(1)) for m in map(_FEATURE.fullmatch, attrs) if m]
    if "+v" not in attrs:
        return None
    return max(lengths, default=128)


def register_rvv_isa_intrinsics(
    target: Union[Target, str, dict], inventory_only: bool = False
) -> Dict[str, int]:
    """Registers the intrinsics for a target and returns the number of elements of each by name,
    longest first; none for a target without the extension. With `inventory_only` nothing is
    registered."""
    bits = _register_bits(Target(target) if isinstance(target, (str, dict)) else target)
    if bits is None:
        return {}
    if not inventory_only:
        _core.register_rvv_intrins(bits)
    return dict(_core.rvv_intrins(bits))


def register_riscv_intrinsics(target: Union[Target, str, dict]) -> None:
    """The same, without the list."""
    register_rvv_isa_intrinsics(target)
