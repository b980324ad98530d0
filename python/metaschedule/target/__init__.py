# SPDX-License-Identifier: Apache-2.0
"""Targets: what programs are compiled for."""

import re

from .. import _core
from ..ir.base import Object, node_class
from . import codegen


def _plain(value):
    """Nested maps and constants as values of Python."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return getattr(value, "value", value)


class _Kind:
    """The kind of a target."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name


@node_class
class Target(Object):
    """`Target("llvm -num-cores 4")`, a tag such as "aws/cpu/c5.9xlarge", a dict, or another target.
    Usable in a `with` statement as the current target."""

    __slots__ = ()

    def __new__(cls, target, host=None):
        if isinstance(target, Target):
            parsed = target
        elif isinstance(target, dict):
            parsed = _core.target_from_dict(target)
        elif isinstance(target, str):
            parsed = _core.parse_target(target)
        else:
            raise ValueError(
                f"target has to be a string or dictionary, found {type(target).__name__}"
            )
        return parsed if host is None else _core.target_with_host(parsed, Target(host))

    @property
    def kind(self) -> _Kind:
        """The kind; its `name` is for instance "llvm"."""
        return _Kind(_core.target_kind(self))

    @property
    def mcpu(self) -> str:
        """The processor to compile for, or ""."""
        return str(self.attrs.get("mcpu", ""))

    def export(self) -> dict:
        """The target as a dict of plain values."""
        return _plain(_core.target_export(self))

    def __str__(self) -> str:
        return _core.target_str(self)

    __repr__ = __str__

    def __enter__(self):
        _scopes.append(self)
        return self

    def __exit__(self, *_exception):
        _scopes.pop()

    @staticmethod
    def current(allow_none: bool = True):
        """The innermost target of a `with` statement; None or ValueError without one."""
        if not _scopes and not allow_none:
            raise ValueError("Target context required. Please set it with `with target:`")
        return _scopes[-1] if _scopes else None


_scopes = []


def hexagon(cpu_ver: str = "v68", **options) -> Target:
    """The target of a Hexagon processor of a version, with these options: `hvx` (bytes of a vector:
    128, 64, or 0 for none), `use_qfloat` (from v68 on), `use_ieee_fp`, `num_cores` (4),
    `vtcm_capacity` (bytes, 0) and `llvm_options` (a string or a list)."""
    version = re.fullmatch(r"v(\d+).*", cpu_ver)
    if version is None:
        raise ValueError(f'cpu_ver: expected a version such as "v68", found {cpu_ver!r}')
    from_v68 = int(version[1]) >= 68
    config = {
        "hvx": 128,
        "use_qfloat": from_v68,
        "use_ieee_fp": False,
        "num_cores": 4,
        "vtcm_capacity": 0,
        "llvm_options": None,
    }
    unknown = sorted(set(options) - set(config))
    if unknown:
        raise ValueError(f"hexagon: expected options among {sorted(config)}, found {unknown}")
    config.update(options)
    if config["hvx"] not in (0, 64, 128):
        raise ValueError(f"hvx: expected 0, 64 or 128, found {config['hvx']}")
    features = []
    if config["hvx"]:
        features = [f"+hvx{cpu_ver}", f"+hvx-length{config['hvx']}b"]
        for option, feature in (("use_qfloat", "hvx-qfloat"), ("use_ieee_fp", "hvx-ieee-fp")):
            if from_v68:
                features.append(("+" if config[option] else "-") + feature)
    llvm_options = config["llvm_options"] or []
    llvm_options = llvm_options.split() if isinstance(llvm_options, str) else list(llvm_options)
    if int(version[1]) == 68:
        llvm_options.append("-force-hvx-float")
    attributes = {
        "kind": "hexagon",
        "mtriple": "hexagon",
        "mcpu": f"hexagon{cpu_ver}",
        "num-cores": config["num_cores"],
        "vtcm-capacity": config["vtcm_capacity"],
    }
    if features:
        attributes["mattr"] = features
    if llvm_options:
        attributes["llvm-options"] = llvm_options
    return Target(attributes)
