# SPDX-License-Identifier: Apache-2.0
"""Targets: what programs are compiled for."""

import re

from .. import _core
from ..ir.base import Object, node_class
from . import codegen, tag


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

    def _attr(self, name, default=None):
        value = self.attrs.get(name)
        return default if value is None else _plain(value)

    def _needed(self, name):
        value = self._attr(name)
        if value is None:
            raise _core.TVMError(f"target {self}: there is no attribute {name}")
        return value

    @property
    def mcpu(self) -> str:
        """The processor to compile for, or ""."""
        return self._attr("mcpu", "")

    @property
    def mattr(self) -> list:
        """What the processor can do besides: "+avx2"."""
        return self._attr("mattr", [])

    @property
    def arch(self) -> str:
        """The architecture of a GPU ("sm_80"), or ""."""
        return self._attr("arch", "")

    @property
    def model(self) -> str:
        """The model of the device, or "unknown"."""
        return self._attr("model", "unknown")

    @property
    def device_name(self) -> str:
        """The attribute `device`, or ""."""
        return self._attr("device", "")

    @property
    def libs(self) -> list:
        """The libraries that may be called."""
        return self._attr("libs", [])

    @property
    def max_num_threads(self) -> int:
        """Threads of a block, at most; an error where the target does not say."""
        return self._needed("max_num_threads")

    @property
    def max_block_size_x(self) -> int:
        """The largest block in the first direction; an error where the target does not say."""
        return self._needed("max_block_size_x")

    @property
    def max_block_size_y(self) -> int:
        """The same in the second direction."""
        return self._needed("max_block_size_y")

    @property
    def thread_warp_size(self) -> int:
        """Threads that run in step; an error where the target does not say."""
        return self._needed("thread_warp_size")

    @property
    def max_shared_memory_per_block(self) -> int:
        """Bytes of shared memory of a block; an error where the target does not say."""
        return self._needed("max_shared_memory_per_block")

    @property
    def max_function_args(self) -> int:
        """Arguments of a kernel, at most; 0 where the target does not say."""
        return self._attr("max_function_args", 0)

    @property
    def vtcm_capacity(self) -> int:
        """Bytes of Hexagon's close memory, or 0."""
        return self._attr("vtcm-capacity", 0)

    @property
    def l2_cache_size_bytes(self) -> int:
        """Bytes of the second cache, or 0."""
        return self._attr("l2_cache_size_bytes", 0)

    @property
    def supports_integer_dot_product(self) -> bool:
        """Whether four products of bytes are one instruction: as told, or from sm_61 on."""
        told = self._attr("supports_integer_dot_product")
        if told is not None:
            return bool(told)
        version = re.fullmatch(r"sm_(\d+)a?", self.arch)
        return self.kind.name == "cuda" and version is not None and int(version[1]) >= 61

    @property
    def supports_cooperative_matrix(self) -> bool:
        """The attribute of that name, or False."""
        return bool(self._attr("supports_cooperative_matrix", False))

    @property
    def features(self) -> "TargetFeatures":
        """What the architecture can do: `features.has_dotprod`; None for what is not known."""
        return TargetFeatures(self)

    def with_host(self, host) -> "Target":
        """The same target with a host."""
        return _core.target_with_host(self, Target(host))

    def get_target_device_type(self) -> int:
        """The device type as DLPack numbers it: 1 for CPUs, 2 for CUDA, …"""
        return int(self._attr("target_device_type", _core.target_device_type(self)))

    def get_kind_attr(self, attr_name: str):
        """An attribute that all targets of the kind have; None when they have not."""
        return {"is_external_codegen": None, "RelayToTIR": None}.get(attr_name)

    @staticmethod
    def list_kinds() -> list:
        """The names of all kinds."""
        return list(_core.target_kinds())

    @staticmethod
    def from_device(device) -> "Target":
        """The target of a device: the CPU of this machine, the only one that there is."""
        name = device if isinstance(device, str) else getattr(device, "device_type", device)
        name = str(name).split(":")[0]
        if name not in ("cpu", "llvm", "1"):
            raise ValueError(f"from_device: expected a cpu, found {device}")
        return Target(f"llvm -num-cores={_core.available_cores()}")

    @staticmethod
    def canon_target(target):
        """A target from whatever stands for one; None stays None."""
        return None if target is None else Target(target)

    @staticmethod
    def canon_target_and_host(target, target_host=None):
        """(target, its host) with the host given, or else the one that the target has."""
        target = Target.canon_target(target)
        if target is None:
            if target_host is not None:
                raise ValueError("Target host is not empty when target is empty.")
            return None, None
        if target_host is not None:
            target = target.with_host(target_host)
        return target, target.host

    @staticmethod
    def canon_multi_target(multi_targets):
        """A list of targets from one, several, or a dictionary of them; None stays None."""
        if multi_targets is None:
            return None
        if isinstance(multi_targets, dict) and "kind" not in multi_targets:
            multi_targets = list(multi_targets.values())
        several = isinstance(multi_targets, (list, tuple))
        return [Target(t) for t in (multi_targets if several else [multi_targets])]

    @staticmethod
    def canon_target_map_and_host(target_map, target_host=None):
        """({target: value}, host) with all targets given the host."""
        out, host = {}, None
        for target, value in target_map.items():
            target, host = Target.canon_target_and_host(target, target_host)
            out[target] = value
        return out, host

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

# Features of Arm's processors by the name of the architecture extension.
_AARCH64_FEATURES = {
    "has_asimd": "neon",
    "has_sve": "sve",
    "has_dotprod": "dotprod",
    "has_matmul_i8": "i8mm",
    "has_fp16_simd": "fullfp16",
    "has_sme": "sme",
}
_M_PROFILE_DSP = ("cortex-m4", "cortex-m7", "cortex-m33", "cortex-m35p", "cortex-m55", "cortex-m85")
_M_PROFILE_MVE = ("cortex-m55", "cortex-m85")


class TargetFeatures:
    """What a target's architecture can do, as its attributes say."""

    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        target = self._target
        if target._attr("mtriple", "").startswith("aarch64"):
            if name == "is_aarch64":
                return True
            if name in _AARCH64_FEATURES:
                implied = name == "has_asimd" and "-neon" not in target.mattr
                return implied or f"+{_AARCH64_FEATURES[name]}" in target.mattr
        options = {option for entry in target.mattr for option in entry.split("+")}
        cpu, *off = target.mcpu.split("+")
        off = options.union(off)
        if cpu.startswith("cortex-m") and name == "has_dsp":
            return cpu in _M_PROFILE_DSP and "nodsp" not in off
        if cpu.startswith("cortex-m") and name == "has_mve":
            return cpu in _M_PROFILE_MVE and not {"nomve", "nodsp"} & off
        return None


def list_tags() -> dict:
    """The targets that have a name, by it."""
    return {name: Target(name) for name in _core.target_tags()}


def _of_kind(kind, options, **attributes):
    """The text of a target from keyword arguments (None: left out) and further options."""
    words = [kind]
    words += [f"-{key.replace('__', '-')}={value}" for key, value in attributes.items() if value]
    words += [options] if isinstance(options, str) else list(options or [])
    return Target(" ".join(words))


def cuda(model: str = "unknown", arch=None, options=None) -> Target:
    """A GPU of NVIDIA; the architecture is sm_50 unless told."""
    return _of_kind("cuda", options, model=model, arch=arch)


def rocm(model: str = "unknown", options=None) -> Target:
    """A GPU of AMD."""
    return _of_kind("rocm", options, model=model)


def mali(model: str = "unknown", options=None) -> Target:
    """A Mali GPU, by OpenCL."""
    return _of_kind("opencl", options, device="mali", model=model)


def bifrost(model: str = "unknown", options=None) -> Target:
    """A Bifrost GPU, by OpenCL."""
    return _of_kind("opencl", options, device="bifrost", model=model)


def adreno(model: str = "unknown", options=None) -> Target:
    """An Adreno GPU, by OpenCL."""
    return _of_kind("opencl", options, device="adreno", model=model)


def intel_graphics(model: str = "unknown", options=None) -> Target:
    """An integrated GPU of Intel, by OpenCL."""
    return _of_kind("opencl", options, device="intel_graphics", model=model, thread_warp_size=16)


# Boards: their processor.
_ARM_BOARDS = {
    "rasp3b": ("armv7l-linux-gnueabihf", "cortex-a53", "+neon"),
    "rasp4b": ("armv8l-linux-gnueabihf", "cortex-a72", "+neon"),
    "rasp4b64": ("aarch64-linux-gnu", "cortex-a72", "+neon"),
    "rk3399": ("aarch64-linux-gnu", "cortex-a72", "+neon"),
    "pixel2": ("arm64-linux-android", "kryo", "+neon"),
}


def arm_cpu(model: str = "unknown", options=None) -> Target:
    """A processor of Arm: a board of a known name, or any with the `options` that it needs."""
    attributes = {"keys": "arm_cpu,cpu", "device": "arm_cpu", "model": model}
    if model in _ARM_BOARDS:
        attributes.update(zip(("mtriple", "mcpu", "mattr"), _ARM_BOARDS[model]))
    return _of_kind("llvm", options, **attributes)


def riscv_cpu(model: str = "sifive-u54", options=None) -> Target:
    """A processor of RISC-V."""
    boards = {
        "sifive-e31": ("riscv32-unknown-linux-gnu", "sifive-e31", "ilp32"),
        "sifive-e76": ("riscv32-unknown-linux-gnu", "sifive-e76", "ilp32"),
        "sifive-u54": ("riscv64-unknown-linux-gnu", "sifive-u54", "lp64d"),
        "sifive-u74": ("riscv64-unknown-linux-gnu", "sifive-u74", "lp64d"),
    }
    attributes = {"keys": "arm_cpu,cpu", "device": "arm_cpu", "model": model}
    if model in boards:
        attributes.update(zip(("mtriple", "mcpu", "mabi"), boards[model]))
    return _of_kind("llvm", options, **attributes)


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
