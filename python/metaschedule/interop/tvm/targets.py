# SPDX-License-Identifier: Apache-2.0
"""Targets, both ways."""

import tvm

from ...target import Target
from .errors import InteropError


def plain(value):
    """Maps, arrays and strings of TVM as those of Python."""
    if isinstance(value, (dict, tvm.ir.Map)):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, tvm.ir.Array)):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def target_from_tvm(target):
    """A target of TVM, or what TVM makes one of, as ours."""
    if not isinstance(target, tvm.target.Target):
        target = tvm.target.Target(target)
    exported = plain(target.export())
    try:
        return Target(exported)
    except Exception as error:
        raise InteropError(f"target {target}: {error}") from error


def target_to_tvm(target):
    """A target of ours as TVM's."""
    try:
        return tvm.target.Target(target.export())
    except Exception as error:
        raise InteropError(f"target {target}: {error}") from error
