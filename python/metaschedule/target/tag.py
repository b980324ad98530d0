# SPDX-License-Identifier: Apache-2.0
"""Targets by name."""

from .. import _core


def register_tag(name: str, config: dict, override: bool = False):
    """Gives a name to the target that a dict describes; ValueError when it is taken, unless
    `override`."""
    from . import Target

    _core.register_target_tag(name, config, override)
    return Target(name)
