# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
import typing_extensions
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class

class _Kind:
    """
    The kind of a target.
    """
    ...
    def __init__(self, name: typing.Any) -> None:
        ...
    def __str__(self) -> str:
        ...

class Target(Object):
    """
    `Target("llvm -num-cores 4")`, a tag such as "aws/cpu/c5.9xlarge", a dict, or another target.
    Usable in a `with` statement as the current target.
    """
    ...
    def __new__(cls, target: typing.Any, host: typing.Any = None) -> typing_extensions.Self:
        ...
    @property
    def kind(self) -> _Kind:
        """
        The kind; its `name` is for instance "llvm".
        """
        ...
    @property
    def mcpu(self) -> str:
        """
        The processor to compile for, or "".
        """
        ...
    @property
    def mattr(self) -> list:
        """
        What the processor can do besides: "+avx2".
        """
        ...
    @property
    def arch(self) -> str:
        """
        The architecture of a GPU ("sm_80"), or "".
        """
        ...
    @property
    def model(self) -> str:
        """
        The model of the device, or "unknown".
        """
        ...
    @property
    def device_name(self) -> str:
        """
        The attribute `device`, or "".
        """
        ...
    @property
    def libs(self) -> list:
        """
        The libraries that may be called.
        """
        ...
    @property
    def max_num_threads(self) -> int:
        """
        Threads of a block, at most; an error where the target does not say.
        """
        ...
    @property
    def max_block_size_x(self) -> int:
        """
        The largest block in the first direction; an error where the target does not say.
        """
        ...
    @property
    def max_block_size_y(self) -> int:
        """
        The same in the second direction.
        """
        ...
    @property
    def thread_warp_size(self) -> int:
        """
        Threads that run in step; an error where the target does not say.
        """
        ...
    @property
    def max_shared_memory_per_block(self) -> int:
        """
        Bytes of shared memory of a block; an error where the target does not say.
        """
        ...
    @property
    def max_function_args(self) -> int:
        """
        Arguments of a kernel, at most; 0 where the target does not say.
        """
        ...
    @property
    def vtcm_capacity(self) -> int:
        """
        Bytes of Hexagon's close memory, or 0.
        """
        ...
    @property
    def l2_cache_size_bytes(self) -> int:
        """
        Bytes of the second cache, or 0.
        """
        ...
    @property
    def supports_integer_dot_product(self) -> bool:
        """
        Whether four products of bytes are one instruction: as told, or from sm_61 on.
        """
        ...
    @property
    def supports_cooperative_matrix(self) -> bool:
        """
        The attribute of that name, or False.
        """
        ...
    @property
    def features(self) -> TargetFeatures:
        """
        What the architecture can do: `features.has_dotprod`; None for what is not known.
        """
        ...
    def with_host(self, host: typing.Any) -> Target:
        """
        The same target with a host.
        """
        ...
    def get_target_device_type(self) -> int:
        """
        The device type as DLPack numbers it: 1 for CPUs, 2 for CUDA, …
        """
        ...
    def get_kind_attr(self, attr_name: str) -> typing.Any:
        """
        An attribute that all targets of the kind have; None when they have not.
        """
        ...
    @staticmethod
    def list_kinds() -> list:
        """
        The names of all kinds.
        """
        ...
    @staticmethod
    def from_device(device: typing.Any) -> Target:
        """
        The target of a device: the CPU of this machine, the only one that there is.
        """
        ...
    @staticmethod
    def canon_target(target: typing.Any) -> typing.Any:
        """
        A target from whatever stands for one; None stays None.
        """
        ...
    @staticmethod
    def canon_target_and_host(target: typing.Any, target_host: typing.Any = None) -> typing.Any:
        """
        (target, its host) with the host given, or else the one that the target has.
        """
        ...
    @staticmethod
    def canon_multi_target(multi_targets: typing.Any) -> typing.Any:
        """
        A list of targets from one, several, or a dictionary of them; None stays None.
        """
        ...
    @staticmethod
    def canon_target_map_and_host(target_map: typing.Any, target_host: typing.Any = None) -> typing.Any:
        """
        ({target: value}, host) with all targets given the host.
        """
        ...
    def export(self) -> dict:
        """
        The target as a dict of plain values.
        """
        ...
    def __str__(self) -> str:
        ...
    def __repr__(self) -> str:
        ...
    def __enter__(self) -> typing.Any:
        ...
    def __exit__(self, *_exception: typing.Any) -> typing.Any:
        ...
    @staticmethod
    def current(allow_none: bool = True) -> typing.Any:
        """
        The innermost target of a `with` statement; None or ValueError without one.
        """
        ...
    @property
    def tag(self) -> str: ...
    @property
    def keys(self) -> Array: ...
    @property
    def attrs(self) -> Map: ...
    @property
    def host(self) -> typing.Any: ...

class TargetFeatures:
    """
    What a target's architecture can do, as its attributes say.
    """
    ...
    def __init__(self, target: typing.Any) -> None:
        ...
    def __getattr__(self, name: typing.Any) -> typing.Any:
        ...

def list_tags() -> dict:
    """
    The targets that have a name, by it.
    """
    ...

def cuda(model: str = 'unknown', arch: typing.Any = None, options: typing.Any = None) -> Target:
    """
    A GPU of NVIDIA; the architecture is sm_50 unless told.
    """
    ...

def rocm(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    A GPU of AMD.
    """
    ...

def mali(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    A Mali GPU, by OpenCL.
    """
    ...

def bifrost(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    A Bifrost GPU, by OpenCL.
    """
    ...

def adreno(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    An Adreno GPU, by OpenCL.
    """
    ...

def intel_graphics(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    An integrated GPU of Intel, by OpenCL.
    """
    ...

def arm_cpu(model: str = 'unknown', options: typing.Any = None) -> Target:
    """
    A processor of Arm: a board of a known name, or any with the `options` that it needs.
    """
    ...

def riscv_cpu(model: str = 'sifive-u54', options: typing.Any = None) -> Target:
    """
    A processor of RISC-V.
    """
    ...

def hexagon(cpu_ver: str = 'v68', **options: typing.Any) -> Target:
    """
    The target of a Hexagon processor of a version, with these options: `hvx` (bytes of a vector:
    128, 64, or 0 for none), `use_qfloat` (from v68 on), `use_ieee_fp`, `num_cores` (4),
    `vtcm_capacity` (bytes, 0) and `llvm_options` (a string or a list).
    """
    ...
